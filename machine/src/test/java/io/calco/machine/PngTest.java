package io.calco.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Against the JDK's own reader and writer, which uses all filters.
class PngTest {
  private static BufferedImage noise(int type) {
    Random random = new Random(41);
    BufferedImage image = new BufferedImage(97, 41, type);
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        image.setRGB(x, y, random.nextInt(4) == 0 ? random.nextInt() : 0xff203040 + x * 3 + y);
      }
    }
    return image;
  }

  private static byte[] png(BufferedImage image) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, "png", file)).isTrue();
    return file.toByteArray();
  }

  private static void requireSame(Raster ours, BufferedImage theirs) {
    assertThat(ours.width()).isEqualTo(theirs.getWidth());
    assertThat(ours.height()).isEqualTo(theirs.getHeight());
    byte[] line = new byte[ours.width() * 3];
    for (int y = 0; y < ours.height(); y++) {
      ours.copyLine(y, line, 0);
      for (int x = 0; x < ours.width(); x++) {
        int rgb =
            (line[x * 3] & 0xff) << 16 | (line[x * 3 + 1] & 0xff) << 8 | line[x * 3 + 2] & 0xff;
        assertThat(rgb).as("%d, %d", x, y).isEqualTo(theirs.getRGB(x, y) & 0xffffff);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_INT_ARGB})
  void isReadAndWrittenAsTheJdkDoes(int type) throws IOException {
    BufferedImage image = noise(type);
    Raster read = Png.read(png(image));
    requireSame(read, image);
    requireSame(read, ImageIO.read(new ByteArrayInputStream(Png.write(read))));
    assertThat(read.difference(Png.read(Png.write(read)))).isZero();
  }

  @Test
  void greyIsRead() throws IOException {
    BufferedImage image = new BufferedImage(3, 2, BufferedImage.TYPE_BYTE_GRAY);
    image.getRaster().setSamples(0, 0, 3, 2, 0, new int[] {0, 60, 120, 180, 240, 255});
    byte[] line = new byte[9];
    Png.read(png(image)).copyLine(1, line, 0);
    assertThat(line).containsExactly(180, 180, 180, 240, 240, 240, 255, 255, 255);
  }

  @Test
  void differencesAreSharesOfTheSurface() throws IOException {
    byte[] black = new byte[160 * 100 * 3];
    byte[] half = black.clone();
    Arrays.fill(half, 0, half.length / 2, (byte) 200);
    Raster ours = Raster.owning(160, 100, black);
    assertThat(ours.difference(Raster.owning(160, 100, half))).isEqualTo(0.5);
    assertThat(ours.difference(Raster.owning(320, 200, new byte[320 * 200 * 3]))).isZero();
    assertThat(ours.difference(Raster.owning(1, 1, new byte[3]))).isZero();
  }

  @Test
  void damageIsOneException() throws IOException {
    byte[] good = png(noise(BufferedImage.TYPE_INT_RGB));
    for (int length = 0; length < good.length - 12; length += 7) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThatThrownBy(() -> Png.read(cut)).isInstanceOf(IOException.class);
    }
    Random random = new Random(20261122);
    for (int i = 0; i < 2000; i++) {
      byte[] damaged = good.clone();
      damaged[random.nextInt(60)] = (byte) random.nextInt();
      try {
        Png.read(damaged);
      } catch (IOException e) {
        // as it is declared
      }
    }
    BufferedImage palette = new BufferedImage(3, 2, BufferedImage.TYPE_BYTE_INDEXED);
    assertThatThrownBy(() -> Png.read(png(palette)))
        .hasMessage("it is a PNG picture with a palette");
  }
}
