package io.calco.guest.inspect;

import static io.calco.guest.inspect.GuestFacts.DriverPlace.BUILT_IN;
import static io.calco.guest.inspect.GuestFacts.DriverPlace.INITRAMFS;
import static io.calco.guest.inspect.GuestFacts.DriverPlace.MODULE;
import static io.calco.guest.inspect.GuestFacts.DriverPlace.NONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.guest.MemoryFileSystem;
import io.calco.guest.inspect.GuestFacts.DriverFacts;
import io.calco.guest.inspect.GuestFacts.DriverPlace;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VirtioDriversTest {
  private static final List<String> KERNELS = List.of("5.10.0-8-amd64", "6.1.0-37-amd64");
  private static final String MODULES = "/lib/modules/6.1.0-37-amd64/";

  @TempDir private Path directory;

  private static MemoryFileSystem guest() {
    return new MemoryFileSystem()
        .file(MODULES + "modules.builtin", "kernel/drivers/virtio/virtio_pci.ko\n")
        .file(MODULES + "kernel/drivers/block/virtio_blk.ko.xz", "")
        .file(MODULES + "kernel/drivers/net/virtio_net.ko.xz", "");
  }

  private static List<DriverFacts> facts(
      DriverPlace pci, DriverPlace block, DriverPlace scsi, DriverPlace net) {
    return List.of(
        new DriverFacts("virtio_pci", pci),
        new DriverFacts("virtio_blk", block),
        new DriverFacts("virtio_scsi", scsi),
        new DriverFacts("virtio_net", net));
  }

  private byte[] initramfs(String compressor) throws IOException {
    Path script = directory.resolve("make");
    Files.writeString(
        script,
        """
        cd %s
        mkdir -p x/usr/lib/modules/6.1.0-37-amd64/kernel/drivers/block
        echo module > x/usr/lib/modules/6.1.0-37-amd64/kernel/drivers/block/virtio_blk.ko.xz
        (cd x && find . | cpio --quiet -o -H newc) | %s > initrd
        """
            .formatted(directory, compressor));
    Oracle.named("cpio");
    Oracle.named(compressor.split(" ")[0]);
    Oracle.named("sh").run("-e", script).succeeds();
    return Files.readAllBytes(directory.resolve("initrd"));
  }

  @Test
  void aModuleMayLieInTheInitialRamFileSystem() throws IOException {
    byte[] image = initramfs("zstd -c");
    for (String path :
        List.of(
            "/boot/initrd.img-6.1.0-37-amd64",
            "/boot/initramfs-6.1.0-37-amd64.img",
            "/boot/efi/0123456789abcdef/6.1.0-37-amd64/initrd")) {
      assertThat(VirtioDrivers.of(guest().bytes(path, image).tree(), KERNELS))
          .as(path)
          .isEqualTo(facts(BUILT_IN, INITRAMFS, NONE, MODULE));
    }
  }

  @Test
  void archsImageIsFoundByItsPackage() throws IOException {
    MemoryFileSystem fs =
        guest()
            .file(MODULES + "pkgbase", "linux-lts\n")
            .bytes("/boot/initramfs-linux-lts.img", initramfs("gzip -c"));
    assertThat(VirtioDrivers.of(fs.tree(), KERNELS).get(1).place()).isEqualTo(INITRAMFS);
  }

  @Test
  void withoutAnImageAModuleIsTooLate() throws IOException {
    assertThat(VirtioDrivers.of(guest().tree(), KERNELS))
        .isEqualTo(facts(BUILT_IN, MODULE, NONE, MODULE));
  }

  @Test
  void anOldKernelHasItsConfiguration() throws IOException {
    MemoryFileSystem fs =
        new MemoryFileSystem()
            .dir("/lib/modules/2.6.32-5")
            .file("/boot/config-2.6.32-5", "CONFIG_VIRTIO_BLK=y\nCONFIG_VIRTIO_NET=m\n");
    assertThat(VirtioDrivers.of(fs.tree(), List.of("2.6.32-5")))
        .isEqualTo(facts(NONE, BUILT_IN, NONE, NONE));
  }

  @Test
  void aDamagedImageIsToldAndNoKernelIsNothing() throws IOException {
    byte[] image = initramfs("zstd -c");
    image[image.length / 2] ^= 0x55;
    MemoryFileSystem fs = guest().bytes("/boot/initrd.img-6.1.0-37-amd64", image);
    assertThatThrownBy(() -> VirtioDrivers.of(fs.tree(), KERNELS)).isInstanceOf(IOException.class);
    assertThat(VirtioDrivers.of(fs.tree(), List.of())).isEmpty();
    assertThat(VirtioDrivers.of(new MemoryFileSystem().tree(), KERNELS)).isEmpty();
  }
}
