package io.calco.disk.vmdk;

import io.calco.disk.HostFile;
import io.calco.disk.Mapping;
import java.util.Optional;

/// An extent whose bytes lie in a file as they are.
final class FlatExtent implements VmdkExtent {
  private final HostFile file;
  private final long start;
  private final boolean writable;
  private long size;

  /// @param start the extent's first byte in the file
  FlatExtent(HostFile file, long start, long size, boolean writable) {
    this.file = file;
    this.start = start;
    this.size = size;
    this.writable = writable;
  }

  HostFile file() {
    return file;
  }

  /// The byte of the file after the extent.
  long end() {
    return start + size;
  }

  @Override
  public long size() {
    return size;
  }

  /// Takes another size; the file's is the caller's.
  void setSize(long newSize) {
    size = newSize;
  }

  @Override
  public Mapping map(long offset, long maxLength) {
    return new Mapping.Data(file, start + offset, Math.min(maxLength, size - offset), writable);
  }

  @Override
  public Optional<Integer> grainBytes() {
    return Optional.empty();
  }
}
