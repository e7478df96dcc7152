package io.calco.volume;

import io.calco.disk.Disk;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/// A GPT's entry array (UEFI 2.10, table 5-6). Changing an entry leaves all other bytes as they
/// are.
///
/// An entry's numbers may be anything; LBAs beyond what a disk of 2⁶³ bytes has are told by
/// [#inRange].
final class GptEntries {
  private static final int OFFSET_UNIQUE_GUID = 16;
  private static final int OFFSET_STARTING_LBA = 32;
  private static final int OFFSET_ENDING_LBA = 40;
  private static final int OFFSET_ATTRIBUTES = 48;
  private static final int OFFSET_NAME = 56;
  private static final int NAME_BYTES = 72;

  private static final UUID UNUSED = new UUID(0, 0);

  private static final ValueLayout.OfLong LE_LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final byte[] bytes;
  private final MemorySegment fields;
  private final int entrySize;

  GptEntries(byte[] bytes, int entrySize) {
    this.bytes = bytes;
    this.fields = MemorySegment.ofArray(bytes);
    this.entrySize = entrySize;
  }

  int count() {
    return bytes.length / entrySize;
  }

  int crc() {
    return GptHeader.crc(bytes, bytes.length);
  }

  boolean used(int index) {
    return !typeGuid(index).equals(UNUSED);
  }

  UUID typeGuid(int index) {
    return GptHeader.guid(fields, at(index));
  }

  UUID uniqueGuid(int index) {
    return GptHeader.guid(fields, at(index) + OFFSET_UNIQUE_GUID);
  }

  long startingLba(int index) {
    return fields.get(LE_LONG, at(index) + OFFSET_STARTING_LBA);
  }

  /// The last sector, inclusive.
  long endingLba(int index) {
    return fields.get(LE_LONG, at(index) + OFFSET_ENDING_LBA);
  }

  /// True when the entry's LBAs are in order and its bytes can be counted.
  boolean inRange(int index, int sectorSize) {
    return startingLba(index) >= 0
        && endingLba(index) >= startingLba(index)
        && endingLba(index) < Long.MAX_VALUE / sectorSize;
  }

  long attributes(int index) {
    return fields.get(LE_LONG, at(index) + OFFSET_ATTRIBUTES);
  }

  String name(int index) {
    String name =
        new String(
            bytes, Math.toIntExact(at(index) + OFFSET_NAME), NAME_BYTES, StandardCharsets.UTF_16LE);
    int end = name.indexOf('\0');
    return end < 0 ? name : name.substring(0, end);
  }

  /// These entries with another end of one of them.
  GptEntries withEndingLba(int index, long lba) {
    GptEntries changed = new GptEntries(bytes.clone(), entrySize);
    changed.fields.set(LE_LONG, at(index) + OFFSET_ENDING_LBA, lba);
    return changed;
  }

  /// These entries with another run of one of them.
  ///
  /// @param last inclusive
  GptEntries withLbas(int index, long first, long last) {
    GptEntries changed = withEndingLba(index, last);
    changed.fields.set(LE_LONG, at(index) + OFFSET_STARTING_LBA, first);
    return changed;
  }

  /// These entries with another identity of one of them.
  GptEntries withUniqueGuid(int index, UUID guid) {
    GptEntries changed = new GptEntries(bytes.clone(), entrySize);
    GptHeader.putGuid(changed.fields, at(index) + OFFSET_UNIQUE_GUID, guid);
    return changed;
  }

  /// Writes the array.
  void write(Disk disk, long offset) throws IOException {
    disk.write(offset, fields);
  }

  /// The bytes of the array.
  int byteSize() {
    return bytes.length;
  }

  private long at(int index) {
    return (long) index * entrySize;
  }
}
