package io.calco.engine.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.backup.Hardware;
import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a host tells of itself, by trees as the kernel makes them.
class HostHardwareTest {
  private static final String GLOBAL = "-8be4df61-93ca-11d2-aa0d-00e098032b8c";
  private static final String PARTUUID = "5ffcf50f-b101-471d-802d-679e9fd757ad";

  @TempDir private Path directory;

  private Path sys() {
    return directory.resolve("sys");
  }

  private void file(String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.resolveSibling(""));
    Files.writeString(file, text);
  }

  private void variable(String name, byte[] content) throws IOException {
    Path file = Files.createDirectories(efi()).resolve(name + GLOBAL);
    byte[] all = new byte[4 + content.length];
    all[0] = 7; // non-volatile, for boot services and the running system
    System.arraycopy(content, 0, all, 4, content.length);
    Files.write(file, all);
  }

  private Path efi() {
    return sys().resolve("firmware/efi/efivars");
  }

  /// A load option for a file on a GPT partition.
  private static byte[] option(boolean active, String title, String file) {
    byte[] name = (title + "\0").getBytes(StandardCharsets.UTF_16LE);
    byte[] path = (file + "\0").getBytes(StandardCharsets.UTF_16LE);
    int paths = 42 + 4 + path.length + 4;
    ByteBuffer option = ByteBuffer.allocate(6 + name.length + paths).order(ByteOrder.LITTLE_ENDIAN);
    option.putInt(active ? 1 : 0).putShort((short) paths).put(name);
    option.put((byte) 4).put((byte) 1).putShort((short) 42);
    option.putInt(1).putLong(2048).putLong(0x14000);
    option.put(HexFormat.of().parseHex("0ff5fc5f01b11d47802d679e9fd757ad"));
    option.put((byte) 2).put((byte) 2);
    option.put((byte) 4).put((byte) 4).putShort((short) (4 + path.length)).put(path);
    option.put((byte) 0x7f).put((byte) 0xff).putShort((short) 4);
    return option.array();
  }

  @Test
  void isTold() throws IOException {
    file("sys/class/dmi/id/sys_vendor", "Acme Inc.\n");
    file("sys/class/dmi/id/product_name", "Portable 7\n");
    file("sys/class/dmi/id/product_serial", "To Be Filled By O.E.M.\n");
    file("sys/class/dmi/id/product_uuid", "4c4c4544-0042-3510-8051-b4c04f363332\n");
    file("sys/class/dmi/id/board_vendor", "Acme Inc.\n");
    file("sys/class/dmi/id/board_name", "0X1\n");
    file("sys/class/dmi/id/bios_vendor", "Acme\n");
    file("sys/class/dmi/id/bios_version", "1.2\n");
    file("sys/class/dmi/id/bios_date", "01/02/2026\n");
    file(
        "proc/cpuinfo",
        "processor\t: 0\nmodel name\t: Fast CPU\nphysical id\t: 0\n\nprocessor\t: 1\nmodel name\t: Fast CPU\nphysical id\t: 0\n");
    file("proc/meminfo", "MemTotal:       16303112 kB\nMemFree:  1 kB\n");
    file("sys/class/block/sda/device/model", "Disk 3000\n");
    file("sys/class/block/sda/device/serial", "S1\n");
    file("sys/class/block/sda/size", "2048\n");
    file("sys/class/block/loop0/size", "2048\n");
    file("sys/class/net/eth0/address", "52:54:00:12:34:56\n");
    Path driver = Files.createDirectories(sys().resolve("bus/pci/drivers/e1000e"));
    Files.createDirectories(sys().resolve("class/net/eth0/device"));
    Files.createSymbolicLink(sys().resolve("class/net/eth0/device/driver"), driver);
    file("sys/class/net/lo/address", "00:00:00:00:00:00\n");

    Hardware found = HostHardware.read(sys(), directory.resolve("proc"));

    assertThat(found.maker()).contains("Acme Inc.");
    assertThat(found.product()).contains("Portable 7");
    assertThat(found.serial()).isEmpty();
    assertThat(found.uuid()).contains("4c4c4544-0042-3510-8051-b4c04f363332");
    assertThat(found.board()).contains("Acme Inc. 0X1");
    assertThat(found.firmware()).contains("Acme 1.2 01/02/2026");
    assertThat(found.processor()).contains("Fast CPU");
    assertThat(found.sockets()).hasValue(1);
    assertThat(found.threads()).hasValue(2);
    assertThat(found.memory()).hasValue(16303112L << 10);
    assertThat(found.disks())
        .containsExactly(
            new Hardware.DiskDevice("sda", Optional.of("Disk 3000"), Optional.of("S1"), 1 << 20));
    assertThat(found.networkCards())
        .containsExactly(
            new Hardware.NetworkCard("eth0", "52:54:00:12:34:56", Optional.of("e1000e")));
    assertThat(found.efi()).isEmpty();
  }

  @Test
  void aHostThatTellsNothing() throws IOException {
    Hardware found = HostHardware.read(sys(), directory.resolve("proc"));
    assertThat(found.maker()).isEmpty();
    assertThat(found.memory()).isEmpty();
    assertThat(found.disks()).isEmpty();
  }

  @Test
  void bootEntriesAreReadAsEfibootmgrReadsThem() throws IOException {
    byte[] debian = option(true, "Débian", "\\EFI\\debian\\shimx64.efi");
    variable("Boot0001", debian);
    variable("Boot000A", option(false, "Other", "\\EFI\\BOOT\\BOOTX64.EFI"));
    variable("BootOrder", new byte[] {0x0a, 0, 1, 0});
    variable("BootCurrent", new byte[] {1, 0});
    variable("SecureBoot", new byte[] {1});

    Hardware.Efi efi = EfiVariables.read(efi()).orElseThrow();

    assertThat(efi.secureBoot()).contains(true);
    assertThat(efi.bootCurrent()).contains("0001");
    assertThat(efi.bootOrder()).containsExactly("000A", "0001");
    assertThat(efi.entries())
        .containsExactly(
            new Hardware.Entry(
                "0001",
                "Débian",
                true,
                Optional.of(PARTUUID),
                Optional.of("\\EFI\\debian\\shimx64.efi"),
                Optional.of(HexFormat.of().formatHex(debian))),
            new Hardware.Entry(
                "000A",
                "Other",
                false,
                Optional.of(PARTUUID),
                Optional.of("\\EFI\\BOOT\\BOOTX64.EFI"),
                efi.entries().get(1).data()));

    List<String> lines =
        Oracle.named("efibootmgr")
            .run(Map.of("EFIVARFS_PATH", efi() + "/", "LC_ALL", "C.UTF-8"), "-v")
            .succeeds()
            .out()
            .lines()
            .toList();
    assertThat(lines).contains("BootOrder: 000A,0001", "BootCurrent: 0001");
    for (Hardware.Entry entry : efi.entries()) {
      assertThat(lines)
          .anySatisfy(line ->
              assertThat(line)
                  .startsWith("Boot" + entry.number() + (entry.active() ? "* " : "  "))
                  .contains(
                      entry.title(),
                      entry.partition().orElseThrow(),
                      "File(" + entry.file().orElseThrow() + ")"));
    }
  }

  @Test
  void anyLoadOptionIsReadOrPassedOver() {
    byte[] good = option(true, "Debian", "\\EFI\\debian\\shimx64.efi");
    Seeds.run(
        2000,
        random -> {
          byte[] bad = java.util.Arrays.copyOf(good, random.nextInt(good.length + 1));
          for (int i = random.nextInt(4); i > 0 && bad.length > 0; i--) {
            bad[random.nextInt(bad.length)] = (byte) random.nextInt();
          }
          Optional<Hardware.Entry> entry =
              EfiVariables.entry("0000", ByteBuffer.wrap(bad).order(ByteOrder.LITTLE_ENDIAN));
          assertThat(entry.isPresent()).isEqualTo(bad.length >= 6);
          entry.ifPresent(one -> assertThat(one.title()).hasSizeLessThanOrEqualTo(200));
        });
  }
}
