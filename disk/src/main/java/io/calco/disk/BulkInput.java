package io.calco.disk;

import java.io.IOException;
import java.io.InputStream;

/// A stream that is read many bytes at once: one byte is an array of one. Those who extend it say
/// what an array gets.
public abstract class BulkInput extends InputStream {
  @Override
  public final int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public abstract int read(byte[] bytes, int offset, int length) throws IOException;
}
