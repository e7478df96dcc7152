package io.calco.engine.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;

/// A machine's console that is open. One thread may read while another writes; closing ends both.
public final class OpenConsole implements ByteChannel {
  private final ByteChannel channel;
  private final Runnable ended;

  OpenConsole(ByteChannel channel, Runnable ended) {
    this.channel = channel;
    this.ended = ended;
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    return channel.read(into);
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    return channel.write(from);
  }

  @Override
  public boolean isOpen() {
    return channel.isOpen();
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      ended.run();
    }
  }
}
