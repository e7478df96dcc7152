package io.calco.fs.ntfs;

import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Whether a volume was left in order, so that it may be changed.
final class Soundness {
  private Soundness() {}

  /// @throws UnsupportedFeatureException when it was not, or is of a version that is only read
  static void require(Volume volume) throws IOException {
    refuseOld(volume);
    if ((volume.flags() & Volume.DIRTY) != 0 || !LogState.isClean(volume)) {
      throw new UnsupportedFeatureException(
          "NTFS: the volume was not left in order; run chkdsk /f in its Windows, or ntfsfix -d,"
              + " before it is written or shrunk");
    }
    refuseHibernated(volume);
  }

  private static void refuseOld(Volume volume) throws IOException {
    byte[] information =
        volume.file(Volume.VOLUME).find(AttributeType.VOLUME_INFORMATION, "").orElseThrow().value();
    if (information[8] != 3) {
      throw new UnsupportedFeatureException(
          "NTFS %d.%d: Calco reads it, but neither writes nor shrinks it"
              .formatted(information[8], information[9]));
    }
  }

  private static void refuseHibernated(Volume volume) throws IOException {
    Optional<FileIndex.Entry> entry = volume.file(Volume.ROOT).names().find("hiberfil.sys");
    if (entry.isEmpty()) {
      return;
    }
    byte[] magic = new byte[4];
    Content data = volume.fileAt(entry.get().reference()).data();
    volume.reader.read(data, 0, MemorySegment.ofArray(magic));
    String text = new String(magic, StandardCharsets.ISO_8859_1);
    if (text.equalsIgnoreCase("hibr") || text.equalsIgnoreCase("wake")) {
      throw new UnsupportedFeatureException(
          "NTFS: its Windows is hibernated, or was shut down for a fast start; start it and shut it"
              + " down with shutdown /s /t 0, or powercfg /h off, before it is written or shrunk");
    }
  }
}
