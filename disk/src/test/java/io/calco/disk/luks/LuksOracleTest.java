package io.calco.disk.luks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.CopyOptions;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.DiskCopy;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.disk.MeasuredSize;
import io.calco.disk.MemoryDriver;
import io.calco.disk.Passphrase;
import io.calco.disk.PassphraseException;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Volumes that QEMU and cryptsetup made, read by us; volumes that we made, read by them.
class LuksOracleTest {
  private static final String SECRET = "geheim";
  private static final int SIZE = 1 << 20;

  @TempDir Path dir;

  /// qemu-img's and ours alike; its aes-192 in cbc aborts.
  static Stream<String> layouts() {
    return Stream.of(
        "",
        "cipher-alg=aes-128,hash-alg=sha1",
        "cipher-alg=aes-192,hash-alg=sha512",
        "ivgen-alg=plain,hash-alg=sha224",
        "cipher-mode=cbc,hash-alg=sha384",
        "cipher-alg=aes-128,cipher-mode=cbc,ivgen-alg=essiv,ivgen-hash-alg=sha256");
  }

  /// Its measuring takes a second for each.
  static Stream<String> qemusLayouts() {
    return Stream.of(
        "",
        "cipher-alg=aes-192,ivgen-alg=plain,hash-alg=sha512",
        "cipher-alg=aes-128,cipher-mode=cbc,ivgen-alg=essiv,hash-alg=sha1");
  }

  private static Passphrase secret() {
    return Passphrase.of(SECRET.getBytes(StandardCharsets.UTF_8));
  }

  private static Map<String, String> options(String layout) {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("iter-time", "1");
    for (String option : layout.isEmpty() ? new String[0] : layout.split(",")) {
      options.put(option.split("=")[0], option.split("=")[1]);
    }
    return options;
  }

  private static byte[] content() {
    byte[] content = new byte[SIZE];
    new Random(5).nextBytes(content);
    return content;
  }

  private static byte[] readWithUs(Path image) throws IOException {
    ImageOptions reading = ImageOptions.reading().withFormat("luks").with(secret());
    try (Image open = Image.open(image, reading)) {
      return open.disk().readBytes(0, Math.toIntExact(open.disk().size()));
    }
  }

  private byte[] readWithQemu(Path image) throws IOException {
    Path raw = dir.resolve("qemu.raw");
    Oracle.named("qemu-img")
        .run(
            "convert",
            "--object",
            "secret,id=s,data=" + SECRET,
            "--image-opts",
            "driver=luks,key-secret=s,file.filename=" + image,
            "-O",
            "raw",
            raw)
        .succeeds();
    return Files.readAllBytes(raw);
  }

  /// Its clock of the processor's time is too coarse for little work on a busy machine.
  private static void createWithQemu(Path image, String layout) {
    for (int time = 10; ; time *= 4) {
      Oracle.Run run =
          Oracle.named("qemu-img")
              .run(
                  "create",
                  "-f",
                  "luks",
                  "--object",
                  "secret,id=s,data=" + SECRET,
                  "-o",
                  "key-secret=s,iter-time=" + time + (layout.isEmpty() ? "" : "," + layout),
                  image,
                  SIZE);
      if (run.exit() == 0 || time > 1000) {
        run.succeeds();
        return;
      }
    }
  }

  private static void writeWithQemu(Path image, Path raw) {
    Oracle.named("qemu-img")
        .run(
            "convert",
            "-n",
            "--object",
            "secret,id=s,data=" + SECRET,
            "-f",
            "raw",
            raw,
            "--target-image-opts",
            "driver=luks,key-secret=s,file.filename=" + image)
        .succeeds();
  }

  @ParameterizedTest
  @MethodSource("qemusLayouts")
  void readsWhatQemuWrote(String layout) throws IOException {
    Path image = dir.resolve("image.luks");
    Path raw = Files.write(dir.resolve("raw"), content());
    createWithQemu(image, layout);
    writeWithQemu(image, raw);
    assertThat(Arrays.mismatch(readWithUs(image), content())).isEqualTo(-1);
    tellsWhatQemuTells(image);
  }

  /// cryptsetup needs the device mapper for aes-192.
  @ParameterizedTest
  @MethodSource("layouts")
  void qemuAndCryptsetupReadWhatWeWrote(String layout) throws IOException {
    Path image = dir.resolve("image.luks");
    create(image, options(layout));
    byte[] content = content();
    try (Image open = Image.open(image, writing())) {
      open.disk().writeBytes(0, content);
      byte[] part = {1, 2, 3};
      open.disk().writeBytes(777, part);
      System.arraycopy(part, 0, content, 777, 3);
    }
    assertThat(Arrays.mismatch(readWithQemu(image), content)).isEqualTo(-1);
    Path key = Files.writeString(dir.resolve("key"), SECRET);
    Oracle cryptsetup = Oracle.named("cryptsetup");
    if (!layout.contains("aes-192")) {
      cryptsetup.run("open", "--test-passphrase", "--key-file", key, image).succeeds();
    }
    cryptsetup.run("luksDump", image).succeeds().says("Key Slot 0: ENABLED");
  }

  private static ImageOptions writing() {
    return ImageOptions.reading().withFormat("luks").with(secret()).with(ImageOptions.Access.WRITE);
  }

  private static void create(Path image, Map<String, String> options) throws IOException {
    Image.create(
        image, "luks", new CreateOptions(SIZE, Optional.empty(), options, Optional.of(secret())));
  }

  /// Its data begin at 2 MiB, and the second of its slots has our passphrase.
  @Test
  void readsWhatCryptsetupMade() throws IOException {
    Path image = dir.resolve("image.luks");
    Path first = Files.writeString(dir.resolve("first"), "another one");
    Path second = Files.writeString(dir.resolve("second"), SECRET);
    Files.write(image, new byte[(2 << 20) + SIZE]);
    Oracle cryptsetup = Oracle.named("cryptsetup");
    cryptsetup
        .run(
            "luksFormat",
            "--type",
            "luks1",
            "--batch-mode",
            "--pbkdf-force-iterations",
            1000,
            "--key-file",
            first,
            "--hash",
            "sha512",
            "--key-size",
            256,
            image)
        .succeeds();
    cryptsetup
        .run(
            "luksAddKey",
            "--batch-mode",
            "--pbkdf-force-iterations",
            1000,
            "--key-file",
            first,
            image,
            second)
        .succeeds();
    try (Image open = Image.open(image, writing())) {
      assertThat(open.info().specific()).containsEntry("payload-offset", 2L << 20);
      open.disk().writeBytes(0, content());
    }
    assertThat(Arrays.mismatch(readWithQemu(image), content())).isEqualTo(-1);
  }

  private static void tellsWhatQemuTells(Path image) throws IOException {
    String told = Oracle.named("qemu-img").run("info", "--output", "json", image).succeeds().out();
    ImageOptions metadata = ImageOptions.reading().with(ImageOptions.Access.METADATA);
    try (Image open = Image.open(image, metadata)) {
      assertThat(open.format()).isEqualTo("luks");
      assertThat(open.info().encrypted()).isTrue();
      assertThat(open.disk().size()).isEqualTo(SIZE);
      String facts = json(open.info().specific());
      assertThat(told.replaceAll("\\s", "")).contains("\"data\":" + facts);
    }
  }

  private static String json(Object value) {
    return switch (value) {
      case Map<?, ?> map ->
          map.entrySet().stream()
              .map(e -> json(e.getKey()) + ":" + json(e.getValue()))
              .collect(java.util.stream.Collectors.joining(",", "{", "}"));
      case Iterable<?> list -> {
        StringBuilder text = new StringBuilder("[");
        for (Object item : list) {
          text.append(text.length() > 1 ? "," : "").append(json(item));
        }
        yield text.append(']').toString();
      }
      case String text -> '"' + text + '"';
      default -> value.toString();
    };
  }

  @Test
  void refusesWithoutTheRightPassphrase() throws IOException {
    Path image = dir.resolve("image.luks");
    create(image, options("cipher-alg=aes-128"));
    Passphrase other = Passphrase.of(new byte[0]);
    ImageOptions reading = ImageOptions.reading();
    assertThatThrownBy(() -> Image.open(image, reading.with(other)).close())
        .isInstanceOf(PassphraseException.class)
        .hasMessageContaining("does not open it");
    try (Image open = Image.open(image, reading)) {
      assertThatThrownBy(() -> open.disk().readBytes(0, 1))
          .isInstanceOf(PassphraseException.class)
          .hasMessageContaining("passphrase is needed");
    }
  }

  /// A new luks image does not read as zeroes: the copy's holes are written.
  @Test
  void aCopyWritesItsHoles() throws IOException {
    Path image = dir.resolve("image.luks");
    create(image, options("cipher-alg=aes-128"));
    byte[] content = new byte[SIZE];
    Arrays.fill(content, 300_000, 400_000, (byte) 7);
    try (Disk source = Disk.owning(new MemoryDriver(content.clone()));
        Image target = Image.open(image, writing())) {
      CopyOptions copying = CopyOptions.toNew(target, "copying");
      DiskCopy.copy(source, target.disk(), copying, JobContext.SILENT);
    }
    assertThat(Arrays.mismatch(readWithQemu(image), content)).isEqualTo(-1);
  }

  /// The number is qemu-img's, which measures its clock each time for seconds.
  @Test
  void measuresAsQemuDoes() throws IOException {
    try (Disk blank = Disk.blank(8 << 20)) {
      assertThat(new LuksFormat().measure(blank, CreateOptions.ofSize(8 << 20)))
          .isEqualTo(new MeasuredSize(10457088, 10457088));
    }
  }

  @Test
  void growsAndShrinks() throws IOException {
    Path image = dir.resolve("image.luks");
    create(image, options("cipher-alg=aes-128"));
    byte[] content = content();
    try (Image open = Image.open(image, writing())) {
      open.disk().writeBytes(0, content);
      open.disk().resize(SIZE / 2);
      open.disk().resize(2 * SIZE);
    }
    byte[] expected = Arrays.copyOf(Arrays.copyOf(content, SIZE / 2), 2 * SIZE);
    assertThat(Arrays.mismatch(readWithQemu(image), expected)).isEqualTo(-1);
  }
}
