package io.calco.guest.inspect;

import io.calco.guest.GuestTree;
import io.calco.guest.inspect.GuestFacts.PackageFacts;
import io.calco.guest.inspect.packages.InstalledPackages;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// Finds what is installed by the files that are there.
final class Software {
  private static final Map<Integer, String> MACHINES =
      Map.of(
          0x03,
          "i686",
          0x28,
          "armv7l",
          0x3E,
          "x86_64",
          0xB7,
          "aarch64",
          0xF3,
          "riscv64",
          0x15,
          "ppc64",
          0x16,
          "s390x",
          0x102,
          "loongarch64",
          0x08,
          "mips");

  private static final Map<String, String> NETWORKS = new LinkedHashMap<>();

  static {
    NETWORKS.put("/usr/sbin/NetworkManager", "networkmanager");
    NETWORKS.put("/etc/netplan/*.yaml", "netplan");
    NETWORKS.put("/etc/systemd/system/*.target.wants/systemd-networkd.service", "systemd-networkd");
    NETWORKS.put("/sbin/ifup", "ifupdown");
    NETWORKS.put("/usr/sbin/wickedd", "wicked");
    NETWORKS.put("/usr/sbin/dhcpcd", "dhcpcd");
    NETWORKS.put("/usr/sbin/connmand", "connman");
    NETWORKS.put("/etc/sysconfig/network-scripts/ifcfg-e*", "network-scripts");
  }

  private final GuestTree tree;

  Software(GuestTree tree) {
    this.tree = tree;
  }

  /// From the ELF header of a program that every Linux has (ELF specification, e_machine).
  Optional<String> architecture() throws IOException {
    for (String program : List.of("/bin/sh", "/usr/bin/env", "/sbin/init", "/bin/busybox")) {
      byte[] header = tree.readStart(program, 20).orElse(new byte[0]);
      if (header.length == 20 && header[0] == 0x7F && header[1] == 'E' && header[2] == 'L') {
        boolean little = header[5] == 1;
        int low = header[little ? 18 : 19] & 0xFF;
        int machine = (header[little ? 19 : 18] & 0xFF) << 8 | low;
        String name = MACHINES.getOrDefault(machine, "elf-machine-" + machine);
        return Optional.of(little && name.equals("ppc64") ? "ppc64le" : name);
      }
    }
    return Optional.empty();
  }

  List<String> networkManagers() throws IOException {
    List<String> found = new ArrayList<>();
    for (Map.Entry<String, String> network : NETWORKS.entrySet()) {
      // Red Hat's ifup is another.
      boolean other =
          network.getValue().equals("ifupdown") && !tree.isFile("/etc/network/interfaces");
      if (!other && !tree.glob(network.getKey()).isEmpty()) {
        found.add(network.getValue());
      }
    }
    return found;
  }

  boolean cloudInit() throws IOException {
    return !tree.isFile("/etc/cloud/cloud-init.disabled")
        && (tree.isFile("/usr/bin/cloud-init") || tree.isFile("/usr/local/bin/cloud-init"));
  }

  boolean sshServer() throws IOException {
    return tree.isFile("/usr/sbin/sshd") || tree.isFile("/usr/sbin/dropbear");
  }

  /// Warnings are added to `warnings`.
  Optional<PackageFacts> packages(List<String> warnings) {
    Optional<InstalledPackages> found = InstalledPackages.of(tree);
    found.ifPresent(installed -> warnings.addAll(installed.warnings()));
    return found.map(installed ->
        new PackageFacts(
            installed.manager(),
            installed.complete()
                ? OptionalLong.of(installed.packages().size())
                : OptionalLong.empty(),
            installed.packages()));
  }
}
