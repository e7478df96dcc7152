package io.calco.guest.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.guest.MemoryFileSystem;
import io.calco.guest.inspect.GuestFacts.BootEntry;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BootLoadersTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @CsvSource({
    "/boot/grub/grub.cfg, grub",
    "/boot/efi/EFI/fedora/grub.cfg, grub",
    "/boot/grub/menu.lst, grub-legacy",
    "/boot/loader/loader.conf, systemd-boot",
    "/efi/EFI/systemd/systemd-bootx64.efi, systemd-boot",
    "/boot/extlinux.conf, extlinux",
    "/boot/extlinux/extlinux.conf, extlinux",
    "/etc/zipl.conf, zipl",
  })
  void loadersAreFoundByTheirFiles(String path, String name) throws IOException {
    assertThat(new BootLoaders(new MemoryFileSystem().file(path, "").tree()).loader())
        .contains(name);
  }

  @Test
  void entriesAreReadAndUnifiedImagesAreEntries() throws IOException {
    MemoryFileSystem fs =
        new MemoryFileSystem()
            .file(
                "/boot/loader/entries/abc-6.8.5-301.fc40.x86_64.conf",
                "title Fedora Linux (6.8.5) 40 (Server)\nversion\t6.8.5-301.fc40.x86_64\n"
                    + "linux /vmlinuz-6.8.5\noptions root=UUID=1 title x\n")
            .file("/boot/loader/entries/notes.txt", "title no\n")
            .file("/boot/efi/EFI/Linux/linux.efi", "MZ");
    assertThat(new BootLoaders(fs.tree()).entries())
        .containsExactly(
            new BootEntry(
                "/boot/loader/entries/abc-6.8.5-301.fc40.x86_64.conf",
                Optional.of("Fedora Linux (6.8.5) 40 (Server)"),
                Optional.of("6.8.5-301.fc40.x86_64")),
            new BootEntry("/boot/efi/EFI/Linux/linux.efi", Optional.empty(), Optional.empty()));
  }

  @Test
  void kernelsAreInTheOrderOfTheirVersions() throws IOException {
    MemoryFileSystem fs = new MemoryFileSystem();
    for (String name :
        List.of(
            "vmlinuz-6.1.0-37-amd64",
            "vmlinuz-6.1.0-9-amd64",
            "vmlinux-5.14.21-150500.53-default.gz",
            "vmlinuz-0-rescue-0123456789abcdef0123456789abcdef",
            "vmlinuz-linux")) {
      fs.file("/boot/" + name, "");
    }
    fs.file("/boot/0123456789abcdef/6.10.3-x/linux", "").file("/lib/modules/6.10.3/vmlinuz", "");
    assertThat(new BootLoaders(fs.tree()).kernels())
        .containsExactly(
            "5.14.21-150500.53-default", "6.1.0-9-amd64", "6.1.0-37-amd64", "6.10.3", "6.10.3-x");
  }

  @Test
  void alpinesKernelIsNamedByItsModules() throws IOException {
    MemoryFileSystem fs =
        new MemoryFileSystem()
            .file("/boot/vmlinuz-virt", "")
            .file("/lib/modules/6.6.31-0-virt/modules.dep", "");
    assertThat(new BootLoaders(fs.tree()).kernels()).containsExactly("6.6.31-0-virt");
  }

  @Test
  void theOrderOfVersionsIsThatOfSort() throws IOException {
    List<String> versions = new ArrayList<>();
    Random random = new Random(4);
    for (int i = 0; i < 200; i++) {
      versions.add(
          "%d.%d.%d-%d-amd64"
              .formatted(
                  random.nextInt(12), random.nextInt(12), random.nextInt(12), random.nextInt(120)));
    }
    Path file = directory.resolve("versions");
    Files.write(file, versions);
    versions.sort(KernelVersion.ORDER);
    assertThat(Oracle.named("sort").run("-V", file).succeeds().out().lines())
        .containsExactlyElementsOf(versions);
  }
}
