package io.calco.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Bodies from any memory to clients who read slowly: the kernel does not take all at once, and
/// what is left is sent by another thread.
class ResponseBodyTest {
  /// Far more than the kernel holds between two ends.
  private static final int LENGTH = 24 << 20;

  private final byte[] content = new byte[LENGTH];
  private final CountDownLatch entered = new CountDownLatch(1);

  enum Memory {
    HEAP,
    CONFINED,
    SHARED
  }

  private void send(WritableByteChannel body, Memory memory) throws Exception {
    try (Arena arena = memory == Memory.CONFINED ? Arena.ofConfined() : Arena.ofShared()) {
      ByteBuffer bytes =
          memory == Memory.HEAP
              ? ByteBuffer.wrap(content)
              : arena.allocateFrom(ValueLayout.JAVA_BYTE, content).asByteBuffer();
      assertThat(body.write(bytes)).isEqualTo(LENGTH);
      assertThat(bytes.hasRemaining()).isFalse();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aClientWhoReadsLateGetsEveryByte(Memory memory) throws Exception {
    new Random(3).nextBytes(content);
    ListenAddress any = new ListenAddress("127.0.0.1", 0);
    Routes routes =
        all ->
            all.get(
                "/body",
                request -> {
                  request.res().setContentLength(LENGTH);
                  WritableByteChannel body = ResponseBody.of(request);
                  assertThat(body).isInstanceOf(ResponseBody.class);
                  entered.countDown();
                  send(body, memory);
                });
    try (WebServer server = WebServer.start(any, List.of(routes));
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.address().port())) {
      socket.setSoTimeout(60_000);
      socket
          .getOutputStream()
          .write("GET /body HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      entered.await();
      Thread.sleep(200); // the kernel's buffers get full
      assertThat(answered(socket.getInputStream())).isEqualTo(content);
    }
  }

  /// The body of the answer.
  private static byte[] answered(InputStream in) throws Exception {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.read());
    }
    assertThat(head).startsWith("HTTP/1.1 200 ");
    return in.readNBytes(LENGTH);
  }
}
