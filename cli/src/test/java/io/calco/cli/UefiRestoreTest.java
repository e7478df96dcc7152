package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.calco.testkit.Oracle;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A machine that starts by UEFI is restored, and started by a firmware that never saw its disk:
/// OVMF with empty variables, then GRUB, then Linux where this host has one to lend. The processor
/// is emulated: a minute or so.
@Timeout(1800)
class UefiRestoreTest {
  private static final long MIB = 1 << 20;
  private static final Path CODE = Path.of("/usr/share/OVMF/OVMF_CODE_4M.fd");
  private static final Path VARIABLES = Path.of("/usr/share/OVMF/OVMF_VARS_4M.fd");

  /// GRUB's own words, from the last partition.
  private static final String READ = "calco: read by GRUB";

  private static final String GRUB =
      """
      serial --unit=0 --speed=115200
      terminal_output serial
      search --no-floppy --set=root --file /boot/says
      cat /boot/says
      if [ -f /boot/vmlinuz ]; then
        linux /boot/vmlinuz console=ttyS0 quiet
        initrd /boot/initrd
        boot
      fi
      halt
      """;

  private static final String INIT =
      """
      #!/bin/busybox sh
      /bin/busybox mount -t sysfs sys /sys
      if [ -d /sys/firmware/efi ]; then how=uefi; else how=bios; fi
      echo "calco: up by $how" > /dev/console
      /bin/busybox poweroff -f
      """;

  @TempDir private Path directory;
  private Path repository = Path.of("");
  private String line = READ;

  private Path at(String name) {
    return directory.resolve(name);
  }

  @BeforeEach
  void make() throws IOException {
    Oracle.named("qemu-system-x86_64");
    assumeTrue(Files.isReadable(CODE), "skipped: OVMF is not installed");
    repository = at("repo");
    calco("repo", "init", repository).exits(0);
    calco("backup", "create", disk(), "--repo", repository).exits(0);
  }

  /// A disk with GPT: an EFI system partition, whose loader lies where only the firmware's own
  /// variables would lead, and an ext4 with all that it loads, mostly free.
  private Path disk() throws IOException {
    Path boot = Files.createDirectories(at("tree/boot"));
    Files.writeString(boot.resolve("says"), READ + "\n");
    Files.writeString(
        Files.createDirectories(at("tree/etc")).resolve("os-release"),
        "ID=debian\nNAME=Debian\nVERSION_ID=12\n");
    Optional<Path> kernel = kernel();
    if (kernel.isPresent()) {
      Files.copy(kernel.get(), boot.resolve("vmlinuz"));
      initrd(boot.resolve("initrd"));
      line = "calco: up by uefi";
    }
    Path loader = at("grubx64.efi");
    Files.writeString(at("grub.cfg"), GRUB);
    Oracle.named("grub-mkimage")
        .run(
            words(
                List.of(
                    "-O", "x86_64-efi", "-p", "/EFI/debian", "-c", at("grub.cfg"), "-o", loader),
                ("part_gpt fat ext2 search search_fs_file linux serial cat test halt normal")
                    .split(" ")))
        .succeeds();
    Path esp = sized(at("esp"), 40);
    Oracle.named("mkfs.vfat").run("-F", "32", "-s", "1", esp).succeeds();
    Oracle.named("mmd").run("-i", esp, "::/EFI", "::/EFI/debian").succeeds();
    Oracle.named("mcopy").run("-i", esp, loader, "::/EFI/debian/grubx64.efi").succeeds();
    Path root = sized(at("root"), 160);
    Oracle.named("mke2fs").run("-q", "-F", "-t", "ext4", "-d", at("tree"), root).succeeds();
    Path disk = sized(at("disk.raw"), 202);
    Oracle.named("sgdisk")
        .run("-n", "1:1M:+40M", "-t", "1:ef00", "-n", "2:41M:+160M", "-t", "2:8300", disk)
        .succeeds();
    place(esp, disk, 1);
    place(root, disk, 41);
    return disk;
  }

  private static Object[] words(List<?> first, String... more) {
    List<Object> all = new ArrayList<>(first);
    all.addAll(Arrays.asList(more));
    return all.toArray();
  }

  private static Path sized(Path file, long mebibytes) throws IOException {
    try (RandomAccessFile made = new RandomAccessFile(file.toFile(), "rw")) {
      made.setLength(mebibytes * MIB);
    }
    return file;
  }

  private static void place(Path part, Path disk, int mebibyte) {
    Oracle.named("dd")
        .run("if=" + part, "of=" + disk, "bs=1M", "seek=" + mebibyte, "conv=notrunc", "status=none")
        .succeeds();
  }

  /// A Linux of this host, which starts as it is: it has all that this needs built in.
  private static Optional<Path> kernel() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("/boot"))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("vmlinuz-"))
          .filter(Files::isReadable)
          .sorted()
          .findFirst();
    }
  }

  private void initrd(Path to) throws IOException {
    Path root = at("initrd");
    Files.createDirectories(root.resolve("sys"));
    Path busybox = Files.createDirectories(root.resolve("bin")).resolve("busybox");
    Files.copy(Oracle.named("busybox").program(), busybox);
    Files.writeString(root.resolve("init"), INIT);
    assertThat(root.resolve("init").toFile().setExecutable(true)).isTrue();
    Oracle.named("cpio");
    Oracle.named("bash")
        .run("-c", "cd \"$0\" && find . | cpio --quiet -o -H newc | gzip -1 > \"$1\"", root, to)
        .succeeds();
  }

  private Path restored(String name, String size, String... more) {
    Path target = at(name);
    List<Object> first = List.of("restore", "--repo", repository, "latest", target, "--size", size);
    assertThat(
            calco(words(Stream.concat(first.stream(), Stream.of("-n")).toList(), more))
                .exits(0)
                .out())
        .contains("boots by UEFI only: a machine that starts by BIOS finds nothing");
    calco(words(first, more)).exits(0);
    Oracle.named("sgdisk").run("-v", target).succeeds().says("No problems found");
    return target;
  }

  /// What a machine that is new to the disk says on its serial port until it turns itself off.
  private String started(Path disk) throws IOException {
    Path said = at("serial");
    Oracle.named("timeout")
        .run(
            "600",
            Oracle.named("qemu-system-x86_64").program(),
            "-accel",
            "tcg",
            "-m",
            "256",
            "-nodefaults",
            "-display",
            "none",
            "-no-reboot",
            "-serial",
            "file:" + said,
            "-drive",
            "if=pflash,unit=0,format=raw,readonly=on,file=" + CODE,
            "-drive",
            "if=pflash,unit=1,format=raw,snapshot=on,file=" + VARIABLES,
            "-drive",
            "format=raw,if=virtio,file=" + disk)
        .succeeds();
    return Files.readString(said, StandardCharsets.ISO_8859_1);
  }

  @Test
  void aFirmwareThatDoesNotKnowTheDiskStartsIt() throws IOException {
    Path larger = restored("larger.raw", "320M", "--layout", "grow-last", "--efi-fallback");
    assertThat(started(larger)).contains(READ, line);
    Path smaller = restored("smaller.raw", "130M", "--efi-fallback");
    assertThat(Files.size(smaller)).isEqualTo(130 * MIB);
    assertThat(started(smaller)).contains(READ, line);

    // Without the fallback there is nothing that it would know.
    Path plain = restored("plain.raw", "202M");
    calco(
            "machine",
            "test",
            plain,
            "--firmware",
            "uefi",
            "--accelerator",
            "tcg",
            "--memory",
            "256M",
            "--wait-for",
            "text:Shell>")
        .exits(0);

    calco("backup", "create", smaller, "--repo", repository).exits(0);
    assertThat(
            calco(
                    "backup",
                    "test",
                    "latest",
                    "--boot",
                    "--accelerator",
                    "tcg",
                    "--memory",
                    "256M",
                    "--wait-for",
                    "text:" + line,
                    "--repo",
                    repository)
                .exits(0)
                .out())
        .contains(": validated: ");
  }
}
