package io.calco.disk.crypt;

import static io.calco.disk.crypt.SectorEncryption.SECTOR;

import io.calco.disk.HostFile;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/// A host file whose sectors are encrypted, seen in the clear: what is read is decrypted, what is
/// written encrypted. Bytes keep their offsets.
///
/// The view has no holes and no end: zeroes of the file, and what lies beyond its end, decrypt to
/// something else than zeroes, as they do for QEMU. The view is the format's own; the file below is
/// closed by whoever opened it.
///
/// Thread rule: safe for several threads at once. A write of a part of a sector goes alone.
public final class EncryptedFile implements HostFile {
  private final HostFile file;
  private final SectorEncryption encryption;
  private final int sectorSize;
  private final long shift;
  private final ReadWriteLock sectors;

  /// A view whose sectors are numbered from the beginning of the file, and begin at multiples of
  /// their size there.
  public EncryptedFile(HostFile file, SectorEncryption encryption) {
    this(file, encryption, 0, new ReentrantReadWriteLock());
  }

  private EncryptedFile(
      HostFile file, SectorEncryption encryption, long shift, ReadWriteLock sectors) {
    this.file = file;
    this.encryption = encryption;
    this.sectorSize = encryption.sectorSize();
    this.shift = shift;
    this.sectors = sectors;
  }

  /// A view of the same file whose sectors are numbered otherwise.
  ///
  /// @param bytes what is added to an offset in the file before its sector is counted, a multiple
  ///   of 512; may be negative
  public EncryptedFile shifted(long bytes) {
    if (bytes % SECTOR != 0) {
      throw new IllegalArgumentException("shift of %d bytes".formatted(bytes));
    }
    return new EncryptedFile(file, encryption, bytes, sectors);
  }

  private long sectorAt(long offset) {
    return (offset + shift) / SECTOR;
  }

  @Override
  public String name() {
    return file.name();
  }

  /// [Long#MAX_VALUE]: there are bytes to decrypt anywhere.
  @Override
  public long size() {
    return Long.MAX_VALUE;
  }

  @Override
  public boolean writable() {
    return file.writable();
  }

  @Override
  public boolean plain() {
    return false;
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    SectorEncryption.Station station = encryption.borrow();
    sectors.readLock().lock();
    try {
      read(station, offset, dst);
    } finally {
      sectors.readLock().unlock();
    }
    encryption.giveBack(station);
  }

  private void read(SectorEncryption.Station station, long offset, MemorySegment dst)
      throws IOException {
    for (long done = 0; done < dst.byteSize(); ) {
      long at = offset + done;
      long rest = dst.byteSize() - done;
      int within = (int) (at % sectorSize);
      if (within == 0 && rest >= sectorSize) {
        long length = Math.min(rest - rest % sectorSize, SectorEncryption.Station.OUTPUT);
        readSectors(station, at, dst.asSlice(done, length));
        done += length;
      } else {
        long length = Math.min(rest, sectorSize - within);
        MemorySegment sector = station.output().asSlice(0, sectorSize);
        readSectors(station, at - within, sector);
        MemorySegment.copy(sector, within, dst, done, length);
        done += length;
      }
    }
  }

  private void readSectors(SectorEncryption.Station station, long offset, MemorySegment dst)
      throws IOException {
    try {
      file.read(offset, dst);
    } catch (EOFException shortFile) {
      long present = Math.clamp(file.size() - offset, 0, dst.byteSize());
      if (present == dst.byteSize()) {
        throw shortFile;
      }
      if (present > 0) {
        file.read(offset, dst.asSlice(0, present));
      }
      dst.asSlice(present).fill((byte) 0);
    }
    station.decrypt(dst, sectorAt(offset));
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    SectorEncryption.Station station = encryption.borrow();
    boolean whole = offset % sectorSize == 0 && src.byteSize() % sectorSize == 0;
    var lock = whole ? sectors.readLock() : sectors.writeLock();
    lock.lock();
    try {
      write(station, offset, src);
    } finally {
      lock.unlock();
    }
    encryption.giveBack(station);
  }

  private void write(SectorEncryption.Station station, long offset, MemorySegment src)
      throws IOException {
    for (long done = 0; done < src.byteSize(); ) {
      long at = offset + done;
      long rest = src.byteSize() - done;
      int within = (int) (at % sectorSize);
      if (within == 0 && rest >= sectorSize) {
        long length = Math.min(rest - rest % sectorSize, SectorEncryption.Station.OUTPUT);
        MemorySegment encrypted = station.output().asSlice(0, length);
        station.encrypt(src.asSlice(done, length), encrypted, sectorAt(at));
        file.write(at, encrypted);
        done += length;
      } else {
        long length = Math.min(rest, sectorSize - within);
        MemorySegment sector = station.output().asSlice(0, sectorSize);
        readSectors(station, at - within, sector);
        MemorySegment.copy(src, done, sector, within, length);
        station.encrypt(sector, sector, sectorAt(at - within));
        file.write(at - within, sector);
        done += length;
      }
    }
  }

  /// The end is the file's own business.
  @Override
  public void truncate(long size) {
    throw new UnsupportedOperationException("truncating an encrypted view");
  }

  /// Writes encrypted zeroes: a hole would not read as zeroes.
  @Override
  public void punchHole(long offset, long length) throws IOException {
    MemorySegment zeroes = MemorySegment.ofArray(new byte[SectorEncryption.Station.OUTPUT]);
    for (long done = 0; done < length; ) {
      long part = Math.min(zeroes.byteSize(), length - done);
      write(offset + done, zeroes.asSlice(0, part));
      done += part;
    }
  }

  @Override
  public long nextData(long offset) {
    return offset;
  }

  @Override
  public long nextHole(long offset) {
    return size();
  }

  @Override
  public long allocatedSize() throws IOException {
    return file.allocatedSize();
  }

  @Override
  public void copyFrom(HostFile source, long sourceOffset, long offset, long length)
      throws IOException {
    MemorySegment piece =
        MemorySegment.ofArray(new byte[(int) Math.min(length, SectorEncryption.Station.OUTPUT)]);
    for (long done = 0; done < length; ) {
      MemorySegment part = piece.asSlice(0, Math.min(piece.byteSize(), length - done));
      source.read(sourceOffset + done, part);
      write(offset + done, part);
      done += part.byteSize();
    }
  }

  @Override
  public void sync() throws IOException {
    file.sync();
  }

  /// Does nothing: the file is closed by whoever opened it.
  @Override
  public void close() {}
}
