package io.calco.disk.qcow2;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Disk;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.testkit.Shared;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Real images that no one here made.
class SamplesTest {
  private static final Pattern OBJECT = Pattern.compile("\\{[^{}]*\\}");

  private record Sample(String file, String sha256) {}

  private static List<Sample> samples() throws IOException {
    List<Sample> samples = new ArrayList<>();
    Matcher objects = OBJECT.matcher(Files.readString(Shared.path("samples/EXPECTED.json")));
    while (objects.find()) {
      String object = objects.group();
      if (object.contains("\"format\": \"qcow2\"") && object.contains("\"expect\": \"ok\"")) {
        samples.add(new Sample(field(object, "file"), field(object, "sha256")));
      }
    }
    return samples;
  }

  private static String field(String object, String name) {
    Matcher found = Pattern.compile("\"" + name + "\": \"([^\"]*)\"").matcher(object);
    assertThat(found.find()).as(name + " in " + object).isTrue();
    return found.group(1);
  }

  @Test
  void readAsQemuReadsThem() throws IOException, GeneralSecurityException {
    List<Sample> samples = samples();
    assertThat(samples).isNotEmpty();
    for (Sample sample : samples) {
      ImageOptions options = ImageOptions.reading().withFormat("qcow2");
      try (Image image = Image.open(Shared.sample(sample.file()), options)) {
        assertThat(sha256(image.disk())).as(sample.file()).isEqualTo(sample.sha256());
      }
    }
  }

  private static String sha256(Disk disk) throws IOException, GeneralSecurityException {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    byte[] piece = new byte[1 << 20];
    for (long at = 0; at < disk.size(); at += piece.length) {
      int length = (int) Math.min(piece.length, disk.size() - at);
      disk.read(at, MemorySegment.ofArray(piece).asSlice(0, length));
      digest.update(piece, 0, length);
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
