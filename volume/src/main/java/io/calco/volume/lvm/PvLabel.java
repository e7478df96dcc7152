package io.calco.volume.lvm;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The label of a physical volume: one of the disk's first four sectors of 512 bytes, with the
/// volume's UUID and where its metadata areas lie. A value.
final class PvLabel {
  static final int SECTOR = 512;
  private static final int SECTORS_SEARCHED = 4; // LVM2's
  private static final byte[] ID = "LABELONE".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] TYPE = "LVM2 001".getBytes(StandardCharsets.US_ASCII);
  private static final int LABEL_SECTOR = 8;
  private static final int LABEL_SUM = 16;
  private static final int LABEL_SUMMED_FROM = 20;
  private static final int LABEL_CONTENT = 20;
  private static final int LABEL_TYPE = 24;
  private static final int LABEL_BYTES = 32;
  private static final int PV_DEVICE_SIZE = 32;
  private static final int PV_AREAS = 40;
  private static final int AREA_BYTES = 16;

  /// A run of the disk.
  ///
  /// @param offset first byte
  /// @param size in bytes; 0 for a data area means up to the disk's end
  record Area(long offset, long size) {}

  private final byte[] sector;
  private final long place;
  private final int content;
  private final LvmUuid uuid;
  private final int metadataAt;
  private final List<Area> metadata;

  private PvLabel(byte[] sector, long place) throws CorruptImageException {
    this.sector = sector;
    this.place = place;
    this.content = content(sector, place);
    byte[] raw = Arrays.copyOfRange(sector, content, content + LvmUuid.RAW_BYTES);
    this.uuid = LvmUuid.parse(new String(raw, StandardCharsets.ISO_8859_1), "label");
    List<Area> data = new ArrayList<>();
    this.metadataAt = areas(content + PV_AREAS, data);
    List<Area> found = new ArrayList<>();
    areas(metadataAt, found);
    this.metadata = List.copyOf(found);
  }

  private static int content(byte[] sector, long place) throws CorruptImageException {
    long content = LittleEndian.u32(sector, LABEL_CONTENT);
    if (content < LABEL_BYTES || content + PV_AREAS > SECTOR) {
      throw new CorruptImageException(
          "LVM2: label at 0x%x: offset of the header: found %d, expected 32 to %d"
              .formatted(place, content, SECTOR - PV_AREAS));
    }
    return (int) content;
  }

  private int areas(int from, List<Area> into) throws CorruptImageException {
    for (int at = from; at + AREA_BYTES <= SECTOR; at += AREA_BYTES) {
      long offset = LittleEndian.s64(sector, at);
      if (offset == 0) {
        return at + AREA_BYTES;
      }
      into.add(new Area(offset, LittleEndian.s64(sector, at + 8)));
    }
    throw new CorruptImageException(
        "LVM2: label at 0x%x: its list of areas has no end".formatted(place));
  }

  /// The disk's label.
  ///
  /// @throws CorruptImageException when there is one that cannot be read, and none that can
  static Optional<PvLabel> find(Disk disk) throws IOException {
    CorruptImageException damaged = null;
    for (int i = 0; i < SECTORS_SEARCHED && (i + 1L) * SECTOR <= disk.size(); i++) {
      byte[] sector = disk.readBytes((long) i * SECTOR, SECTOR);
      if (matches(sector, 0, ID) && matches(sector, LABEL_TYPE, TYPE)) {
        try {
          return Optional.of(read(sector, i));
        } catch (CorruptImageException e) {
          damaged = damaged == null ? e : damaged;
        }
      }
    }
    if (damaged != null) {
      throw damaged;
    }
    return Optional.empty();
  }

  private static PvLabel read(byte[] sector, int number) throws CorruptImageException {
    long place = (long) number * SECTOR;
    int sum = MetadataSum.of(sector, LABEL_SUMMED_FROM, SECTOR);
    if (LittleEndian.s32(sector, LABEL_SUM) != sum) {
      throw new CorruptImageException(
          "LVM2: label at 0x%x: checksum: found 0x%08x, expected 0x%08x"
              .formatted(place, LittleEndian.s32(sector, LABEL_SUM), sum));
    }
    if (LittleEndian.s64(sector, LABEL_SECTOR) != number) {
      throw new CorruptImageException(
          "LVM2: label at 0x%x: found the one of sector %d"
              .formatted(place, LittleEndian.s64(sector, LABEL_SECTOR)));
    }
    return new PvLabel(sector, place);
  }

  private static boolean matches(byte[] sector, int at, byte[] expected) {
    return Arrays.equals(sector, at, at + expected.length, expected, 0, expected.length);
  }

  LvmUuid uuid() {
    return uuid;
  }

  /// The size of the whole volume that the label was written for, in bytes.
  long deviceSize() {
    return LittleEndian.s64(sector, content + PV_DEVICE_SIZE);
  }

  /// Where the metadata areas lie, as the label says.
  List<Area> metadataAreas() {
    return metadata;
  }

  /// The same label with another UUID and size.
  ///
  /// @param deviceSize in bytes
  PvLabel with(LvmUuid newUuid, long deviceSize) throws CorruptImageException {
    byte[] changed = sector.clone();
    System.arraycopy(newUuid.raw(), 0, changed, content, LvmUuid.RAW_BYTES);
    LittleEndian.put64(changed, content + PV_DEVICE_SIZE, deviceSize);
    return sealed(changed);
  }

  /// The same label with a metadata area elsewhere.
  ///
  /// @param number the area's, from 0
  PvLabel withMetadataArea(int number, long offset) throws CorruptImageException {
    byte[] changed = sector.clone();
    LittleEndian.put64(changed, metadataAt + number * AREA_BYTES, offset);
    return sealed(changed);
  }

  private PvLabel sealed(byte[] changed) throws CorruptImageException {
    LittleEndian.put32(changed, LABEL_SUM, MetadataSum.of(changed, LABEL_SUMMED_FROM, SECTOR));
    return new PvLabel(changed, place);
  }

  /// Writes the label where it was read: one sector.
  void write(Disk disk) throws IOException {
    disk.writeBytes(place, sector);
  }
}
