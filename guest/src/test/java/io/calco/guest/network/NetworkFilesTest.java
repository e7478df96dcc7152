package io.calco.guest.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.JobContext;
import io.calco.guest.ChangeApplier;
import io.calco.guest.DebianGuest;
import io.calco.guest.Draft;
import io.calco.guest.GuestRequestException;
import io.calco.guest.MemoryFileSystem;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The settings in each service's files, read again by the services' own programs.
class NetworkFilesTest {
  private static final String BOTH =
      "eth0=192.0.2.10/24,2001:db8::10/64,gw=192.0.2.1,gw=2001:db8::1,dns=192.0.2.53,"
          + "dns=2001:db8::53,search=example.org,search=example.net";

  @TempDir private Path work;
  private final MemoryFileSystem fs = DebianGuest.make();

  private void set(String... settings) throws IOException {
    Draft draft = new Draft(fs.tree(), List.of(), Instant.parse("2026-11-21T00:00:00Z"));
    NetworkFiles.set(draft, Arrays.stream(settings).map(InterfaceSettings::parse).toList());
    new ChangeApplier(draft.tree(), JobContext.SILENT).apply(draft.takeSection().changes());
  }

  private Path put(String name, String guestPath) throws IOException {
    Path file = work.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, fs.text(guestPath));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file;
  }

  @Test
  void netplanTakesIt() throws IOException {
    fs.file("/usr/sbin/netplan", "#!")
        .file("/etc/cloud/cloud.cfg.d/05_logging.cfg", "")
        .file(
            "/etc/netplan/00-installer.yaml", "network:\n  ethernets:\n    eth0:\n      dhcp4: y\n")
        .file("/etc/netplan/01-other.yaml", "network:\n  ethernets:\n    eth7: {dhcp4: true}\n");
    set(BOTH, "52:54:00:AA:bb:01=dhcp,dns=192.0.2.99");
    assertThat(fs.has("/etc/netplan/00-installer.yaml")).isFalse();
    assertThat(fs.has("/etc/netplan/01-other.yaml")).isTrue();
    assertThat(fs.owner("/etc/netplan/90-calco.yaml")).isEqualTo("0600 0:0");
    assertThat(fs.text("/etc/cloud/cloud.cfg.d/99-calco-network.cfg")).contains("disabled");
    put("etc/netplan/90-calco.yaml", "/etc/netplan/90-calco.yaml");

    Oracle.optional("netplan").run("generate", "--root-dir", work).succeeds();

    String made = Files.readString(work.resolve("run/systemd/network/10-netplan-eth0.network"));
    assertThat(made)
        .contains("Address=192.0.2.10/24\n", "Address=2001:db8::10/64\n", "DNS=192.0.2.53\n")
        .contains("Gateway=192.0.2.1\n", "Gateway=2001:db8::1\n")
        .contains("Domains=example.org example.net\n")
        .doesNotContain("DHCP");
    String other =
        Files.readString(work.resolve("run/systemd/network/10-netplan-calco525400aabb01.network"));
    assertThat(other).contains("DHCP=ipv4\n", "PermanentMACAddress=52:54:00:aa:bb:01");
  }

  @ParameterizedTest
  @ValueSource(strings = {BOTH, "52:54:00:aa:bb:01=192.0.2.7/28", "eth1=dhcp,search=example.org"})
  void networkManagerTakesIt(String settings) throws IOException {
    fs.file("/usr/sbin/NetworkManager", "ELF");
    set(settings);
    String path =
        fs.tree().glob("/etc/NetworkManager/system-connections/calco-*.nmconnection").getFirst();
    assertThat(fs.owner(path)).isEqualTo("0600 0:0");
    Path file = put("calco.nmconnection", path);
    Oracle.optional("nmcli");
    String read =
        Oracle.named("sh")
            .run(
                "-c", "nmcli --offline connection modify connection.zone home < \"$1\"", "sh", file)
            .succeeds()
            .out()
            .replace(" ", "");
    assertThat(read.lines().filter(l -> !l.isEmpty() && !l.startsWith("zone=")).sorted())
        .containsAll(
            fs.text(path)
                .lines()
                .filter(l ->
                    l.matches("(address|gateway|dns|mac-address|interface-name|uuid|method).*"))
                .map(l -> l.replace("52:54:00:aa:bb:01", "52:54:00:AA:BB:01"))
                .toList());
  }

  @Test
  void ifupdownTakesIt() throws IOException {
    fs.file("/usr/sbin/ifup", "ELF")
        .file(
            "/etc/network/interfaces",
            """
            source /etc/network/interfaces.d/*
            # The loopback network interface
            auto lo
            iface lo inet loopback

            auto eth0 eth1
            iface eth0 inet static
                address 198.51.100.1/24
                up true
            iface eth1 inet dhcp
            """)
        .file("/etc/network/interfaces.d/old", "allow-hotplug eth0\niface eth0 inet6 auto\n");
    set(BOTH);
    assertThat(fs.text("/etc/network/interfaces.d/old")).isEmpty();
    assertThat(fs.text("/etc/network/interfaces"))
        .contains("auto eth1\n", "iface eth1 inet dhcp\n", "iface lo inet loopback\n")
        .doesNotContain("198.51.100.1", "up true");
    assertThat(fs.text("/etc/resolv.conf"))
        .endsWith(
            "search example.org example.net\nnameserver 192.0.2.53\nnameserver 2001:db8::53\n");
    Path file = put("interfaces", "/etc/network/interfaces");
    assertThat(Oracle.optional("ifquery").run("-i", file, "--list").succeeds().out())
        .isEqualTo("lo\neth1\neth0\n");
    assertThat(Oracle.optional("ifquery").run("-i", file, "eth0").succeeds().out())
        .contains("address: 192.0.2.10", "netmask: 255.255.255.0", "gateway: 192.0.2.1")
        .contains("address: 2001:db8::10", "netmask: 64", "gateway: 2001:db8::1")
        .contains("dns-nameservers: 192.0.2.53 2001:db8::53");
    assertThatThrownBy(() -> set("52:54:00:aa:bb:01=dhcp"))
        .isInstanceOf(GuestRequestException.class);
  }

  @Test
  void networkdHasItsOwnWords() throws IOException {
    fs.symlink(
        "/etc/systemd/system/multi-user.target.wants/systemd-networkd.service",
        "/usr/lib/systemd/system/systemd-networkd.service");
    set(BOTH);
    assertThat(fs.text("/etc/systemd/network/05-calco-eth0.network"))
        .isEqualTo(
            """
            # Made by Calco for this machine.
            [Match]
            Name=eth0

            [Network]
            Address=192.0.2.10/24
            Address=2001:db8::10/64
            Gateway=192.0.2.1
            Gateway=2001:db8::1
            DNS=192.0.2.53
            DNS=2001:db8::53
            Domains=example.org example.net
            """);
  }

  @Test
  void redHatAndSuseSourceShellFiles() throws IOException {
    fs.dir("/etc/sysconfig/network-scripts");
    set(BOTH);
    assertThat(sourced("/etc/sysconfig/network-scripts/ifcfg-eth0"))
        .containsAllEntriesOf(
            Map.of(
                "DEVICE",
                "eth0",
                "BOOTPROTO",
                "none",
                "IPADDR",
                "192.0.2.10",
                "PREFIX",
                "24",
                "GATEWAY",
                "192.0.2.1",
                "IPV6ADDR",
                "2001:db8::10/64",
                "DNS2",
                "2001:db8::53",
                "DOMAIN",
                "example.org example.net"));
    fs.file("/usr/sbin/wicked", "ELF")
        .file("/etc/sysconfig/network/config", "A=\"b\"\nNETCONFIG_DNS_STATIC_SERVERS=\"\"\n");
    set(BOTH);
    assertThat(sourced("/etc/sysconfig/network/ifcfg-eth0"))
        .containsAllEntriesOf(
            Map.of("STARTMODE", "auto", "IPADDR", "192.0.2.10/24", "IPADDR_1", "2001:db8::10/64"));
    assertThat(fs.text("/etc/sysconfig/network/ifroute-eth0"))
        .endsWith("default 192.0.2.1 - -\ndefault 2001:db8::1 - -\n");
    assertThat(sourced("/etc/sysconfig/network/config"))
        .containsEntry("A", "b")
        .containsEntry("NETCONFIG_DNS_STATIC_SERVERS", "192.0.2.53 2001:db8::53");
  }

  private Map<String, String> sourced(String path) throws IOException {
    Path file = put("sourced", path);
    Map<String, String> values = new java.util.HashMap<>();
    Oracle.named("sh")
        .run("-c", "set -a; . \"$1\"; env", "sh", file)
        .succeeds()
        .out()
        .lines()
        .filter(line -> line.contains("="))
        .forEach(line ->
            values.put(
                line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1)));
    return values;
  }

  @Test
  void aGuestWithoutAnyServiceIsRefused() {
    assertThatThrownBy(() -> set(BOTH)).isInstanceOf(GuestRequestException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "eth0",
        "=192.0.2.1/24",
        "eth0=",
        "eth0=192.0.2.1",
        "eth0=192.0.2.1/33",
        "eth0=192.0.2.1/0",
        "eth0=192.0.2.300/24",
        "eth0=192.0.2.01/24",
        "eth0=192.0.2/24",
        "eth0=localhost/24",
        "eth0=fe80::1%eth0/64",
        "eth0=2001:db8::1::2/64",
        "eth0=2001:db8::1/129",
        "eth0=dhcp,192.0.2.1/24",
        "eth0=dhcp,gw=192.0.2.1",
        "eth0=192.0.2.1/24,gw=2001:db8::1",
        "eth0=192.0.2.1/24,gw=192.0.2.2,gw=192.0.2.3",
        "eth0=192.0.2.1/24,search=a\nb",
        "et h0=dhcp",
        "../../etc=dhcp",
        "52:54:00:zz:bb:01=dhcp"
      })
  void whatIsNoSettingIsRefused(String text) {
    assertThatThrownBy(() -> InterfaceSettings.parse(text))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
