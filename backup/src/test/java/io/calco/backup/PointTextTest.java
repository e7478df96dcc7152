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
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// The text in a point's root.
class PointTextTest {
  /// What version 1 wrote is read for ever, and written just so.
  @Test
  void oldTextIsReadAndWritten() throws IOException {
    Map<String, RestorePoint> points =
        Map.of(
            "point-1.json", Points.full(),
            "point-1-hardware.json", Points.inMachine(),
            "point-1-domain.json", Points.ofMachine(),
            "point-1-unread.json", Points.unread(),
            "point-1-bare.json", Points.bare());
    for (Map.Entry<String, RestorePoint> entry : points.entrySet()) {
      String text = resource(entry.getKey());
      assertThat(PointText.decode("r", text)).isEqualTo(entry.getValue());
      assertThat(PointText.encode(entry.getValue())).isEqualTo(text);
    }
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = PointTextTest.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8).strip();
    }
  }

  @Test
  void unknownFieldsArePassedOver() throws IOException {
    String later = "{\"version\":1,\"later\":[{\"a\":1e9},123456789012345678901,null,false],";
    String text = PointText.encode(Points.full()).replace("{\"version\":1,", later);
    assertThat(PointText.decode("r", text)).isEqualTo(Points.full());
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
          {"\"kept\":true", "\"kept\":null"},
          {"\"kept\":true", "\"kept\":true,\"kept\":true"},
          {"\"size\":6442450944", "\"size\":\"6442450944\""},
          {"\"size\":6442450944", "\"size\":6442450944.0"},
          {"\"size\":6442450944", "\"size\":98765432109876543210"},
          {"\"number\":3", "\"number\":4294967299"},
          {"[\"a\",\"b\"]", "[\"a\",null]"},
          {"\"coverage\":\"used-and-swap\"", "\"coverage\":\"USED\""},
          {"\"id\":\"40c09441-", "\"id\":\""},
          {"\"what\":\"ok\"}]}", "\"what\":\"ok\"}]}{}"},
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
