package io.calco.disk.vmdk;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Real images that no one here made.
class SamplesTest {
  record Sample(String file, long size, String sha256) {}

  static Stream<Sample> samples() throws IOException {
    return Pattern.compile("\\{[^{}]*\"format\": \"vmdk\"[^{}]*\\}")
        .matcher(Files.readString(Shared.path("samples/EXPECTED.json")))
        .results()
        .map(one ->
            new Sample(
                field(one.group(), "file", "\"([^\"]*)\""),
                Long.parseLong(field(one.group(), "virtual_size", "(\\d+)")),
                field(one.group(), "sha256", "\"([0-9a-f]{64})\"")));
  }

  private static String field(String object, String name, String value) {
    Matcher found = Pattern.compile("\"%s\": %s".formatted(name, value)).matcher(object);
    assertThat(found.find()).as("%s in %s", name, object).isTrue();
    return found.group(1);
  }

  @ParameterizedTest
  @MethodSource("samples")
  void readAsQemuReadsThem(Sample sample) throws IOException, GeneralSecurityException {
    Path image = Shared.sample(sample.file());
    byte[] bytes = Images.read(image);
    assertThat(bytes.length).isEqualTo(sample.size());
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
    assertThat(HexFormat.of().formatHex(digest)).isEqualTo(sample.sha256());
    assertThat(Images.verify(image).findings()).isEmpty();
  }
}
