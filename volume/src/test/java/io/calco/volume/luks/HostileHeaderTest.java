package io.calco.volume.luks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.LimitExceededException;
import io.calco.disk.MemoryDriver;
import io.calco.disk.Passphrase;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Metadata that lies, under checksums that hold: only our exceptions, in bounded time and memory.
class HostileHeaderTest {
  private static final int HEADER = 16 << 10;
  private static final int JSON = 4096;
  private static final Pattern VALUE = Pattern.compile(":(\"[^\"]*\"|[0-9]+|\\{\\}|\\[[^\\]]*\\])");
  private static final List<String> LIES =
      List.of(
          "0",
          "-1",
          "1",
          "7",
          "13000000",
          "2147483648",
          "9223372036854775808",
          "1e400",
          "1.5",
          "\"0\"",
          "\"4096\"",
          "\"18446744073709551616\"",
          "\"-1\"",
          "\"\"",
          "\"dynamic\"",
          "\"aes-xts-plain64\"",
          "\"aes-cbc-null\"",
          "\"argon2d\"",
          "\"pbkdf2\"",
          "\"whirlpool\"",
          "\"1\"",
          "null",
          "true",
          "{}",
          "[]",
          "[\"9\"]",
          "{\"0\":{}}",
          "[".repeat(200),
          "\"" + "x".repeat(3000) + "\"");

  @TempDir static Path dir;
  private static byte[] volume = {};

  @BeforeAll
  static void format() throws IOException {
    Path image = dir.resolve("volume.img");
    Path key = Files.writeString(dir.resolve("key"), "geheim");
    try (var file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(2 << 20);
    }
    Oracle.named("cryptsetup")
        .run(
            "luksFormat",
            "-q",
            "--type",
            "luks2",
            "--key-file",
            key,
            "--pbkdf",
            "argon2id",
            "--pbkdf-memory",
            "64",
            "--pbkdf-parallel",
            "1",
            "--pbkdf-force-iterations",
            "4",
            "--luks2-metadata-size",
            "16k",
            "--luks2-keyslots-size",
            "512k",
            image)
        .succeeds();
    volume = Files.readAllBytes(image);
  }

  private static Passphrase secret() {
    return Passphrase.of("geheim".getBytes(StandardCharsets.UTF_8));
  }

  private static String json() {
    return new String(volume, JSON, HEADER - JSON, StandardCharsets.UTF_8).trim();
  }

  /// The volume with other metadata, and no secondary header.
  private static Disk with(String json) {
    byte[] changed = volume.clone();
    byte[] text = json.getBytes(StandardCharsets.UTF_8);
    Arrays.fill(changed, JSON, 2 * HEADER, (byte) 0);
    System.arraycopy(text, 0, changed, JSON, Math.min(text.length, HEADER - JSON));
    return Disk.owning(new MemoryDriver(checked(changed)));
  }

  private static byte[] checked(byte[] changed) {
    Arrays.fill(changed, Luks2Layout.CSUM, Luks2Layout.CSUM + 64, (byte) 0);
    try {
      byte[] sum = MessageDigest.getInstance("SHA-256").digest(Arrays.copyOf(changed, HEADER));
      System.arraycopy(sum, 0, changed, Luks2Layout.CSUM, sum.length);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
    return changed;
  }

  private static void open(Disk disk) throws IOException {
    Luks.inspect(disk);
    try (Disk clear = Luks.open(disk, secret())) {
      clear.readBytes(0, (int) Math.min(clear.size(), 8192));
    }
  }

  @Test
  void truthOpens() throws IOException {
    open(with(json()));
  }

  @Test
  void liesAreRefused() {
    List<MatchResult> values = VALUE.matcher(json()).results().toList();
    AtomicInteger refused = new AtomicInteger();
    Instant started = Instant.now();
    Seeds.run(
        500,
        random -> {
          StringBuilder lying = new StringBuilder(json());
          MatchResult value = values.get(random.nextInt(values.size()));
          lying.replace(value.start(1), value.end(1), LIES.get(random.nextInt(LIES.size())));
          try {
            open(with(lying.toString()));
          } catch (DiskException e) {
            refused.incrementAndGet();
          }
        });
    assertThat(refused).hasPositiveValue();
    assertThat(Duration.between(started, Instant.now())).isLessThan(Duration.ofMinutes(1));
  }

  @Test
  void damagedBinaryHeadersAreRefused() {
    Seeds.run(
        500,
        random -> {
          byte[] changed = volume.clone();
          Arrays.fill(changed, HEADER, 2 * HEADER, (byte) 0);
          for (int i = random.nextInt(3); i >= 0; i--) {
            changed[random.nextInt(300)] = (byte) random.nextInt();
          }
          byte[] header = random.nextBoolean() ? checked(changed) : changed;
          try {
            open(Disk.owning(new MemoryDriver(header)));
          } catch (DiskException expected) {
            // one of ours
          }
        });
  }

  @Test
  void whatIsAskedForIsBounded() {
    assertThatThrownBy(() -> open(with(json().replace("\"memory\":64", "\"memory\":5000000"))))
        .isInstanceOf(LimitExceededException.class)
        .hasMessageContaining("5000000 KiB");
    assertThatThrownBy(() -> open(with(json().replace("\"time\":4", "\"time\":2000000000"))))
        .isInstanceOf(LimitExceededException.class)
        .hasMessageContaining("would take about");
    assertThatThrownBy(
            () -> open(with(json().replace("\"iterations\":1000", "\"iterations\":2000000000"))))
        .isInstanceOf(LimitExceededException.class)
        .hasMessageContaining("rounds of PBKDF2");
  }

  @Test
  void whatIsMissingIsNamed() {
    assertThatThrownBy(() ->
            open(
                with(
                    json()
                        .replace(
                            "\"config\":{",
                            "\"config\":{\"requirements\":{\"mandatory\":"
                                + "[\"online-reencrypt-v2\"]},"))))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("re-encryption");
    assertThatThrownBy(() ->
            open(
                with(
                    json()
                        .replace(
                            "\"sector_size\"",
                            "\"integrity\":{\"type\":\"hmac(sha256)\"},\"sector_size\""))))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("integrity");
  }
}
