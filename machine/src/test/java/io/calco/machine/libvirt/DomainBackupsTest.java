package io.calco.machine.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.DirtyBitmaps.Run;
import io.calco.disk.Disk;
import io.calco.nbd.NbdAddress;
import io.calco.nbd.NbdBitmap;
import io.calco.nbd.NbdDisk;
import io.calco.testkit.Oracle;
import io.calco.testkit.WithLibvirt;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Backups of a running machine, with a libvirtd and a QEMU beside us.
@Timeout(600)
class DomainBackupsTest extends WithLibvirt {
  private static final int MIB = 1 << 20;

  @TempDir private Path directory;
  private Connection connection;

  @BeforeEach
  void connect() throws IOException {
    connection = Connection.open(LibvirtUri.parse(server().uri(), Map.of()));
  }

  @AfterEach
  void disconnect() {
    connection.close();
  }

  private Domain machine() throws IOException {
    Path first = directory.resolve("first.qcow2");
    Path second = directory.resolve("second.raw");
    Oracle.named("qemu-img").run("create", "-q", "-f", "qcow2", first, "64M").succeeds();
    Oracle.named("qemu-img").run("create", "-q", "-f", "raw", second, "8M").succeeds();
    server()
        .define(
            """
            <domain type='qemu'><name>vm</name><memory unit='MiB'>64</memory>
            <os><type arch='x86_64'>hvm</type></os>
            <devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
            <source file='%s'/><target dev='sda' bus='sata'/></disk>
            <disk type='file' device='disk'><driver name='qemu' type='raw'/>
            <source file='%s'/><target dev='sdb' bus='sata'/></disk></devices></domain>
            """
                .formatted(first, second));
    return connection.domains().start(connection.domains().get("vm"));
  }

  /// As the guest would write; QEMU says on its own output how that went.
  private static void write(String device, int pattern, String offset, String length) {
    server()
        .virsh(
            "qemu-monitor-command",
            "vm",
            "--hmp",
            "qemu-io -d %s \"write -P %d %s %s\"".formatted(device, pattern, offset, length))
        .succeeds();
  }

  private PullBackup backup(String checkpoint, Optional<String> since) {
    return new PullBackup(
        directory.resolve("sock"),
        checkpoint,
        List.of(
            new PullBackup.Disk("sda", since, true, directory.resolve("scratch-a")),
            new PullBackup.Disk("sdb", Optional.empty(), false, directory.resolve("scratch-b"))),
        List.of());
  }

  private NbdAddress address(String export) {
    return new NbdAddress(
        new NbdAddress.Place.Unix(directory.resolve("sock")), export, false, Optional.empty());
  }

  private static byte at(Disk disk, long offset) throws IOException {
    MemorySegment one = MemorySegment.ofArray(new byte[1]);
    disk.read(offset, one);
    return one.get(ValueLayout.JAVA_BYTE, 0);
  }

  @Test
  void disksAreReadAsTheyWereAndWhatWasWrittenIsTold() throws IOException {
    DomainBackups backups = connection.backups();
    Domain vm = machine();
    write("sata0-0-0", 1, "1M", "256k");
    write("sata0-0-1", 2, "0", "64k");
    NbdDisk.Options reading = NbdDisk.Options.to(NbdDisk.Access.READ);

    assertThat(backups.running(vm)).isEmpty();
    backups.begin(vm, backup("one", Optional.empty()));
    assertThat(backups.running(vm).orElseThrow().socket()).contains(directory.resolve("sock"));
    assertThat(server().virsh("checkpoint-list", "--name", "vm").out().strip()).isEqualTo("one");
    write("sata0-0-0", 3, "1M", "64k");
    write("sata0-0-0", 3, "40M", "1M");
    write("sata0-0-1", 3, "0", "64k");
    try (Disk sda = NbdDisk.open(address("sda"), reading);
        Disk sdb = NbdDisk.open(address("sdb"), reading)) {
      assertThat(sda.size()).isEqualTo(64L * MIB);
      assertThat(at(sda, MIB)).isEqualTo((byte) 1);
      assertThat(sda.extentAt(40L * MIB, MIB).readsZero()).isTrue();
      assertThat(at(sdb, 0)).isEqualTo((byte) 2);
    }
    assertThatThrownBy(() -> NbdBitmap.read(address("sda"), "sda", reading))
        .hasMessageContaining("does not tell of a bitmap \"sda\"");
    backups.end(vm);
    assertThat(backups.running(vm)).isEmpty();
    backups.end(vm);

    backups.begin(vm, backup("two", Optional.of("one")));
    try (Disk sda = NbdDisk.open(address("sda"), reading)) {
      assertThat(NbdBitmap.read(address("sda"), "sda", reading))
          .containsExactly(new Run(MIB, 64 << 10), new Run(40L * MIB, MIB));
      assertThat(at(sda, MIB)).isEqualTo((byte) 3);
      assertThat(at(sda, MIB + (64 << 10))).isEqualTo((byte) 1);
    }
    backups.end(vm);
    assertThat(backups.checkpoints(vm)).containsExactlyInAnyOrder("one", "two");
    backups.delete(vm, "one", DomainBackups.Extent.WHOLE);
    assertThat(backups.checkpoints(vm)).containsExactly("two");
    assertThat(
            server()
                .virsh(
                    "qemu-monitor-command",
                    "vm",
                    "--pretty",
                    "{\"execute\":\"query-named-block-nodes\"}")
                .out())
        .contains("\"name\": \"two\"")
        .doesNotContain("\"name\": \"one\"");
    try (var left = Files.list(directory)) {
      assertThat(left.map(file -> String.valueOf(file.getFileName())))
          .containsExactlyInAnyOrder("first.qcow2", "second.raw");
    }
  }

  @Test
  void whatIsMissingIsToldApart() throws IOException {
    DomainBackups backups = connection.backups();
    Domain vm = machine();
    assertThatThrownBy(() -> backups.begin(vm, backup("two", Optional.of("one"))))
        .isInstanceOfSatisfying(
            LibvirtException.class,
            e -> assertThat(e.reason()).isEqualTo(LibvirtException.Reason.NOT_FOUND));
    assertThat(backups.running(vm)).isEmpty();
    assertThat(backups.checkpoints(vm)).isEmpty();
    assertThatThrownBy(() -> backups.freeze(vm))
        .isInstanceOfSatisfying(
            LibvirtException.class,
            e -> assertThat(e.reason()).isEqualTo(LibvirtException.Reason.UNSUPPORTED));
  }
}
