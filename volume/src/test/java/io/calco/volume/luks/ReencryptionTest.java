package io.calco.volume.luks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.disk.Passphrase;
import io.calco.disk.PassphraseException;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Master keys that we change, in volumes that cryptsetup made: it finds another key, the same
/// passphrase, and under both the same content.
class ReencryptionTest {
  private static final String SECRET = "geheim";
  private static final int SIZE = 8 << 20;
  private static final int CONTENT = 3 << 20;
  private static final String ARGON2 =
      "luks2 --pbkdf argon2id --pbkdf-memory 4096 --pbkdf-parallel 2 --pbkdf-force-iterations 4";

  @TempDir Path dir;
  private Oracle cryptsetup;
  private Path key;

  @BeforeEach
  void oracle() throws IOException {
    cryptsetup = Oracle.named("cryptsetup");
    key = Files.writeString(dir.resolve("key"), SECRET);
  }

  private static Passphrase secret(String secret) {
    return Passphrase.of(secret.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] content() {
    byte[] content = new byte[CONTENT];
    new Random(21).nextBytes(content);
    return content;
  }

  /// A volume by cryptsetup with our content in it, and two more passphrases.
  private Path volume(String type) throws IOException {
    Path image = dir.resolve("volume.img");
    try (var file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(SIZE);
    }
    List<Object> arguments =
        new ArrayList<>(List.of("luksFormat", "-q", "--key-file", key, "--type"));
    arguments.addAll(List.of(type.split(" ")));
    if (type.startsWith("luks2")) {
      arguments.addAll(List.of("--luks2-metadata-size", "16k", "--luks2-keyslots-size", "1m"));
    }
    arguments.add(image);
    cryptsetup.run(arguments.toArray()).succeeds();
    for (String other : List.of("second", "third")) {
      Path added = Files.writeString(dir.resolve(other), other);
      cryptsetup
          .run(
              "luksAddKey",
              "-q",
              "--pbkdf",
              "pbkdf2",
              "--pbkdf-force-iterations",
              "1000",
              "--key-file",
              key,
              image,
              added)
          .succeeds();
    }
    try (Image raw = open(image);
        Disk clear = Luks.open(raw.disk(), secret(SECRET))) {
      clear.writeBytes(0, content());
      clear.writeBytes(clear.size() - 4096, Arrays.copyOf(content(), 4096));
    }
    return image;
  }

  private static Image open(Path image) throws IOException {
    return Image.open(
        image, ImageOptions.reading().with(ImageOptions.Access.WRITE).withFormat("raw"));
  }

  private String masterKey(Path image) {
    String dump =
        cryptsetup
            .run("luksDump", "-q", "--dump-volume-key", "--key-file", key, image)
            .succeeds()
            .out();
    return dump.substring(dump.indexOf("MK dump:"));
  }

  private void test(Path image, String secret, int code) {
    cryptsetup
        .run("open", "--test-passphrase", "--key-file", dir.resolve(secret), image)
        .exits(code);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "luks1 --pbkdf-force-iterations 1000",
        "luks1 --pbkdf-force-iterations 1000 --cipher aes-cbc-essiv:sha256 --key-size 256",
        ARGON2,
        "luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --sector-size 4096",
      })
  void anotherKeyHoldsTheSame(String type) throws IOException {
    Path image = volume(type);
    if (type.startsWith("luks2")) {
      Path token =
          Files.writeString(
              dir.resolve("token"), "{\"type\":\"example\",\"keyslots\":[\"1\"],\"secret\":1}");
      cryptsetup.run("token", "import", "--json-file", token, image).succeeds();
    }
    String before = masterKey(image);
    try (Image raw = open(image)) {
      Reencryption done =
          Luks.reencrypt(
              raw.disk(),
              List.of(secret("none of its"), secret(SECRET), secret("third")),
              JobContext.SILENT);
      assertThat(done.keptSlots()).containsExactly(0, 2);
      assertThat(done.removedSlots()).containsExactly(1);
      assertThat(done.length()).isBetween((long) CONTENT, (long) SIZE);
      assertThatThrownBy(() -> Luks.open(raw.disk(), secret("second")))
          .isInstanceOf(PassphraseException.class);
      try (Disk clear = Luks.open(raw.disk(), secret("third"))) {
        assertThat(Arrays.mismatch(clear.readBytes(0, CONTENT), content())).isEqualTo(-1);
        assertThat(clear.readBytes(clear.size() - 4096, 4096))
            .isEqualTo(Arrays.copyOf(content(), 4096));
      }
    }
    assertThat(masterKey(image)).isNotEqualTo(before);
    test(image, "key", 0);
    test(image, "third", 0);
    test(image, "second", 2);
    String dump = cryptsetup.run("luksDump", image).succeeds().out();
    assertThat(dump).doesNotContain("example");
    assertThat(decrypted(image, type)).isEqualTo(content());
  }

  /// Their content by QEMU, or by cryptsetup in place.
  private byte[] decrypted(Path image, String type) throws IOException {
    Path clear = dir.resolve("clear.img");
    if (type.startsWith("luks1")) {
      Oracle.named("qemu-img")
          .run(
              "convert",
              "--object",
              "secret,id=s,file=" + key,
              "--image-opts",
              "driver=luks,key-secret=s,file.filename=" + image,
              "-O",
              "raw",
              clear)
          .succeeds();
      return Arrays.copyOf(Files.readAllBytes(clear), CONTENT);
    }
    cryptsetup
        .run(
            "reencrypt",
            "--decrypt",
            "-q",
            "--force-offline-reencrypt",
            "--key-file",
            key,
            "--header",
            dir.resolve("header.img"),
            image)
        .succeeds();
    return Arrays.copyOf(Files.readAllBytes(image), CONTENT);
  }

  /// What the file below has never held stays so.
  @Test
  void holesStayHoles() throws IOException {
    Path image = volume(ARGON2);
    Path sparse = dir.resolve("sparse.qcow2");
    ImageOptions writing =
        ImageOptions.reading().with(ImageOptions.Access.WRITE).withFormat("qcow2");
    Image.create(sparse, "qcow2", CreateOptions.ofSize(1L << 30));
    try (Image from = open(image);
        Image to = Image.open(sparse, writing)) {
      to.disk().writeBytes(0, from.disk().readBytes(0, 2 << 20));
      try (Disk clear = Luks.open(to.disk(), secret(SECRET))) {
        clear.writeBytes(700 << 20, content());
      }
      Reencryption done = Luks.reencrypt(to.disk(), List.of(secret(SECRET)), JobContext.SILENT);
      assertThat(done.length()).isBetween((long) CONTENT, 8L << 20);
      try (Disk clear = Luks.open(to.disk(), secret(SECRET))) {
        assertThat(Arrays.mismatch(clear.readBytes(700 << 20, CONTENT), content())).isEqualTo(-1);
      }
    }
    assertThat(Files.size(sparse)).isLessThan(16L << 20);
  }

  @Test
  void wrongPassphraseWritesNothing() throws IOException {
    Path image = volume("luks1 --pbkdf-force-iterations 1000");
    byte[] before = Files.readAllBytes(image);
    try (Image raw = open(image)) {
      for (List<Passphrase> none : List.of(List.of(secret("wrong")), List.<Passphrase>of())) {
        assertThatThrownBy(() -> Luks.reencrypt(raw.disk(), none, JobContext.SILENT))
            .isInstanceOf(PassphraseException.class);
      }
    }
    assertThat(Files.readAllBytes(image)).isEqualTo(before);
  }

  @Test
  void stopsWhenAsked() throws IOException {
    Path image = volume("luks1 --pbkdf-force-iterations 1000");
    JobContext stopping =
        new JobContext() {
          @Override
          public void progress(String step, long done, long total) {}

          @Override
          public void checkCancelled() {
            throw new CancellationException();
          }
        };
    try (Image raw = open(image)) {
      assertThatThrownBy(() -> Luks.reencrypt(raw.disk(), List.of(secret(SECRET)), stopping))
          .isInstanceOf(CancellationException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"luks1 --pbkdf-force-iterations 1000", ARGON2})
  void uuidChanges(String type) throws IOException {
    Path image = volume(type);
    UUID uuid = UUID.randomUUID();
    try (Image raw = open(image);
        Disk clear = Luks.open(raw.disk(), secret(SECRET))) {
      Luks.setUuid(raw.disk(), uuid);
      assertThat(Luks.uuid(raw.disk())).isEqualTo(uuid.toString());
      assertThat(Arrays.mismatch(clear.readBytes(0, CONTENT), content())).isEqualTo(-1);
    }
    assertThat(cryptsetup.run("luksUUID", image).succeeds().out().strip())
        .isEqualTo(uuid.toString());
    test(image, "key", 0);
    cryptsetup.run("luksDump", image).succeeds();
  }
}
