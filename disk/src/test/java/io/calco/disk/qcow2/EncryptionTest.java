package io.calco.disk.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.BackingReference;
import io.calco.disk.CopyOptions;
import io.calco.disk.CorruptImageException;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.DiskCopy;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.disk.MapEntry;
import io.calco.disk.MeasuredSize;
import io.calco.disk.MemoryDriver;
import io.calco.disk.Passphrase;
import io.calco.disk.PassphraseException;
import io.calco.disk.PassphraseSlots;
import io.calco.disk.RepairScope;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.VerifyReport;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Encrypted images that QEMU made, read and written by us; ours, read, written and checked by
/// QEMU.
class EncryptionTest {
  private static final String SECRET = "geheim";
  private static final int SIZE = 3 << 20;

  @TempDir Path dir;

  private static Passphrase secret() {
    return Passphrase.of(SECRET.getBytes(StandardCharsets.UTF_8));
  }

  private static ImageOptions options(ImageOptions.Access access) {
    return ImageOptions.reading().withFormat("qcow2").with(access).with(secret());
  }

  private static byte[] read(Path path) throws IOException {
    try (Image image = Image.open(path, options(ImageOptions.Access.READ))) {
      return image.disk().readBytes(0, Math.toIntExact(image.disk().size()));
    }
  }

  private static void create(Path path, String layout, Optional<BackingReference> below)
      throws IOException {
    Map<String, String> options =
        Images.options("encrypt.format=luks,encrypt.iter-time=1," + layout);
    Image.create(path, "qcow2", new CreateOptions(SIZE, below, options, Optional.of(secret())));
  }

  /// Random bytes at random places, also within sectors, and zeroes.
  private static byte[] writeRandomly(Path path, Random random, byte[] before) throws IOException {
    byte[] model = before.clone();
    try (Image image = Image.open(path, options(ImageOptions.Access.WRITE))) {
      for (int i = 0; i < 25; i++) {
        int at = random.nextInt(model.length);
        byte[] bytes = new byte[1 + random.nextInt(Math.min(model.length - at, 150_000))];
        if (i % 6 == 5) {
          image.disk().writeZeroes(at, bytes.length, io.calco.disk.ZeroMode.MAY_UNMAP);
        } else {
          random.nextBytes(bytes);
          image.disk().writeBytes(at, bytes);
        }
        System.arraycopy(bytes, 0, model, at, bytes.length);
      }
    }
    return model;
  }

  private static String unlocked(Path image) {
    return "driver=qcow2,encrypt.key-secret=s,file.filename=" + image;
  }

  private static Oracle.Run qemu(String program, Object... words) {
    List<Object> all = new ArrayList<>(List.of(words));
    all.addAll(
        program.equals("qemu-img") ? 1 : 0, List.of("--object", "secret,id=s,data=" + SECRET));
    return Oracle.named(program).run(all.toArray());
  }

  private byte[] readWithQemu(String image, Object... words) throws IOException {
    Path raw = dir.resolve("qemu.raw");
    List<Object> all = new ArrayList<>(List.of("convert", "-O", "raw"));
    all.addAll(List.of(words));
    all.addAll(List.of("--image-opts", image, raw));
    qemu("qemu-img", all.toArray()).succeeds();
    return Files.readAllBytes(raw);
  }

  private static void assertSound(Path image) throws IOException {
    qemu("qemu-img", "check", "--image-opts", unlocked(image)).succeeds();
    try (Image open =
        Image.open(
            image, ImageOptions.reading().withFormat("qcow2").with(ImageOptions.Access.METADATA))) {
      VerifyReport report = open.verify(JobContext.SILENT);
      assertThat(report.clean()).as(report.findings().toString()).isTrue();
    }
  }

  /// Its clock of the processor's time is too coarse for little work on a busy machine.
  private static void createWithQemu(Path image, String layout) {
    for (int time = 10; ; time *= 4) {
      Oracle.Run run =
          qemu(
              "qemu-img",
              "create",
              "-f",
              "qcow2",
              "-o",
              "encrypt.key-secret=s,encrypt.format=luks,encrypt.iter-time=" + time + "," + layout,
              image,
              SIZE);
      if (run.exit() == 0 || time > 1000) {
        run.succeeds();
        return;
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cluster_size=65536",
        "cluster_size=512,refcount_bits=64",
        "cluster_size=4096,compat=0.10,encrypt.cipher-mode=cbc,encrypt.ivgen-alg=essiv",
        "cluster_size=2M,encrypt.cipher-alg=aes-128,encrypt.hash-alg=sha1",
        "cluster_size=16384,extended_l2=on",
        "cluster_size=8192,preallocation=metadata",
        "cluster_size=65536,preallocation=full"
      })
  void qemuReadsWhatWeWrote(String layout) throws IOException {
    Path image = dir.resolve("image.qcow2");
    create(image, layout, Optional.empty());
    assertThat(Arrays.mismatch(readWithQemu(unlocked(image)), new byte[SIZE])).isEqualTo(-1);
    assertSound(image);
    byte[] model = writeRandomly(image, new Random(1), new byte[SIZE]);
    assertThat(Arrays.mismatch(read(image), model)).isEqualTo(-1);
    assertThat(Arrays.mismatch(readWithQemu(unlocked(image)), model)).isEqualTo(-1);
    assertSound(image);
  }

  /// With a snapshot, and a compressed cluster, which QEMU does not encrypt.
  @Test
  void readsAndWritesWhatQemuMade() throws IOException {
    Path image = dir.resolve("image.qcow2");
    createWithQemu(image, "cluster_size=4096");
    qemu(
            "qemu-io",
            "-c",
            "write -P 7 5k 1M",
            "-c",
            "write -c -P 9 2M 4k",
            "--image-opts",
            unlocked(image))
        .succeeds();
    qemu("qemu-img", "snapshot", "-c", "first", "--image-opts", unlocked(image)).succeeds();
    byte[] first = readWithQemu(unlocked(image));
    assertThat(first[2 << 20]).isEqualTo((byte) 9);
    assertThat(Arrays.mismatch(read(image), first)).isEqualTo(-1);
    byte[] model = writeRandomly(image, new Random(2), first);
    assertThat(Arrays.mismatch(readWithQemu(unlocked(image)), model)).isEqualTo(-1);
    assertThat(Arrays.mismatch(readWithQemu(unlocked(image), "-l", "snapshot.name=first"), first))
        .isEqualTo(-1);
    ImageOptions snapshot = options(ImageOptions.Access.READ).withSnapshot("first");
    try (Image open = Image.open(image, snapshot)) {
      assertThat(Arrays.mismatch(open.disk().readBytes(0, SIZE), first)).isEqualTo(-1);
      assertThat(open.info().encrypted()).isTrue();
    }
    assertSound(image);
  }

  @Test
  void tellsWhatQemuTells() throws IOException {
    Path image = dir.resolve("image.qcow2");
    for (String layout : List.of("compat=1.1", "compat=0.10,encrypt.cipher-alg=aes-128")) {
      Files.deleteIfExists(image);
      create(image, layout, Optional.empty());
      String told = Qemu.img().run("info", "--output", "json", image).succeeds().out();
      ImageOptions metadata = ImageOptions.reading().with(ImageOptions.Access.METADATA);
      try (Image open = Image.open(image, metadata)) {
        String facts = open.info().specific().toString();
        assertThat(told.replaceAll("[\\s\"]", "").replace(':', '='))
            .contains("data=" + facts.replace(" ", ""));
        assertThatThrownBy(() -> open.disk().readBytes(0, 1))
            .isInstanceOf(PassphraseException.class);
      }
    }
  }

  @Test
  void readsTheOldAesMethodAndRefusesToWriteIt() throws IOException {
    Path image = dir.resolve("image.qcow2");
    qemu(
            "qemu-img",
            "create",
            "-f",
            "qcow2",
            "-o",
            "encrypt.format=aes,encrypt.key-secret=s,cluster_size=4096",
            image,
            SIZE)
        .succeeds();
    qemu(
            "qemu-io",
            "-c",
            "write -P 5 2M 100k",
            "-c",
            "write -P 6 1k 100k",
            "-c",
            "write -P 8 1M 512",
            "--image-opts",
            unlocked(image))
        .succeeds();
    assertThat(Arrays.mismatch(read(image), readWithQemu(unlocked(image)))).isEqualTo(-1);
    assertThatThrownBy(() -> Image.open(image, options(ImageOptions.Access.WRITE)))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("old AES method");
    try (Image open = Image.open(image, options(ImageOptions.Access.READ))) {
      assertThat(open.info().specific()).containsEntry("encrypt", Map.of("format", "aes"));
    }
  }

  /// Encrypted above, below, and both.
  @Test
  void chainsMayBeEncryptedWhereTheyLike() throws IOException {
    Path plain = dir.resolve("plain.qcow2");
    Images.create(plain, SIZE, "cluster_size=65536", Optional.empty());
    byte[] model = writeRandomly(plain, new Random(3), new byte[SIZE]);
    Path middle = dir.resolve("middle.qcow2");
    create(middle, "cluster_size=16384,extended_l2=on", below("plain.qcow2"));
    model = writeRandomly(middle, new Random(4), model);
    assertThat(Arrays.mismatch(readWithQemu(unlocked(middle)), model)).isEqualTo(-1);
    Path top = dir.resolve("top.qcow2");
    create(top, "cluster_size=65536", below("middle.qcow2"));
    model = writeRandomly(top, new Random(5), model);
    assertThat(Arrays.mismatch(read(top), model)).isEqualTo(-1);
    String both = unlocked(top) + ",backing.driver=qcow2,backing.encrypt.key-secret=s";
    assertThat(Arrays.mismatch(readWithQemu(both + ",backing.file.filename=" + middle), model))
        .isEqualTo(-1);
    try (Image open = Image.open(top, options(ImageOptions.Access.WRITE))) {
      open.changeBacking(below(dir.resolve("middle.qcow2").toString()));
    }
    qemu("qemu-img", "check", "--image-opts", both + ",backing.file.filename=" + middle).succeeds();
  }

  private static Optional<BackingReference> below(String name) {
    return Optional.of(new BackingReference(name, Optional.of("qcow2")));
  }

  @Test
  void growsShrinksAndMaps() throws IOException {
    Path image = dir.resolve("image.qcow2");
    create(image, "cluster_size=4096", Optional.empty());
    byte[] model = writeRandomly(image, new Random(6), new byte[SIZE]);
    try (Image open = Image.open(image, options(ImageOptions.Access.WRITE))) {
      open.disk().resize(SIZE / 2 + 512);
      open.disk().resize(SIZE + 4096);
      for (MapEntry entry : MapEntry.list(open)) {
        assertThat(entry.hostOffset()).isEmpty();
      }
    }
    model = Arrays.copyOf(Arrays.copyOf(model, SIZE / 2 + 512), SIZE + 4096);
    assertThat(Arrays.mismatch(readWithQemu(unlocked(image)), model)).isEqualTo(-1);
    assertSound(image);
  }

  /// The refcounts are built anew, the LUKS header's too.
  @Test
  void isRepairedWithoutItsPassphrase() throws IOException {
    Path image = dir.resolve("image.qcow2");
    create(image, "cluster_size=4096", Optional.empty());
    byte[] model = writeRandomly(image, new Random(8), new byte[SIZE]);
    long table = ByteBuffer.wrap(Files.readAllBytes(image)).getLong(48);
    try (FileChannel file = FileChannel.open(image, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.allocate(8).putLong(0, 1 << 30), table);
    }
    ImageOptions repairing = ImageOptions.reading().with(ImageOptions.Access.REPAIR);
    try (Image open = Image.open(image, repairing)) {
      assertThat(open.verify(JobContext.SILENT).clean()).isFalse();
      assertThat(open.repair(RepairScope.ALL, JobContext.SILENT).clean()).isTrue();
    }
    assertSound(image);
    assertThat(Arrays.mismatch(readWithQemu(unlocked(image)), model)).isEqualTo(-1);
  }

  /// The numbers are qemu-img's, which measures its clock each time for seconds.
  @ParameterizedTest
  @CsvSource({"65536,2424832,10813440", "4096,2105344,10493952", "2097152,12582912,20971520"})
  void measuresAsQemuDoes(String clusterSize, long required, long fullyAllocated)
      throws IOException {
    Map<String, String> layout = Map.of("encrypt.format", "luks", "cluster_size", clusterSize);
    CreateOptions options = new CreateOptions(8 << 20, Optional.empty(), layout);
    try (Disk blank = Disk.blank(8 << 20)) {
      assertThat(new Qcow2Format().measure(blank, options))
          .isEqualTo(new MeasuredSize(required, fullyAllocated));
      assertThatThrownBy(() -> new Qcow2Format().layOut(blank, options))
          .isInstanceOf(UnsupportedFeatureException.class);
    }
  }

  @Test
  void refusesToCompress() throws IOException {
    Path image = dir.resolve("image.qcow2");
    create(image, "cluster_size=4096", Optional.empty());
    try (Image open = Image.open(image, options(ImageOptions.Access.WRITE));
        Disk source = Disk.owning(new MemoryDriver(new byte[SIZE]))) {
      CopyOptions copying = CopyOptions.toNew(open, "copying");
      assertThatThrownBy(() -> DiskCopy.copyCompressed(source, open, copying, JobContext.SILENT))
          .isInstanceOf(UnsupportedFeatureException.class)
          .hasMessageContaining("encrypted qcow2 images cannot be compressed");
    }
  }

  @Test
  void refusesWithoutTheRightPassphrase() throws IOException {
    Path image = dir.resolve("image.qcow2");
    create(image, "cluster_size=4096", Optional.empty());
    ImageOptions writing =
        ImageOptions.reading().withFormat("qcow2").with(ImageOptions.Access.WRITE);
    byte[] before = Files.readAllBytes(image);
    assertThatThrownBy(() -> Image.open(image, writing.with(Passphrase.of(new byte[1]))))
        .isInstanceOf(PassphraseException.class);
    try (Image open = Image.open(image, writing)) {
      assertThatThrownBy(() -> open.disk().writeBytes(0, new byte[1]))
          .isInstanceOf(PassphraseException.class);
      assertThatThrownBy(() -> open.disk().resize(1 << 20)).isInstanceOf(PassphraseException.class);
    }
    assertThat(Arrays.equals(Files.readAllBytes(image), before)).isTrue();
    assertThatThrownBy(() ->
            Image.create(
                dir.resolve("none"),
                "qcow2",
                new CreateOptions(SIZE, Optional.empty(), Map.of("encrypt.format", "luks"))))
        .isInstanceOf(PassphraseException.class);
    assertThat(dir.resolve("none")).doesNotExist();
  }

  @Test
  void qemuOpensWithAPassphraseThatWeAdded() throws IOException {
    Path image = dir.resolve("image.qcow2");
    createWithQemu(image, "cluster_size=65536");
    byte[] model = writeRandomly(image, new Random(7), new byte[SIZE]);
    Passphrase other = Passphrase.of("another".getBytes(StandardCharsets.UTF_8));
    ImageOptions writing =
        ImageOptions.reading().withFormat("qcow2").with(ImageOptions.Access.WRITE);
    try (Image open = Image.open(image, writing)) {
      PassphraseSlots slots = open.passphraseSlots().orElseThrow();
      assertThat(slots.add(secret(), other, Duration.ofMillis(1), OptionalInt.of(5))).isEqualTo(5);
      slots.remove(0);
    }
    assertThatThrownBy(() -> read(image)).isInstanceOf(PassphraseException.class);
    Path raw = dir.resolve("other.raw");
    Qemu.img()
        .run(
            "convert",
            "--object",
            "secret,id=s,data=another",
            "--image-opts",
            unlocked(image),
            "-O",
            "raw",
            raw)
        .succeeds();
    assertThat(Arrays.mismatch(Files.readAllBytes(raw), model)).isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "encrypt.format=aes",
        "encrypt.format=serpent",
        "encrypt.iter-time=5",
        "encrypt.format=luks,encrypt.cipher-alg=serpent-256",
        "encrypt.format=luks,encrypt.cipher-mode=ecb",
        "encrypt.format=luks,encrypt.ivgen-alg=random",
        "encrypt.format=luks,encrypt.ivgen-hash-alg=sha1",
        "encrypt.format=luks,encrypt.hash-alg=md5",
        "encrypt.format=luks,encrypt.iter-time=0",
        "encrypt.format=luks,compat=0.10,preallocation=full"
      })
  void refusesOptions(String layout) {
    CreateOptions options =
        new CreateOptions(SIZE, Optional.empty(), Images.options(layout), Optional.of(secret()));
    assertThatThrownBy(() -> Image.create(dir.resolve("image"), "qcow2", options))
        .isInstanceOf(UnsupportedFeatureException.class);
  }

  /// The crypto header's fields, one broken at a time: QEMU crashes on the first.
  @Test
  void refusesBrokenCryptoHeaders() throws IOException {
    Path image = dir.resolve("image.qcow2");
    create(image, "cluster_size=65536", Optional.empty());
    byte[] sound = Files.readAllBytes(image);
    int extension = 112;
    assertThat(ByteBuffer.wrap(sound).getInt(extension)).isEqualTo(0x0537be77);
    refuses(image, sound, extension, 0x12345678, "crypto header");
    refuses(image, sound, extension + 4, 8, "crypto header");
    refuses(image, sound, 32, 1, "crypt_method");
    refuses(image, sound, 32, 0, "crypt_method");
    refuses(image, sound, 32, 3, "crypt_method");
    refuses(image, sound, extension + 12, 1 << 16 | 512, "crypto header");
    refuses(image, sound, extension + 8, 1, "crypto header");
    refuses(image, sound, extension + 20, 0, "crypto header");
    refuses(image, sound, extension + 20, 592, "LUKS payload-offset");
    refuses(image, sound, extension + 16, 1, "LUKS header");
    int luks = ByteBuffer.wrap(sound).getInt(extension + 12);
    refuses(image, sound, luks, 0, "LUKS magic");
    refuses(image, sound, luks + 164, -1, "PBKDF2");
    refuses(image, sound, luks + 208 + 4, 12_000_001, "PBKDF2");
  }

  private static void refuses(Path image, byte[] sound, int at, int number, String message)
      throws IOException {
    Files.write(image, ByteBuffer.wrap(sound.clone()).putInt(at, number).array());
    assertThatThrownBy(() -> Image.open(image, options(ImageOptions.Access.READ)))
        .isInstanceOf(io.calco.disk.DiskException.class)
        .hasMessageContaining(message);
  }

  /// A guest cluster that is said to lie on the LUKS header cannot be written there.
  @Test
  void keepsTheGuestOffTheLuksHeader() throws IOException {
    Path image = dir.resolve("image.qcow2");
    create(image, "cluster_size=65536", Optional.empty());
    try (Image open = Image.open(image, options(ImageOptions.Access.WRITE))) {
      open.disk().writeBytes(0, new byte[] {1});
    }
    ByteBuffer header = ByteBuffer.wrap(Files.readAllBytes(image));
    long luks = header.getLong(112 + 8);
    long l1 = header.getLong(40);
    long l2 = header.getLong(Math.toIntExact(l1)) & ~(1L << 63);
    try (FileChannel file = FileChannel.open(image, StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.allocate(8).putLong(0, luks | 1L << 63), l2);
    }
    try (Image open = Image.open(image, options(ImageOptions.Access.WRITE))) {
      assertThatThrownBy(() -> open.disk().writeBytes(5, new byte[1]))
          .isInstanceOf(CorruptImageException.class)
          .hasMessageContaining("LUKS header");
    }
  }
}
