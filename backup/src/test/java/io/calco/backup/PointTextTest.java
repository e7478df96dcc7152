package io.calco.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.CorruptImageException;
import io.calco.disk.DiskException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// The text in a point's root.
class PointTextTest {
  @Test
  void tellsEverything() throws IOException {
    RestorePoint point = Points.full();
    assertThat(PointText.decode("r", PointText.encode(point))).isEqualTo(point);
    RestorePoint inside = Points.inMachine();
    assertThat(PointText.decode("r", PointText.encode(inside))).isEqualTo(inside);
    RestorePoint ofMachine = Points.ofMachine();
    assertThat(PointText.decode("r", PointText.encode(ofMachine))).isEqualTo(ofMachine);
    String nobodys = PointText.encode(ofMachine).replace("\"target\":\"vdb\",", "");
    assertThatThrownBy(() -> PointText.decode("r", nobodys))
        .isInstanceOf(CorruptImageException.class);
    RestorePoint bare = Points.at(point.created(), "m", Remarks.none());
    assertThat(PointText.decode("r", PointText.encode(bare))).isEqualTo(bare);
  }

  /// What version 1 wrote is read for ever.
  @Test
  void oldTextIsRead() throws IOException {
    try (InputStream in = PointTextTest.class.getResourceAsStream("point-1.json")) {
      String text =
          new String(java.util.Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
      assertThat(PointText.decode("r", text)).isEqualTo(Points.full());
      String known = text.replace("{\"version\":1,", "{\"version\":1,\"later\":[{}],");
      assertThat(PointText.decode("r", known)).isEqualTo(Points.full());
    }
  }

  @Test
  void newerVersionsAreRefused() {
    String text = PointText.encode(Points.full()).replace("{\"version\":1,", "{\"version\":2,");
    assertThatThrownBy(() -> PointText.decode("r", text))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("version 2");
  }

  @Test
  void whatContradictsItselfIsCorrupt() {
    String text = PointText.encode(Points.full());
    for (String[] change :
        new String[][] {
          {"\"length\":5368709120", "\"length\":0"},
          {"\"length\":5368709120", "\"length\":9223372036854775807"},
          {"\"start\":1048576", "\"start\":-1"},
          {"\"machine\":\"web 1 ñ\"", "\"machine\":\"a/b\""},
          {"\"machine\":\"web 1 ñ\",", ""},
          {"\"tags\":[\"a\",\"b\"],", ""},
          {"\"created\":\"2026", "\"created\":\"x"},
          {"\"kept\":true", "\"kept\":7.5"},
          {"\"version\":1,", ""},
        }) {
      assertThat(text).contains(change[0]);
      String broken = text.replace(change[0], change[1]);
      assertThatThrownBy(() -> PointText.decode("point/x", broken))
          .as(change[1])
          .isInstanceOf(CorruptImageException.class)
          .hasMessageStartingWith("point/x: ");
    }
  }

  @Test
  void anyTextIsReadOrRefused() {
    byte[] good = PointText.encode(Points.full()).getBytes(StandardCharsets.UTF_8);
    Seeds.run(
        3000,
        random -> {
          byte[] bad = good.clone();
          for (int i = random.nextInt(4); i >= 0; i--) {
            bad[random.nextInt(bad.length)] =
                (byte) "[]{}\",:-0919eE. ntf\\u".charAt(random.nextInt(20));
          }
          try {
            PointText.decode("r", new String(bad, StandardCharsets.UTF_8));
          } catch (DiskException e) {
            assertThat(e.getMessage()).hasSizeLessThan(400).doesNotContain("\n");
          }
        });
  }
}
