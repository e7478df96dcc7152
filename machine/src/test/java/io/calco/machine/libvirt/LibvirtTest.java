package io.calco.machine.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.machine.Firmware;
import io.calco.machine.MachineSettings.Bus;
import io.calco.machine.libvirt.DomainTwin.File;
import io.calco.machine.libvirt.Domains.Description;
import io.calco.testkit.Oracle;
import io.calco.testkit.WithLibvirt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// With a libvirtd, and virsh, virt-clone and virt-xml-validate beside us.
@Timeout(600)
class LibvirtTest extends WithLibvirt {
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

  private Path disk(String name) {
    Path disk = directory.resolve(name);
    Oracle.named("qemu-img").run("create", "-q", "-f", "qcow2", disk, "64M").succeeds();
    return disk;
  }

  private NewMachine machine(String name, Path disk) {
    return new NewMachine(
        name,
        UUID.randomUUID(),
        NewMachine.Type.QEMU,
        64L << 20,
        1,
        Firmware.BIOS,
        new File(disk, "qcow2"),
        Bus.VIRTIO,
        new MachineNetwork.User(),
        "52:54:00:12:34:56");
  }

  @Test
  void aMachineLivesItsLife() throws IOException {
    Domains domains = connection.domains();
    assertThat(domains.find("vm")).isEmpty();
    Domain vm = domains.define(machine("vm", disk("d.qcow2")).xml());
    assertThat(server().stored("vm")).contains(vm.uuid().toString(), "52:54:00:12:34:56");
    assertThat(domains.list()).containsExactly(vm);
    assertThat(domains.get(vm.uuid())).isEqualTo(vm);
    assertThat(domains.state(vm)).isEqualTo(DomainState.SHUT_OFF);
    domains.autostart(vm, true);
    assertThat(domains.autostart(vm)).isTrue();
    assertThat(server().virsh("dominfo", "vm").out()).containsPattern("Autostart: +enable");

    Domain running = domains.start(vm);
    assertThat(server().virsh("domstate", "vm").out()).startsWith("running");
    assertThat(domains.state(running)).isEqualTo(DomainState.RUNNING);
    assertThat(running.id()).isPositive();
    assertThat(domains.info(running).memoryMaxKiB()).isEqualTo(64 << 10);
    assertThat(domains.blockInfo(running, "vda").capacity()).isEqualTo(64L << 20);
    assertThat(domains.blockStats(running, "vda").readBytes()).isNotNegative();
    Path picture = directory.resolve("screen.png");
    domains.screenshot(running).write(picture);
    assertThat(Oracle.named("file").run(picture).out()).contains("PNG image data");
    try (DomainConsole console = domains.console(running, Domains.Console.FREE)) {
      console.output().write('\r');
      assertThatThrownBy(() -> domains.console(running, Domains.Console.FREE))
          .isInstanceOf(LibvirtException.class);
    }
    assertThatThrownBy(() -> domains.start(running))
        .isInstanceOfSatisfying(
            LibvirtException.class,
            e -> assertThat(e.reason()).isEqualTo(LibvirtException.Reason.REFUSED));
    domains.reboot(running);
    domains.shutdown(running);
    domains.destroy(running);
    assertThat(server().virsh("domstate", "vm").out()).startsWith("shut off");

    domains.rename(vm, "vm2");
    assertThat(server().virsh("domuuid", "vm2").out()).contains(vm.uuid().toString());
    domains.undefine(domains.get("vm2"), Domains.Nvram.DELETE);
    assertThat(server().virsh("list", "--all", "--name").out()).isBlank();
  }

  @Test
  void aConsoleEndsWithTheMachine() throws Exception {
    Domains domains = connection.domains();
    Domain vm = domains.start(domains.define(machine("vm", disk("d.qcow2")).xml()));
    try (DomainConsole console = domains.console(vm, Domains.Console.FREE)) {
      Thread end = Thread.ofVirtual().start(() -> server().virsh("destroy", "vm"));
      assertThat(console.input().readAllBytes()).isNotNull();
      end.join();
    }
    assertThat(domains.state(vm)).isEqualTo(DomainState.SHUT_OFF);
  }

  @Test
  void seesWhatVirshMakes() throws IOException {
    server()
        .define(
            """
            <domain type='qemu'><name>größe</name><memory unit='MiB'>96</memory><vcpu>2</vcpu>
            <os><type arch='x86_64'>hvm</type></os>
            <devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
            <source file='/x/a.qcow2'/><target dev='sda' bus='sata'/></disk>
            <disk type='file' device='cdrom'><target dev='sdb' bus='sata'/></disk>
            <interface type='user'><mac address='52:54:00:00:00:09'/></interface></devices></domain>
            """);
    Domain found = connection.domains().get("größe");
    DomainXml xml = connection.domains().xml(found, Description.STORED);
    assertThat(xml.memory()).isEqualTo(96L << 20);
    assertThat(xml.processors()).isEqualTo(2);
    assertThat(xml.type()).isEqualTo("qemu");
    assertThat(xml.uuid()).contains(found.uuid());
    assertThat(xml.disks())
        .containsExactly(
            new DomainXml.Disk(
                "sda",
                "sata",
                DomainXml.Disk.Kind.DISK,
                Optional.of(Path.of("/x/a.qcow2")),
                Optional.of("qcow2"),
                false,
                false),
            new DomainXml.Disk(
                "sdb",
                "sata",
                DomainXml.Disk.Kind.DRIVE,
                Optional.empty(),
                Optional.of("raw"),
                true,
                false));
    DomainXml frozen = xml.withFrozen(true);
    assertThat(frozen.disks().stream().map(DomainXml.Disk::frozen)).containsExactly(true, false);
    connection.domains().define(frozen);
    assertThat(server().stored("größe")).containsOnlyOnce("<transient/>");
    assertThat(frozen.withFrozen(true).toString()).containsOnlyOnce("<transient");
    assertThat(frozen.withFrozen(false).disks()).isEqualTo(xml.disks());
    assertThat(xml.cards().getFirst().mac()).contains("52:54:00:00:00:09");
  }

  @Test
  void refusesWhatTheSchemaDoesNotKnow() {
    assertThatThrownBy(() ->
            connection
                .domains()
                .define(
                    DomainXml.parse(
                        "<domain type='qemu'><name>x</name><memory>65536</memory><wings/><os><type"
                            + " arch='x86_64'>hvm</type></os></domain>")))
        .isInstanceOf(LibvirtException.class)
        .hasMessageContaining("XML document failed to validate against schema");
    assertThat(server().virsh("list", "--all", "--name").out()).isBlank();
  }

  @Test
  void manyThreadsAskAtOnce() throws Exception {
    Domains domains = connection.domains();
    for (int i = 0; i < 8; i++) {
      domains.define(machine("vm" + i, directory.resolve(i + ".qcow2")).xml());
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> answers = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        String name = "vm" + i % 8;
        Callable<String> question = () -> domains.xml(domains.get(name), Description.STORED).name();
        answers.add(threads.submit(question));
      }
      for (int i = 0; i < answers.size(); i++) {
        assertThat(answers.get(i).get()).isEqualTo("vm" + i % 8);
      }
    }
  }

  @Test
  void poolsAndVolumes() throws IOException {
    Path disk = disk("base.qcow2");
    server().virsh("pool-create-as", "here", "dir", "--target", directory).succeeds();
    try {
      StoragePools pools = connection.pools();
      StoragePool pool = pools.find(directory).orElseThrow();
      assertThat(pool).isEqualTo(pools.get("here"));
      assertThat(pools.active()).contains(pool);
      assertThat(pools.find(directory.resolve("none"))).isEmpty();
      StorageVolume made =
          pools.create(
              pool,
              new StoragePools.NewVolume(
                  "top.qcow2",
                  "qcow2",
                  64L << 20,
                  Optional.of(new StoragePools.Backing(disk, "qcow2"))));
      assertThat(server().virsh("vol-list", "here").out()).contains("top.qcow2", "base.qcow2");
      assertThat(
              Oracle.named("qemu-img").run("info", directory.resolve("top.qcow2")).succeeds().out())
          .contains("backing file: " + disk, "backing file format: qcow2");
      assertThat(pools.backing(made)).contains(disk);
      Path later = disk("later.qcow2");
      assertThat(pools.findVolume(later)).isEmpty();
      pools.refresh(pool);
      assertThat(pools.path(pools.findVolume(later).orElseThrow())).isEqualTo(later);
      assertThat(pools.volumes(pool)).hasSize(3);
      pools.delete(made);
      assertThat(Files.exists(directory.resolve("top.qcow2"))).isFalse();
      assertThat(pools.xml(pool)).contains("<name>here</name>");
    } finally {
      server().virsh("pool-destroy", "here").succeeds();
    }
  }

  @Test
  void tellsWhatTheHostCanDo() throws IOException {
    assertThat(connection.version()).isGreaterThan(1_000_000);
    Capabilities capabilities = connection.capabilities();
    assertThat(capabilities.architectures())
        .anySatisfy(guest -> assertThat(guest.architecture()).isEqualTo("x86_64"));
    assertThat(capabilities.kvm("x86_64"))
        .isEqualTo(server().virsh("capabilities").out().contains("<domain type='kvm'/>"));
    assertThat(capabilities.kvm("pdp11")).isFalse();
  }

  /// virt-clone changes what we change, and nothing else.
  @Test
  void aTwinIsWhatVirtCloneMakes() throws IOException {
    Path first = disk("first.qcow2");
    Path second = disk("second.qcow2");
    Path nvram = Files.write(directory.resolve("old_VARS.fd"), new byte[16]);
    server()
        .define(
            """
            <domain type='qemu'><name>old</name><title>Old</title><memory unit='MiB'>96</memory>
            <vcpu>2</vcpu>
            <metadata><a:b xmlns:a='urn:a'>kept</a:b></metadata>
            <os><type arch='x86_64' machine='q35'>hvm</type>
            <loader readonly='yes' type='pflash'>/usr/share/OVMF/OVMF_CODE_4M.fd</loader>
            <nvram>%s</nvram></os>
            <features><acpi/></features>
            <devices><disk type='file' device='disk'><driver name='qemu' type='qcow2' discard='unmap'/>
            <source file='%s'/><target dev='vda' bus='virtio'/><serial>S1</serial></disk>
            <interface type='user'><mac address='52:54:00:00:00:01'/><model type='virtio'/></interface>
            <interface type='user'><mac address='52:54:00:00:00:02'/><model type='e1000e'/></interface>
            <channel type='unix'><source mode='bind' path='/x/org.qemu.guest_agent.0'/>
            <target type='virtio' name='org.qemu.guest_agent.0'/></channel>
            <graphics type='vnc' port='5999' autoport='no' passwd='secret'/>
            <rng model='virtio'><backend model='random'>/dev/urandom</backend></rng></devices></domain>
            """
                .formatted(nvram, first));
    DomainXml original =
        connection.domains().xml(connection.domains().get("old"), Description.STORED);
    UUID uuid = UUID.randomUUID();
    DomainTwin twin =
        new DomainTwin(
            "ours",
            uuid,
            List.of("52:54:00:00:01:01", "52:54:00:00:01:02"),
            Map.of("vda", new File(second, "qcow2")),
            Optional.empty(),
            OptionalInt.empty(),
            Optional.empty());
    connection.domains().define(twin.of(original));
    Oracle.named("virt-clone")
        .run(
            "--connect",
            server().uri(),
            "-o",
            "old",
            "-n",
            "theirs",
            "--file",
            second,
            "--preserve-data",
            "--check",
            "all=off",
            "--mac",
            "52:54:00:00:02:01",
            "--mac",
            "52:54:00:00:02:02")
        .succeeds();

    String ours = server().stored("ours");
    assertThat(ours)
        .contains(
            uuid.toString(), "passwd='secret'", "<serial>S1</serial>", "urn:a", "ours_VARS.fd")
        .doesNotContain("5999", "<title>", first.toString(), "/x/org.qemu");
    assertThat(comparable(ours, "ours", "52:54:00:00:01"))
        .isEqualTo(comparable(server().stored("theirs"), "theirs", "52:54:00:00:02"));
  }

  /// libvirt writes `autoport` from `port`.
  private static String comparable(String xml, String name, String macs) {
    return xml.replaceAll("<uuid>.*</uuid>", "<uuid/>").replace(name, "NAME").replace(macs, "MAC");
  }

  @Test
  void aTwinOfItsOwnSize() throws IOException {
    connection.domains().define(machine("old", disk("a.qcow2")).xml());
    DomainXml original =
        connection.domains().xml(connection.domains().get("old"), Description.STORED);
    DomainTwin twin =
        new DomainTwin(
            "new",
            UUID.randomUUID(),
            List.of("52:54:00:00:01:01"),
            Map.of("vda", new File(disk("b.qcow2"), "qcow2")),
            Optional.of(128L << 20),
            OptionalInt.of(3),
            Optional.of(new MachineNetwork.None()));
    connection.domains().define(twin.of(original));
    assertThat(server().stored("new"))
        .contains("<memory unit='KiB'>131072<", "<currentMemory unit='KiB'>131072<", ">3</vcpu>")
        .doesNotContain("<interface");
    DomainTwin astray =
        new DomainTwin(
            "astray",
            UUID.randomUUID(),
            List.of(),
            Map.of("vdz", new File(directory, "raw")),
            Optional.empty(),
            OptionalInt.empty(),
            Optional.empty());
    assertThatThrownBy(() -> astray.of(original)).hasMessageContaining("no disk vdz");
  }
}
