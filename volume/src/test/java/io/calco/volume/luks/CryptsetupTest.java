package io.calco.volume.luks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.Disk;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.Passphrase;
import io.calco.disk.PassphraseException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Volumes that cryptsetup made and encrypted, opened and changed by us; what we change, opened and
/// decrypted by cryptsetup.
class CryptsetupTest {
  private static final String SECRET = "geheim";
  private static final int CONTENT = 3 << 20;
  private static final int ROOM = 4 << 20; // for headers and keyslots, taken from the end
  private static final Duration QUICK = Duration.ofMillis(20);

  @TempDir Path dir;
  private Oracle cryptsetup;
  private Path key;

  @BeforeEach
  void oracle() throws IOException {
    cryptsetup = Oracle.named("cryptsetup");
    key = keyFile("key", SECRET);
  }

  private Path keyFile(String name, String secret) throws IOException {
    return Files.writeString(dir.resolve(name), secret);
  }

  private static Passphrase secret(String secret) {
    return Passphrase.of(secret.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] content() {
    byte[] content = new byte[CONTENT];
    new Random(11).nextBytes(content);
    return content;
  }

  /// A volume whose content is [#content], encrypted by cryptsetup in place.
  private Path encrypted(String... options) throws IOException {
    Path image = dir.resolve("volume.img");
    Files.write(image, Arrays.copyOf(content(), CONTENT + ROOM));
    List<Object> arguments =
        new ArrayList<>(
            List.of("reencrypt", "--encrypt", "-q", "--force-offline-reencrypt", "--type"));
    arguments.addAll(List.of("luks2", "--reduce-device-size", "4M", "--key-file", key));
    arguments.addAll(List.of("--luks2-metadata-size", "16k", "--luks2-keyslots-size", "1m"));
    arguments.addAll(List.of(options));
    arguments.add(image);
    cryptsetup.run(arguments.toArray()).succeeds();
    return image;
  }

  private Image open(Path image) throws IOException {
    return Image.open(
        image, ImageOptions.reading().with(ImageOptions.Access.WRITE).withFormat("raw"));
  }

  private void opens(Path image, Path keyFile) {
    cryptsetup.run("open", "--test-passphrase", "--key-file", keyFile, image).succeeds();
  }

  private void opensNot(Path image, Path keyFile) {
    cryptsetup.run("open", "--test-passphrase", "--key-file", keyFile, image).exits(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--pbkdf argon2id --pbkdf-memory 4096 --pbkdf-parallel 2 --pbkdf-force-iterations 4",
        "--pbkdf argon2i --pbkdf-memory 1024 --pbkdf-parallel 1 --pbkdf-force-iterations 5"
            + " --sector-size 4096",
        "--pbkdf pbkdf2 --pbkdf-force-iterations 1000 --hash sha512 --key-size 256"
            + " --sector-size 2048",
        "--pbkdf pbkdf2 --pbkdf-force-iterations 1000 --cipher aes-cbc-essiv:sha256"
            + " --key-size 256 --sector-size 1024",
      })
  void readsAndWritesWhatCryptsetupEncrypts(String options) throws IOException {
    Path image = encrypted(options.split(" "));
    byte[] expected = content();
    byte[] change = new byte[9000];
    new Random(12).nextBytes(change);
    try (Image raw = open(image);
        Disk clear = Luks.open(raw.disk(), secret(SECRET))) {
      assertThat(Luks.isIn(raw.disk())).isTrue();
      assertThat(Luks.inspect(raw.disk()).version()).isEqualTo(2);
      assertThat(Arrays.mismatch(clear.readBytes(0, CONTENT), expected)).isEqualTo(-1);
      assertThat(clear.readBytes(12_345, 777))
          .isEqualTo(Arrays.copyOfRange(expected, 12_345, 12_345 + 777));
      clear.writeBytes(1_000_001, change);
      clear.sync();
    }
    System.arraycopy(change, 0, expected, 1_000_001, change.length);
    byte[] found = Arrays.copyOf(decrypted(image), CONTENT);
    assertThat(Arrays.mismatch(found, expected)).isEqualTo(-1);
  }

  /// By cryptsetup, in place.
  private byte[] decrypted(Path image) throws IOException {
    Path header = dir.resolve("header.img");
    Files.deleteIfExists(header);
    cryptsetup
        .run(
            "reencrypt",
            "--decrypt",
            "-q",
            "--force-offline-reencrypt",
            "--key-file",
            key,
            "--header",
            header,
            image)
        .succeeds();
    return Files.readAllBytes(image);
  }

  @Test
  void uuidIsCryptsetups() throws IOException {
    Path image = encrypted("--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000");
    try (Image raw = open(image)) {
      String uuid = cryptsetup.run("luksUUID", image).succeeds().out().strip();
      assertThat(Luks.uuid(raw.disk())).isEqualTo(uuid);
      assertThat(Luks.inspect(raw.disk()).cipher()).isEqualTo("aes-xts-plain64");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "luks1 --pbkdf-force-iterations 1000",
        "luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000",
        "luks2 --pbkdf argon2id --pbkdf-memory 4096 --pbkdf-parallel 1 --pbkdf-force-iterations 4"
      })
  void passphrasesChange(String type) throws IOException {
    Path image = formatted(type);
    Path other = keyFile("other", "another one");
    try (Image raw = open(image)) {
      var slots = Luks.passphraseSlots(raw.disk());
      int added = slots.add(secret(SECRET), secret("another one"), QUICK, OptionalInt.empty());
      assertThat(added).isEqualTo(1);
      raw.disk().sync();
      opens(image, key);
      opens(image, other);
      assertThat(slots.remove(secret(SECRET))).isEqualTo(1);
      raw.disk().sync();
      opensNot(image, key);
      opens(image, other);
      assertThatThrownBy(() -> Luks.open(raw.disk(), secret(SECRET)))
          .isInstanceOf(PassphraseException.class);
      assertThatThrownBy(() -> slots.remove(secret("another one")))
          .isInstanceOf(UnsupportedFeatureException.class);
      Luks.open(raw.disk(), secret("another one")).close();
    }
    cryptsetup.run("luksDump", image).succeeds();
    if (type.startsWith("luks2")) {
      cryptsetup
          .run(
              "luksAddKey",
              "-q",
              "--pbkdf",
              "pbkdf2",
              "--pbkdf-force-iterations",
              "1000",
              "--key-file",
              other,
              image,
              key)
          .succeeds();
      try (Image raw = open(image)) {
        Luks.open(raw.disk(), secret(SECRET)).close();
      }
    }
  }

  private Path formatted(String type) throws IOException {
    Path image = dir.resolve("new.img");
    try (var file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(8 << 20);
    }
    List<Object> arguments =
        new ArrayList<>(List.of("luksFormat", "-q", "--key-file", key, "--type"));
    arguments.addAll(List.of(type.split(" ")));
    if (type.startsWith("luks2")) {
      arguments.addAll(List.of("--luks2-metadata-size", "16k", "--luks2-keyslots-size", "1m"));
    }
    arguments.add(image);
    cryptsetup.run(arguments.toArray()).succeeds();
    return image;
  }

  @Test
  void slotsAreUsedUpAndFreed() throws IOException {
    Path image = formatted("luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000");
    try (Image raw = open(image)) {
      var slots = Luks.passphraseSlots(raw.disk());
      for (int i = 1; i < 4; i++) {
        slots.add(secret(SECRET), secret("s" + i), QUICK, OptionalInt.empty());
      }
      assertThatThrownBy(() -> slots.add(secret(SECRET), secret("s4"), QUICK, OptionalInt.empty()))
          .hasMessageContaining("no room for another keyslot");
      slots.remove(2);
      slots.add(secret("s3"), secret("s5"), QUICK, OptionalInt.of(7));
    }
    opens(image, keyFile("s5", "s5"));
    opens(image, keyFile("s1", "s1"));
    opensNot(image, keyFile("s2", "s2"));
  }

  /// The primary header's place is damaged; the secondary is read, and cryptsetup agrees.
  @ParameterizedTest
  @ValueSource(ints = {0, 20, 4096, 5000})
  void secondaryHeaderIsUsed(int damaged) throws IOException {
    Path image = encrypted("--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000");
    try (Image raw = open(image)) {
      raw.disk().writeBytes(damaged, new byte[] {'#', '#'});
      assertThat(Luks.isIn(raw.disk())).isEqualTo(damaged != 0);
      try (Disk clear = Luks.open(raw.disk(), secret(SECRET))) {
        assertThat(Arrays.mismatch(clear.readBytes(0, CONTENT), content())).isEqualTo(-1);
      }
      Luks.passphraseSlots(raw.disk()).add(secret(SECRET), secret("x"), QUICK, OptionalInt.empty());
      assertThat(Luks.isIn(raw.disk())).isTrue();
    }
    opens(image, keyFile("x", "x"));
  }
}
