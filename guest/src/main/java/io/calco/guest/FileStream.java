package io.calco.guest;

import io.calco.disk.BulkInput;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// A guest's regular file, read from its beginning.
final class FileStream extends BulkInput {
  private final GuestTree.Place place;
  private long position;

  FileStream(GuestTree.Place place) {
    this.place = place;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (length == 0) {
      return 0;
    }
    MemorySegment target = MemorySegment.ofArray(bytes).asSlice(offset, length);
    int read = place.fileSystem().read(place.path(), position, target);
    position += Math.max(0, read);
    return read <= 0 ? -1 : read;
  }
}
