package io.calco.volume.luks;

import io.calco.disk.Disk;
import io.calco.disk.DiskCapabilities;
import io.calco.disk.DiskDriver;
import io.calco.disk.DiskFile;
import io.calco.disk.Extent;
import io.calco.disk.ZeroMode;
import io.calco.disk.crypt.EncryptedFile;
import io.calco.disk.crypt.SectorEncryption;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// An open volume's bytes in the clear. Has the key, which is wiped when it is closed; leaves the
/// disk below open.
final class LuksDisk implements DiskDriver {
  private final Disk encrypted;
  private final SectorEncryption encryption;
  private final EncryptedFile clear;

  /// @param encryption taken over
  LuksDisk(String name, Disk volume, Payload payload, SectorEncryption encryption) {
    this.encrypted = volume.slice(payload.offset(), payload.length());
    this.encryption = encryption;
    this.clear =
        new EncryptedFile(new DiskFile(name, encrypted), encryption)
            .shifted(Math.multiplyExact(payload.firstSector(), SectorEncryption.SECTOR));
  }

  @Override
  public long size() {
    return encrypted.size();
  }

  /// Zeroes of the disk below are none here, and what it has not allocated means nothing.
  @Override
  public DiskCapabilities capabilities() {
    DiskCapabilities below = encrypted.capabilities();
    return new DiskCapabilities(below.writable(), false, below.discard(), false, false);
  }

  @Override
  public void read(long offset, MemorySegment dst) throws IOException {
    clear.read(offset, dst);
  }

  @Override
  public void write(long offset, MemorySegment src) throws IOException {
    clear.write(offset, src);
  }

  @Override
  public void writeZeroes(long offset, long length, ZeroMode mode) throws IOException {
    clear.punchHole(offset, length);
  }

  /// Whole sectors are discarded below: that tells whoever holds the disk which they were, and
  /// makes a template small.
  @Override
  public void discard(long offset, long length) throws IOException {
    int sector = encryption.sectorSize();
    long from = Math.ceilDiv(offset, sector) * sector;
    long to = (offset + length) / sector * sector;
    if (from < to) {
      encrypted.discard(from, to - from);
    }
  }

  @Override
  public Extent extentAt(long offset, long maxLength) {
    return new Extent(offset, maxLength, true, false);
  }

  @Override
  public void resize(long newSize) {
    throw new IllegalStateException("a LUKS volume is as large as what it lies in");
  }

  @Override
  public void flush() throws IOException {
    encrypted.flush();
  }

  @Override
  public void sync() throws IOException {
    encrypted.sync();
  }

  @Override
  public void close() throws IOException {
    try {
      encrypted.flush();
    } finally {
      encryption.close();
    }
  }
}
