package io.calco.engine.images;

import io.calco.disk.BulkInput;
import io.calco.disk.HostFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// Content from its first byte to its last. The file stays the caller's to close. Confined.
final class ContentStream extends BulkInput {
  private final HostFile file;
  private final long size;
  private long position;

  ContentStream(HostFile file) throws IOException {
    this.file = file;
    this.size = file.size();
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (length == 0) {
      return 0;
    }
    int some = (int) Math.min(length, size - position);
    if (some == 0) {
      return -1;
    }
    file.read(position, MemorySegment.ofArray(bytes).asSlice(offset, some));
    position += some;
    return some;
  }
}
