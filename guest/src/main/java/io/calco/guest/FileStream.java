package io.calco.guest;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/// A guest's regular file, read from its beginning.
final class FileStream extends InputStream {
  private final GuestTree.Place place;
  private long position;

  FileStream(GuestTree.Place place) {
    this.place = place;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
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
