package io.calco.disk.dmg;

import io.calco.disk.FormatOpenOptions;
import io.calco.disk.HostFile;
import io.calco.disk.OpenedFormat;
import io.calco.disk.ReadOnlyFormat;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;

/// Apple disk images, read only.
public final class DmgFormat extends ReadOnlyFormat {
  private static final String ENCRYPTED = "encrcdsa";

  /// For [java.util.ServiceLoader].
  public DmgFormat() {}

  @Override
  public String name() {
    return "dmg";
  }

  @Override
  public boolean probe(HostFile file) throws IOException {
    return Koly.isIn(file) || isEncrypted(file);
  }

  @Override
  public boolean markedAtEnd() {
    return true;
  }

  private static boolean isEncrypted(HostFile file) throws IOException {
    if (file.size() < ENCRYPTED.length()) {
      return false;
    }
    byte[] start = new byte[ENCRYPTED.length()];
    file.read(0, MemorySegment.ofArray(start));
    return new String(start, StandardCharsets.ISO_8859_1).equals(ENCRYPTED);
  }

  @Override
  protected OpenedFormat open(HostFile file, FormatOpenOptions options) throws IOException {
    if (isEncrypted(file)) {
      throw new UnsupportedFeatureException(
          file.name() + ": an encrypted Apple disk image, which is not supported");
    }
    return new DmgImage(file);
  }
}
