package io.calco.volume.lvm;

import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import io.calco.disk.bytes.LittleEndian;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// The first bytes of a physical volume as `pvcreate` and `vgcfgrestore` make them: the label in
/// sector 1, and one copy of the metadata from byte 4096 on.
final class NewPhysicalVolume {
  private static final int AREA = 4096; // a page, as LVM2 has it
  private static final int RING = 512;
  private static final int LABEL = PvLabel.SECTOR;
  private static final int CONTENT = 32;
  private static final int EXTENSION_VERSION = 2;
  private static final int USED = 1;
  private static final long START_MAX = 64L << 20; // ours; LVM2's default is 1 MiB

  private NewPhysicalVolume() {}

  /// Everything up to the metadata's end.
  ///
  /// @param size of the volume, in bytes
  /// @throws LimitExceededException when there is no room for the metadata before the extents
  static byte[] head(GroupText text, GroupMap.Device device, long size)
      throws CorruptImageException, LimitExceededException {
    byte[] metadata = TextWriter.write(nameFirst(text));
    long area = device.start() - AREA;
    if (device.start() > START_MAX || metadata.length > area - RING) {
      throw new LimitExceededException(
          "LVM2: physical volume %s: %d bytes of metadata before extents that begin at 0x%x"
              .formatted(device.uuid(), metadata.length, device.start()));
    }
    byte[] head = new byte[AREA + RING + metadata.length];
    label(head, device, area, size);
    header(head, area, metadata);
    System.arraycopy(metadata, 0, head, AREA + RING, metadata.length);
    return head;
  }

  /// LVM2 looks for the group's name in the text's first bytes.
  private static Section nameFirst(GroupText text) {
    Section ordered = new Section("");
    ordered.put(text.name(), text.group());
    for (Map.Entry<String, ConfigNode> entry : text.all().nodes().entrySet()) {
      if (!entry.getKey().equals(text.name())) {
        ordered.put(entry.getKey(), entry.getValue());
      }
    }
    return ordered;
  }

  private static void label(byte[] head, GroupMap.Device device, long area, long size) {
    byte[] sector = new byte[LABEL];
    ascii(sector, 0, "LABELONE");
    LittleEndian.put64(sector, 8, 1);
    LittleEndian.put32(sector, 20, CONTENT);
    ascii(sector, 24, "LVM2 001");
    int at = CONTENT;
    System.arraycopy(device.uuid().raw(), 0, sector, at, LvmUuid.RAW_BYTES);
    at += LvmUuid.RAW_BYTES;
    LittleEndian.put64(sector, at, size);
    LittleEndian.put64(sector, at + 8, device.start()); // data, to its end
    LittleEndian.put64(
        sector, at + 40, AREA); // metadata, behind the entry that ends the first list
    LittleEndian.put64(sector, at + 48, area);
    LittleEndian.put32(sector, at + 72, EXTENSION_VERSION); // behind the second list's end
    LittleEndian.put32(sector, at + 76, USED);
    LittleEndian.put32(sector, 16, MetadataSum.of(sector, 20, LABEL));
    System.arraycopy(sector, 0, head, LABEL, LABEL);
  }

  private static void header(byte[] head, long area, byte[] metadata) {
    byte[] sector = new byte[RING];
    ascii(sector, 4, " LVM2 x[5A%r0N*>");
    LittleEndian.put32(sector, 20, 1);
    LittleEndian.put64(sector, 24, AREA);
    LittleEndian.put64(sector, 32, area);
    LittleEndian.put64(sector, 40, RING);
    LittleEndian.put64(sector, 48, metadata.length);
    LittleEndian.put32(sector, 56, MetadataSum.of(metadata));
    LittleEndian.put32(sector, 0, MetadataSum.of(sector, 4, RING));
    System.arraycopy(sector, 0, head, AREA, RING);
  }

  private static void ascii(byte[] bytes, int at, String text) {
    byte[] letters = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(letters, 0, bytes, at, letters.length);
  }
}
