package io.calco.volume;

import io.calco.disk.Disk;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32;

/// A GPT header: one sector, of which the fields below are known and all other bytes are kept. The
/// fields' names are the specification's (UEFI 2.10, table 5-5).
final class GptHeader {
  /// "EFI PART".
  static final long SIGNATURE = 0x5452_4150_2049_4645L;

  static final int REVISION_1_0 = 0x0001_0000;

  /// The specification's least HeaderSize.
  static final int MIN_BYTES = 92;

  private static final int OFFSET_REVISION = 8;
  private static final int OFFSET_HEADER_SIZE = 12;
  private static final int OFFSET_HEADER_CRC32 = 16;
  private static final int OFFSET_MY_LBA = 24;
  private static final int OFFSET_ALTERNATE_LBA = 32;
  private static final int OFFSET_FIRST_USABLE_LBA = 40;
  private static final int OFFSET_LAST_USABLE_LBA = 48;
  private static final int OFFSET_DISK_GUID = 56;
  private static final int OFFSET_PARTITION_ENTRY_LBA = 72;
  private static final int OFFSET_NUMBER_OF_ENTRIES = 80;
  private static final int OFFSET_ENTRY_SIZE = 84;
  private static final int OFFSET_ARRAY_CRC32 = 88;

  private static final ValueLayout.OfShort LE_SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt LE_INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LE_LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong BE_LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final byte[] bytes;
  private final MemorySegment fields;

  private GptHeader(byte[] bytes) {
    this.bytes = bytes;
    this.fields = MemorySegment.ofArray(bytes);
  }

  /// The header in sector `lba`, if that sector is in the disk and carries the signature.
  static Optional<GptHeader> find(Disk disk, long lba, int sectorSize) throws IOException {
    if (lba < 1 || lba > disk.size() / sectorSize - 1) {
      return Optional.empty();
    }
    GptHeader header = new GptHeader(disk.readBytes(lba * sectorSize, sectorSize));
    return header.fields.get(LE_LONG, 0) == SIGNATURE ? Optional.of(header) : Optional.empty();
  }

  /// This header in another place, for a disk with another end and other entries.
  ///
  /// @param place of this copy and the other
  /// @param arrayCrc of the entries
  GptHeader moved(Place place, long lastUsableLba, int arrayCrc) {
    GptHeader moved = new GptHeader(bytes.clone());
    moved.set(OFFSET_MY_LBA, place.myLba);
    moved.set(OFFSET_ALTERNATE_LBA, place.alternateLba);
    moved.set(OFFSET_PARTITION_ENTRY_LBA, place.partitionEntryLba);
    moved.set(OFFSET_LAST_USABLE_LBA, lastUsableLba);
    moved.fields.set(LE_INT, OFFSET_ARRAY_CRC32, arrayCrc);
    moved.fields.set(LE_INT, OFFSET_HEADER_CRC32, moved.computedCrc());
    return moved;
  }

  /// Where a copy lies: its header, the other's header, its entries.
  record Place(long myLba, long alternateLba, long partitionEntryLba) {}

  private void set(int at, long value) {
    fields.set(LE_LONG, at, value);
  }

  /// Writes the header's sector to where it says it lies.
  void write(Disk disk) throws IOException {
    disk.write(myLba() * bytes.length, fields);
  }

  int sectorSize() {
    return bytes.length;
  }

  int revision() {
    return fields.get(LE_INT, OFFSET_REVISION);
  }

  long headerSize() {
    return Integer.toUnsignedLong(fields.get(LE_INT, OFFSET_HEADER_SIZE));
  }

  int headerCrc() {
    return fields.get(LE_INT, OFFSET_HEADER_CRC32);
  }

  long myLba() {
    return fields.get(LE_LONG, OFFSET_MY_LBA);
  }

  long alternateLba() {
    return fields.get(LE_LONG, OFFSET_ALTERNATE_LBA);
  }

  long firstUsableLba() {
    return fields.get(LE_LONG, OFFSET_FIRST_USABLE_LBA);
  }

  long lastUsableLba() {
    return fields.get(LE_LONG, OFFSET_LAST_USABLE_LBA);
  }

  /// This header of a disk of another identity; its checksum is set by [#moved].
  GptHeader withDiskGuid(UUID guid) {
    GptHeader changed = new GptHeader(bytes.clone());
    putGuid(changed.fields, OFFSET_DISK_GUID, guid);
    return changed;
  }

  UUID diskGuid() {
    return guid(fields, OFFSET_DISK_GUID);
  }

  long partitionEntryLba() {
    return fields.get(LE_LONG, OFFSET_PARTITION_ENTRY_LBA);
  }

  long numberOfEntries() {
    return Integer.toUnsignedLong(fields.get(LE_INT, OFFSET_NUMBER_OF_ENTRIES));
  }

  long entrySize() {
    return Integer.toUnsignedLong(fields.get(LE_INT, OFFSET_ENTRY_SIZE));
  }

  int arrayCrc() {
    return fields.get(LE_INT, OFFSET_ARRAY_CRC32);
  }

  /// The CRC over [#headerSize] bytes, which must not exceed the sector, with the field itself
  /// zero.
  int computedCrc() {
    byte[] copy = bytes.clone();
    MemorySegment.ofArray(copy).set(LE_INT, OFFSET_HEADER_CRC32, 0);
    return crc(copy, Math.toIntExact(headerSize()));
  }

  static int crc(byte[] bytes, int length) {
    CRC32 crc = new CRC32();
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  /// Writes what [#guid] reads.
  static void putGuid(MemorySegment to, long at, UUID guid) {
    to.set(LE_INT, at, (int) (guid.getMostSignificantBits() >>> 32));
    to.set(LE_SHORT, at + 4, (short) (guid.getMostSignificantBits() >>> 16));
    to.set(LE_SHORT, at + 6, (short) guid.getMostSignificantBits());
    to.set(BE_LONG, at + 8, guid.getLeastSignificantBits());
  }

  /// A GUID as EFI stores it: the first three groups little-endian.
  static UUID guid(MemorySegment from, long at) {
    long first = Integer.toUnsignedLong(from.get(LE_INT, at));
    long second = Short.toUnsignedLong(from.get(LE_SHORT, at + 4));
    long third = Short.toUnsignedLong(from.get(LE_SHORT, at + 6));
    return new UUID(first << 32 | second << 16 | third, from.get(BE_LONG, at + 8));
  }
}
