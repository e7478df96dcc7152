package io.calco.disk.vhd;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.disk.RepairScope;
import io.calco.testkit.Oracle;
import io.calco.testkit.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Real images of other tools.
class SamplesTest {
  @TempDir Path dir;

  @ParameterizedTest
  @ValueSource(strings = {"ext2-a", "ext2-b", "image-a"})
  void readAsQemuReadsThem(String name) throws IOException, GeneralSecurityException {
    Matcher expected =
        Pattern.compile(
                "\\{[^{}]*\"file\": \"dfvfs/%s.vhd\"[^{}]*\"virtual_size\": (\\d+)[^{}]*\"sha256\": \"([0-9a-f]*)\""
                    .formatted(name))
            .matcher(Files.readString(Shared.path("samples/EXPECTED.json")));
    assertThat(expected.find()).as(name).isTrue();
    Path sample = Shared.sample("dfvfs/%s.vhd".formatted(name));
    try (Image image = VhdOracleTest.open(sample, ImageOptions.Access.READ)) {
      assertThat(image.disk().size()).isEqualTo(Long.parseLong(expected.group(1)));
      byte[] guest = image.disk().readBytes(0, Math.toIntExact(image.disk().size()));
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(guest);
      assertThat(HexFormat.of().formatHex(digest)).isEqualTo(expected.group(2));
      assertThat(image.verify(JobContext.SILENT).corruptions()).isZero();
      assertThat(image.risks()).isEmpty();
    }
  }

  /// Either footer is destroyed, wholly or by one byte; the other one restores it.
  @ParameterizedTest
  @CsvSource({"true, 512", "true, 1", "false, 512", "false, 1"})
  void oneFooterRestoresTheOther(boolean front, int length) throws IOException {
    Path sample = Shared.sample("dfvfs/ext2-a.vhd");
    byte[] bytes = Files.readAllBytes(sample);
    int at = front ? 0 : bytes.length - 512;
    for (int i = 0; i < length; i++) {
      bytes[at + (length == 1 ? 100 : i)] ^= 0x5A;
    }
    Path image = Files.write(dir.resolve("damaged.vhd"), bytes);
    try (Image open = VhdOracleTest.open(image, ImageOptions.Access.REPAIR)) {
      assertThat(open.verify(JobContext.SILENT).clean()).isFalse();
      assertThat(open.repair(RepairScope.ALL, JobContext.SILENT).clean()).isTrue();
    }
    assertThat(Files.mismatch(image, sample)).isEqualTo(-1);
    Oracle.named("qemu-img").run("compare", "-f", "vpc", "-F", "vpc", sample, image).succeeds();
  }
}
