package io.calco.disk.wrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.LimitExceededException;
import io.calco.testkit.Seeds;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A stream is read anywhere, and no further than it must be.
class StreamedFileTest {
  @TempDir Path dir;

  /// Gives as many bytes as it likes, and counts them.
  private static final class Trickle extends InputStream {
    private final ByteArrayInputStream bytes;
    private final int most;
    private int given;
    private boolean closed;

    Trickle(byte[] bytes, int most) {
      this.bytes = new ByteArrayInputStream(bytes);
      this.most = most;
    }

    @Override
    public int read() {
      given++;
      return bytes.read();
    }

    @Override
    public int read(byte[] dst, int offset, int length) {
      int n = bytes.read(dst, offset, Math.min(length, most));
      given += Math.max(n, 0);
      return n;
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  @Test
  void isReadAnywhere() {
    Seeds.run(
        10,
        random -> {
          byte[] plain = Samples.disk(random.nextInt(1 << 20), random);
          Trickle stream = new Trickle(plain, 1 + random.nextInt(300_000));
          try (var file = StreamedFile.owning("in", stream, Samples.options(dir))) {
            Samples.assertHolds(file, plain, random);
          }
          assertThat(stream.closed).isTrue();
        });
  }

  @Test
  void isReadNoFurtherThanAsked() throws IOException {
    Trickle stream = new Trickle(new byte[10 << 20], 1 << 20);
    try (var file = StreamedFile.owning("in", stream, Samples.options(dir))) {
      assertThat(Samples.read(file, 1000, 1000)).containsOnly(0);
      assertThat(file.reaches(2000)).isTrue();
      assertThat(stream.given).isLessThan(1 << 20);
    }
  }

  @Test
  void isBounded() throws IOException {
    Trickle stream = new Trickle(new byte[1 << 20], 1 << 20);
    try (var file =
        StreamedFile.owning("in", stream, Samples.options(dir).withOutputLimit(600_000))) {
      assertThat(Samples.read(file, 0, 1000)).containsOnly(0);
      assertThatThrownBy(file::size)
          .isInstanceOf(LimitExceededException.class)
          .hasMessage("in: unpacks to more than 600000 bytes, the limit for unpacked images");
      assertThatThrownBy(file::size).isInstanceOf(LimitExceededException.class);
    }
  }

  @Test
  void leavesSpaceOnTheScratchFileSystem() throws IOException {
    var options = Samples.options(dir).withScratch(dir, Long.MAX_VALUE / 2);
    byte[] noise = new byte[1000];
    noise[3] = 1;
    try (var file = StreamedFile.owning("in", new Trickle(noise, 1 << 20), options)) {
      assertThatThrownBy(file::size)
          .isInstanceOf(LimitExceededException.class)
          .hasMessageContaining("too few to unpack an image");
    }
    assertThat(dir).isEmptyDirectory();
  }
}
