package io.calco.disk.wrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.CorruptImageException;
import io.calco.disk.HostFile;
import io.calco.disk.JobContext;
import io.calco.disk.LocalFile;
import io.calco.disk.MemoryFile;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Appliances: written so that others read them, read without trust.
class OvaTest {
  private static final long SIZE = 3 << 20;

  @TempDir Path dir;

  private static Ovf machine(String name, int disks) {
    Ovf.VirtualDisk disk =
        new Ovf.VirtualDisk("", SIZE, Optional.empty(), Optional.empty(), Optional.of("sata"));
    return new Ovf(
        name,
        Optional.of("Debian GNU/Linux 12 (64-bit)"),
        Optional.empty(),
        Optional.of("efi"),
        OptionalInt.of(2),
        OptionalLong.of(2L << 30),
        1,
        java.util.Collections.nCopies(disks, disk));
  }

  /// A streamOptimized VMDK that QEMU made.
  private byte[] vmdk(byte[] plain) throws IOException {
    Files.write(dir.resolve("plain"), plain);
    Oracle.named("qemu-img")
        .run(
            "convert",
            "-O",
            "vmdk",
            "-o",
            "subformat=streamOptimized",
            dir.resolve("plain"),
            dir.resolve("x.vmdk"))
        .succeeds();
    return Files.readAllBytes(dir.resolve("x.vmdk"));
  }

  private Path write(Ovf machine, byte[]... disks) throws IOException {
    Path ova = dir.resolve("out.ova");
    Files.deleteIfExists(ova);
    try (LocalFile target = LocalFile.create(ova)) {
      Ova.write(
          target,
          machine,
          java.util.Arrays.stream(disks).map(OvaTest::content).toList(),
          Instant.ofEpochSecond(1_700_000_000),
          JobContext.SILENT);
    }
    return ova;
  }

  private static Ova.DiskContent content(byte[] bytes) {
    return file -> file.write(0, MemorySegment.ofArray(bytes));
  }

  @Test
  void areReadByOthers() throws IOException {
    byte[] plain = Samples.disk((int) SIZE, new Random(3));
    Path ova = write(machine("Web & <mail> №1", 1), vmdk(plain));
    String script =
        """
        set -e; mkdir in; tar -C in -xf out.ova; cd in; ls > ../names
        sed -n 's/^SHA256(\\(.*\\))= \\(.*\\)/\\2  \\1/p' *.mf | sha256sum -c --strict
        qemu-img compare -F raw *.vmdk ../plain
        """;
    Files.writeString(dir.resolve("check.sh"), script);
    Oracle.named("sh").run("-c", "cd %s && sh check.sh".formatted(dir)).succeeds();
    assertThat(Files.readString(dir.resolve("names")))
        .isEqualTo("Web_mail_1-disk1.vmdk\nWeb_mail_1.mf\nWeb_mail_1.ovf\n");
    Oracle.find("xmllint")
        .ifPresent(lint -> lint.run("--noout", dir.resolve("in/Web_mail_1.ovf")).succeeds());
    assertThat(ova).exists();
  }

  @Test
  void sayWhatTheyHold() throws IOException {
    byte[] one = {1, 2, 3};
    byte[] two = new byte[100_000];
    Path file = write(machine("twins", 2), one, two);
    try (Ova ova = Ova.openOwning(LocalFile.open(file, false))) {
      Ovf found = ova.descriptor();
      assertThat(found.name()).isEqualTo("twins");
      assertThat(found.operatingSystem()).contains("Debian GNU/Linux 12 (64-bit)");
      assertThat(found.firmware()).contains("efi");
      assertThat(found.cpus()).hasValue(2);
      assertThat(found.memoryBytes()).hasValue(2L << 30);
      assertThat(found.networkAdapters()).isEqualTo(1);
      assertThat(found.disks()).hasSize(2);
      assertThat(found.disks().get(1).capacityBytes()).isEqualTo(SIZE);
      assertThat(found.disks().get(1).controller()).contains("sata");
      try (HostFile disk = ova.open(found.disks().get(1))) {
        assertThat(Samples.read(disk, 0, 100_000)).isEqualTo(two);
      }
      assertThat(ova.verifyManifest(JobContext.SILENT)).isEqualTo(3);
    }
    assertThatThrownBy(() -> Samples.unwrap(file, Samples.options(dir)))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("name one of them: twins-disk1.vmdk, twins-disk2.vmdk");
    var unwrapped = Samples.unwrap(file, Samples.options(dir).withMember("twins-disk1.vmdk"));
    try (HostFile disk = unwrapped.file()) {
      assertThat(unwrapped.wrappers()).containsExactly("ova");
      assertThat(Samples.read(disk, 0, 3)).isEqualTo(one);
    }
  }

  /// The same bytes, without a file in between.
  @Test
  void areLaidOutAsTheyAreRead() throws IOException {
    byte[] one = Samples.disk(70_000, new Random(5));
    byte[] two = new byte[512];
    Path file = write(machine("twins", 2), one, two);
    try (HostFile laidOut =
        Ova.layOut(
            machine("twins", 2),
            List.of(new MemoryFile(one), new MemoryFile(two)),
            Instant.ofEpochSecond(1_700_000_000),
            JobContext.SILENT)) {
      assertThat(Samples.read(laidOut, 0, (int) laidOut.size()))
          .isEqualTo(Files.readAllBytes(file));
    }
    Oracle.Run list = Oracle.named("tar").run("-tf", file).succeeds();
    assertThat(list.out().lines())
        .containsExactly("twins.ovf", "twins.mf", "twins-disk1.vmdk", "twins-disk2.vmdk");
  }

  @Test
  void areComparedWithTheirManifest() throws IOException {
    Path file = write(machine("a", 1), new byte[5000]);
    try (LocalFile open = LocalFile.open(file, true)) {
      open.write(open.size() - 4000, MemorySegment.ofArray(new byte[] {1}));
    }
    try (Ova ova = Ova.openOwning(LocalFile.open(file, false))) {
      assertThatThrownBy(() -> ova.verifyManifest(JobContext.SILENT))
          .isInstanceOf(CorruptImageException.class)
          .hasMessageContaining("\"a-disk1.vmdk\" has the SHA256 digest");
    }
  }

  @Test
  void openNothingThatTheirDescriptorNames() {
    String envelope = "<Envelope xmlns='http://schemas.dmtf.org/ovf/envelope/1'>%s</Envelope>";
    String external = "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>";
    assertThatThrownBy(() -> read(external)).isInstanceOf(CorruptImageException.class);
    assertThatThrownBy(() -> read("<a>&x;</a>")).isInstanceOf(CorruptImageException.class);
    assertThatThrownBy(() -> read(envelope.formatted("<Disk capacity='9x'/>")))
        .hasMessageContaining("capacity \"9x\"");
    for (String href : List.of("../../etc/passwd", "/etc/passwd", "http://example.org/x.vmdk")) {
      assertThatThrownBy(() -> openDisk(envelope.formatted(diskIn(href))))
          .isInstanceOfAny(CorruptImageException.class, UnsupportedFeatureException.class);
    }
  }

  private static String diskIn(String href) {
    return "<References><File id='f' href='%s'/></References><Disk capacity='1' fileRef='f'/>"
        .formatted(href);
  }

  private static Ovf read(String xml) throws IOException {
    return OvfReader.read("x.ova", xml.getBytes(StandardCharsets.UTF_8));
  }

  private void openDisk(String xml) throws IOException {
    Files.writeString(dir.resolve("x.ovf"), xml);
    Oracle.named("tar").run("-C", dir, "-cf", dir.resolve("x.ova"), "x.ovf").succeeds();
    Samples.unwrap(dir.resolve("x.ova"), Samples.options(dir)).file().close();
  }
}
