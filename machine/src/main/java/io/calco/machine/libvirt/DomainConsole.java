package io.calco.machine.libvirt;

import io.calco.machine.MachineConsole;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/// A machine's console. One thread may read while another writes; closing ends both.
public final class DomainConsole implements MachineConsole {
  private final WireStream stream;

  DomainConsole(WireStream stream) {
    this.stream = stream;
  }

  @Override
  public InputStream input() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return stream.read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        return length == 0 ? 0 : stream.read(into, offset, length);
      }
    };
  }

  @Override
  public OutputStream output() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        stream.write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] from, int offset, int length) throws IOException {
        stream.write(from, offset, length);
      }
    };
  }

  @Override
  public void close() throws IOException {
    stream.close();
  }
}
