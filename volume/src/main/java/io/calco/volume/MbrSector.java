package io.calco.volume;

import io.calco.disk.Disk;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;

/// The 512 bytes of a master or extended boot record: boot program, disk signature, four entries,
/// 0x55AA. Changing an entry leaves all other bytes as they are.
final class MbrSector {
  static final int BYTES = 512;
  static final int ENTRY_COUNT = 4;

  private static final int BOOT_CODE_BYTES = 440;
  private static final int DISK_SIGNATURE = 440;
  private static final int ENTRIES = 446;
  private static final int SIGNATURE = 510;
  private static final int START_CHS = 1;
  private static final int TYPE = 4;
  private static final int END_CHS = 5;
  private static final int START_SECTOR = 8;
  private static final int SECTOR_COUNT = 12;

  /// The geometry every tool supposes where there is none.
  private static final int HEADS = 255;

  private static final int SECTORS_PER_TRACK = 63;
  private static final int CYLINDERS = 1024;

  private static final ValueLayout.OfInt LE_INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final long offset;
  private final MemorySegment bytes;

  private MbrSector(long offset, byte[] bytes) {
    this.offset = offset;
    this.bytes = MemorySegment.ofArray(bytes);
  }

  /// @param offset in bytes from the start of the disk; the disk has 512 bytes there
  static MbrSector read(Disk disk, long offset) throws IOException {
    return new MbrSector(offset, disk.readBytes(offset, BYTES));
  }

  void write(Disk disk) throws IOException {
    disk.write(offset, bytes);
  }

  /// Where it lies, in bytes from the start of the disk.
  long offset() {
    return offset;
  }

  boolean signed() {
    return byteAt(SIGNATURE) == 0x55 && byteAt(SIGNATURE + 1) == 0xaa;
  }

  int byteAt(int index) {
    return Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, index));
  }

  int shortAt(int index) {
    return byteAt(index) | byteAt(index + 1) << 8;
  }

  long intAt(int index) {
    return Integer.toUnsignedLong(bytes.get(LE_INT, index));
  }

  boolean hasAscii(int index, String text) {
    return bytes
            .asSlice(index, text.length())
            .mismatch(MemorySegment.ofArray(text.getBytes(StandardCharsets.US_ASCII)))
        == -1;
  }

  boolean bootCode() {
    return IntStream.range(0, BOOT_CODE_BYTES).anyMatch(i -> byteAt(i) != 0);
  }

  /// 0 when there is none.
  long diskSignature() {
    return intAt(DISK_SIGNATURE);
  }

  void setDiskSignature(int signature) {
    bytes.set(LE_INT, DISK_SIGNATURE, signature);
  }

  MbrEntry entry(int index) {
    int at = entryAt(index);
    return new MbrEntry(
        byteAt(at), byteAt(at + TYPE), intAt(at + START_SECTOR), intAt(at + SECTOR_COUNT));
  }

  List<MbrEntry> entries() {
    return IntStream.range(0, ENTRY_COUNT).mapToObj(this::entry).toList();
  }

  boolean bootIndicatorsValid() {
    return entries().stream().allMatch(e -> e.bootIndicator() == 0 || e.active());
  }

  /// True when an entry announces a GPT.
  boolean protective() {
    return entries().stream().anyMatch(e -> e.type() == MbrEntry.TYPE_GPT);
  }

  /// A copy that is written elsewhere.
  MbrSector movedTo(long place) {
    return new MbrSector(place, bytes.toArray(ValueLayout.JAVA_BYTE));
  }

  /// Gives an entry another length, and the end in cylinder, head and sector that goes with it.
  ///
  /// @param sectorCount 1 to [MbrEntry#MAX]
  /// @param lastSector the entry's last sector, counted from the disk's start
  void setLength(int index, long sectorCount, long lastSector) {
    bytes.set(LE_INT, entryAt(index) + SECTOR_COUNT, (int) sectorCount);
    setAddress(entryAt(index) + END_CHS, lastSector);
  }

  /// Makes an entry one that is not in use.
  void clear(int index) {
    bytes.asSlice(entryAt(index), MbrEntry.BYTES).fill((byte) 0);
  }

  /// Sets an entry.
  ///
  /// @param firstSector its first sector, counted from the disk's start
  void set(int index, MbrEntry entry, long firstSector) {
    int at = entryAt(index);
    setByte(at, entry.bootIndicator());
    setByte(at + TYPE, entry.type());
    bytes.set(LE_INT, at + START_SECTOR, (int) entry.startSector());
    setAddress(at + START_CHS, firstSector);
    setLength(index, entry.sectorCount(), firstSector + entry.sectorCount() - 1);
  }

  /// Writes cylinder, head and sector of a sector of the disk.
  private void setAddress(int at, long diskSector) {
    long track = diskSector / SECTORS_PER_TRACK;
    long cylinder = track / HEADS;
    int head = (int) (track % HEADS);
    int sector = (int) (diskSector % SECTORS_PER_TRACK) + 1;
    if (cylinder >= CYLINDERS) {
      cylinder = CYLINDERS - 1;
      head = HEADS - 1;
      sector = SECTORS_PER_TRACK;
    }
    setByte(at, head);
    setByte(at + 1, sector | (int) (cylinder >> 8) << 6);
    setByte(at + 2, (int) cylinder & 0xff);
  }

  private void setByte(int index, int value) {
    bytes.set(ValueLayout.JAVA_BYTE, index, (byte) value);
  }

  private static int entryAt(int index) {
    return ENTRIES + index * MbrEntry.BYTES;
  }
}
