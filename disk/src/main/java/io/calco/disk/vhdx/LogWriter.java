package io.calco.disk.vhdx;

import io.calco.disk.Barrier;
import io.calco.disk.HostFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// Brings changed pages into the file by way of the log, and keeps the headers.
///
/// Every entry is a sequence of its own: its pages are in place before the next one is written.
/// Confined.
final class LogWriter {
  private final HostFile file;
  private final Barrier barrier;
  private VhdxHeader header;
  private long nextAt;
  private long nextSequence = 1;

  LogWriter(HostFile file, VhdxHeader header, Barrier barrier) {
    this.file = file;
    this.header = header;
    this.barrier = barrier;
  }

  VhdxHeader header() {
    return header;
  }

  /// Says that the file, and what its guest sees, are no longer what they were.
  void begin() throws IOException {
    write(header.next(UUID.randomUUID(), UUID.randomUUID(), header.log()));
  }

  private void write(VhdxHeader next) throws IOException {
    next.write(file::write);
    header = next;
    barrier.raise();
  }

  /// Makes changed pages part of the file: all of those in an entry or none, whenever the process
  /// or the host ends. No entry is longer than a third of the log, so that none is ever written
  /// over the one before it: cut off there, that one is still the last, and not an older one.
  void commit(MetadataPages pages) throws IOException {
    List<Map.Entry<Long, MemorySegment>> changes = pages.changes();
    int most = pagesIn(header.logLength() / 3);
    for (int from = 0; from < changes.size(); from += most) {
      commit(changes.subList(from, Math.min(changes.size(), from + most)));
    }
    pages.committed();
  }

  /// How many pages an entry of that length holds.
  private static int pagesIn(long length) {
    long sectors = length / VhdxLayout.PAGE;
    long perSector = VhdxLayout.PAGE / Log.DESCRIPTOR_BYTES;
    return Math.toIntExact(Math.max(1, (sectors - 1) * perSector / (perSector + 1) - 1));
  }

  private void commit(List<Map.Entry<Long, MemorySegment>> changes) throws IOException {
    barrier.raise(); // the guest's data, and the pages of the last entry
    UUID guid = header.dirty() ? header.log() : UUID.randomUUID();
    MemorySegment entry = entry(changes, guid);
    file.write(header.logOffset() + nextAt, entry);
    barrier.raise();
    nextAt += entry.byteSize();
    nextSequence++;
    if (!header.dirty()) {
      write(header.next(header.fileWrite(), header.dataWrite(), guid));
    }
    for (Map.Entry<Long, MemorySegment> change : changes) {
      file.write(change.getKey(), change.getValue());
    }
  }

  private MemorySegment entry(List<Map.Entry<Long, MemorySegment>> changes, UUID guid)
      throws IOException {
    long data =
        VhdxLayout.up(
            Log.HEADER_BYTES + (long) changes.size() * Log.DESCRIPTOR_BYTES, VhdxLayout.PAGE);
    long length = data + (long) changes.size() * VhdxLayout.PAGE;
    if (nextAt + length > header.logLength()) {
      nextAt = 0;
    }
    MemorySegment entry = MemorySegment.ofArray(new byte[Math.toIntExact(length)]);
    entry.set(VhdxLayout.U32, 0, Log.ENTRY_MARK);
    entry.set(VhdxLayout.U32, Log.LENGTH, (int) length);
    entry.set(VhdxLayout.U32, Log.TAIL, (int) nextAt);
    entry.set(VhdxLayout.U64, Log.SEQUENCE, nextSequence);
    entry.set(VhdxLayout.U32, Log.COUNT, changes.size());
    Guids.put(entry, Log.GUID, guid);
    entry.set(VhdxLayout.U64, Log.FLUSHED_SIZE, file.size());
    entry.set(VhdxLayout.U64, Log.LAST_SIZE, file.size());
    long descriptor = Log.HEADER_BYTES;
    for (Map.Entry<Long, MemorySegment> change : changes) {
      putDescriptor(entry, descriptor, change.getKey(), change.getValue());
      putSector(entry, data, change.getValue());
      descriptor += Log.DESCRIPTOR_BYTES;
      data += VhdxLayout.PAGE;
    }
    entry.set(VhdxLayout.U32, Log.CHECKSUM, VhdxLayout.checksum(entry, Log.CHECKSUM));
    return entry;
  }

  private void putDescriptor(MemorySegment entry, long at, long offset, MemorySegment page) {
    entry.set(VhdxLayout.U32, at, Log.DATA_DESCRIPTOR);
    MemorySegment.copy(page, VhdxLayout.PAGE - 4, entry, at + 4, 4);
    MemorySegment.copy(page, 0, entry, at + 8, 8);
    entry.set(VhdxLayout.U64, at + 16, offset);
    entry.set(VhdxLayout.U64, at + 24, nextSequence);
  }

  private void putSector(MemorySegment entry, long at, MemorySegment page) {
    entry.set(VhdxLayout.U32, at, Log.DATA_MARK);
    entry.set(VhdxLayout.U32, at + 4, (int) (nextSequence >>> 32));
    MemorySegment.copy(page, 8, entry, at + 8, VhdxLayout.PAGE - 12);
    entry.set(VhdxLayout.U32, at + VhdxLayout.PAGE - 4, (int) nextSequence);
  }

  /// Says that nothing is to be replayed.
  void end() throws IOException {
    if (header.dirty()) {
      barrier.raise();
      write(header.next(header.fileWrite(), header.dataWrite(), Guids.NONE));
    }
  }
}
