package io.calco.disk.ami;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.calco.disk.Imports;
import io.calco.disk.MemoryFile;
import io.calco.disk.ami.MachineFile.Kind;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Kernels, RAM disks and file systems that others' programs made.
class MachineImageTest {
  @TempDir Path dir;

  private static Optional<MachineFile> recognise(Path file) throws IOException {
    return MachineFile.recogniseOwning(
        file.getFileName().toString(), new MemoryFile(Files.readAllBytes(file)));
  }

  /// A RAM disk as the kernel's documentation describes it: an archive of cpio's "newc".
  private Path cpio(String name) throws IOException {
    StringBuilder archive = new StringBuilder();
    for (String entry : List.of("init", "TRAILER!!!")) {
      archive.append("070701").append("00000000".repeat(11));
      archive.append("%08X".formatted(entry.length() + 1)).append("00000000").append(entry);
      archive.append("\0".repeat(4 - (110 + entry.length()) % 4));
    }
    return Files.writeString(dir.resolve(name), archive + "\0".repeat(4096));
  }

  private Path ext(String name) throws IOException {
    Path file = dir.resolve(name);
    Files.write(file, new byte[1 << 20]);
    Oracle.named("mke2fs").run("-q", "-F", file).succeeds();
    return file;
  }

  /// The least of a bzImage that the boot protocol asks for.
  private Path kernel(String name) throws IOException {
    byte[] image = new byte[4096];
    image[0x1fe] = 0x55;
    image[0x1ff] = (byte) 0xaa;
    put(image, 0x202, "HdrS");
    image[0x20f] = 4;
    put(image, 0x600, "5.4.0-calco (root@build) #1 SMP");
    return Files.write(dir.resolve(name), image);
  }

  private static void put(byte[] image, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, image, at, bytes.length);
  }

  @Test
  void recognisesEachByItsContent() throws IOException {
    assertThat(recognise(kernel("one")).orElseThrow())
        .isEqualTo(new MachineFile("one", Kind.AKI, "bzImage 5.4.0-calco", 4096));
    assertThat(recognise(ext("two")).orElseThrow())
        .isEqualTo(new MachineFile("two", Kind.AMI, "ext", 1 << 20));
    assertThat(recognise(cpio("three")).orElseThrow())
        .isEqualTo(new MachineFile("three", Kind.ARI, "cpio", Files.size(dir.resolve("three"))));
    for (String program : List.of("gzip", "xz", "bzip2", "zstd", "lz4")) {
      Path plain = cpio("ramdisk-" + program);
      Path packed = dir.resolve(program);
      Oracle.Run run =
          Oracle.named("sh").run("-c", program + " -c <" + plain + " >" + packed).succeeds();
      assertThat(recognise(packed).orElseThrow().kind()).as(run.toString()).isEqualTo(Kind.ARI);
      assertThat(recognise(packed).orElseThrow().what()).endsWith(" cpio");
    }
  }

  @Test
  void takesNothingElseForOne() throws IOException {
    Path random = Files.write(dir.resolve("random"), Imports.content(100_000, new Random(3)));
    assertThat(recognise(random)).isEmpty();
    assertThat(recognise(Files.createFile(dir.resolve("empty")))).isEmpty();
    Path packed = dir.resolve("packed.gz");
    Oracle.named("sh").run("-c", "gzip -c <" + random + " >" + packed).succeeds();
    assertThat(recognise(packed)).isEmpty();
    assertThat(recognise(Path.of("/bin/sh"))).isEmpty();
    Path disk = ext("disk");
    byte[] bytes = Files.readAllBytes(disk);
    bytes[510] = 0x55;
    bytes[511] = (byte) 0xaa;
    bytes[450] = (byte) 0x83;
    assertThat(recognise(Files.write(disk, bytes))).isEmpty();
  }

  /// What this machine itself starts from.
  @Test
  void recognisesRealKernels() throws IOException {
    int found = 0;
    try (DirectoryStream<Path> boot = Files.newDirectoryStream(Path.of("/boot"))) {
      for (Path file : boot) {
        String name = file.getFileName().toString();
        if (name.startsWith("vmlinuz-") && Files.isReadable(file)) {
          MachineFile kernel = recognise(file).orElseThrow();
          assertThat(kernel.kind()).isEqualTo(Kind.AKI);
          assertThat(kernel.what()).isEqualTo("bzImage " + name.substring("vmlinuz-".length()));
          found++;
        } else if (name.startsWith("initrd.img-") && Files.isReadable(file)) {
          assertThat(recognise(file).orElseThrow().kind()).isEqualTo(Kind.ARI);
          found++;
        }
      }
    }
    assumeTrue(found > 0, "no kernels in /boot");
  }

  @Test
  void listsTheMachineImagesOfADirectory() throws IOException {
    ext("ttylinux-12.img");
    cpio("ttylinux-12-initrd");
    kernel("ttylinux-12-vmlinuz");
    ext("alpine-3.img");
    kernel("alpine-3-vmlinuz");
    Files.writeString(dir.resolve("README"), "not an image");
    List<MachineImage> images = MachineImage.in(dir);
    assertThat(images).extracting(MachineImage::name).containsExactly("alpine-3", "ttylinux-12");
    assertThat(images.getFirst().kernel().orElseThrow().name()).isEqualTo("alpine-3-vmlinuz");
    assertThat(images.getFirst().ramdisk()).isEmpty();
    assertThat(images.getLast().kernel().orElseThrow().name()).isEqualTo("ttylinux-12-vmlinuz");
    assertThat(images.getLast().ramdisk().orElseThrow().name()).isEqualTo("ttylinux-12-initrd");
    for (MachineFile file : images.getLast().files()) {
      assertThat(MachineImage.containing(dir.resolve(file.name()))).contains(images.getLast());
    }
    assertThat(MachineImage.containing(dir.resolve("README"))).isEmpty();
    assertThat(MachineImage.containing(dir)).isEmpty();
  }

  private void bundle(String name, String type) throws IOException {
    Files.writeString(
        dir.resolve(name + ".manifest.xml"),
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <manifest><version>2007-10-10</version>
        <machine_configuration><architecture>x86_64</architecture>
        <kernel_id>aki-1a2b3c4d</kernel_id><ramdisk_id>ari-5e6f7081</ramdisk_id>
        </machine_configuration>
        <image><name>%s</name><user>000100729354</user><type>%s</type><size>1048576</size>
        <parts count="2"><part index="0"><filename>%1$s.part.0</filename></part>
        <part index="1"><filename>%1$s.part.1</filename></part></parts></image>
        <signature>00</signature></manifest>
        """
            .formatted(name, type));
  }

  @Test
  void listsBundles() throws IOException {
    bundle("lucid.img", "machine");
    bundle("vmlinuz", "kernel");
    bundle("initrd", "ramdisk");
    List<MachineImage> images = MachineImage.in(dir);
    assertThat(images).hasSize(1);
    assertThat(images.getFirst().ramdisk().orElseThrow().name()).isEqualTo("initrd.manifest.xml");
    BundleManifest manifest =
        BundleManifest.read(
            new MemoryFile(Files.readAllBytes(dir.resolve("lucid.img.manifest.xml"))));
    assertThat(manifest.kernelId()).contains("aki-1a2b3c4d");
    assertThat(manifest.architecture()).contains("x86_64");
    assertThat(manifest.parts()).containsExactly("lucid.img.part.0", "lucid.img.part.1");
  }

  @Test
  void damageIsNotRecognised() throws IOException {
    bundle("lucid.img", "machine");
    List<Path> files =
        new ArrayList<>(
            List.of(kernel("k"), ext("e"), cpio("c"), dir.resolve("lucid.img.manifest.xml")));
    Path packed = dir.resolve("p");
    Oracle.named("sh").run("-c", "gzip -c <" + files.get(2) + " >" + packed).succeeds();
    files.add(packed);
    Seeds.run(
        300,
        random -> {
          Path file = files.get(random.nextInt(files.size()));
          byte[] bytes = Files.readAllBytes(file);
          bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
          for (int i = 0; i < 4 && bytes.length > 0; i++) {
            bytes[random.nextInt(Math.min(bytes.length, 2048))] = (byte) random.nextInt();
          }
          MemoryFile damaged = new MemoryFile(bytes);
          MachineFile.recogniseOwning(file.getFileName().toString(), damaged);
          assertThat(damaged.closed()).isTrue();
        });
  }
}
