package io.calco.guest.inspect;

import io.calco.guest.GuestTree;
import io.calco.guest.inspect.GuestFacts.PackageFacts;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/// Finds what is installed by the files that are there.
final class Software {
  private static final long MAX_DATABASE = 256L << 20; // ours, bytes

  /// Kernel image files in `/boot`, before their version.
  private static final List<String> IMAGES = List.of("vmlinuz-", "vmlinux-", "kernel-", "Image-");

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

  private static final Map<String, String> LOADERS = new LinkedHashMap<>();
  private static final Map<String, String> NETWORKS = new LinkedHashMap<>();

  static {
    LOADERS.put("/boot/grub/grub.cfg", "grub");
    LOADERS.put("/boot/grub2/grub.cfg", "grub");
    LOADERS.put("/boot/grub/menu.lst", "grub-legacy");
    LOADERS.put("/boot/loader/loader.conf", "systemd-boot");
    LOADERS.put("/boot/efi/loader/loader.conf", "systemd-boot");
    LOADERS.put("/boot/extlinux/extlinux.conf", "extlinux");
    LOADERS.put("/boot/extlinux.conf", "extlinux");
    LOADERS.put("/boot/syslinux/syslinux.cfg", "extlinux");
    LOADERS.put("/etc/lilo.conf", "lilo");
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

  Optional<String> bootLoader() throws IOException {
    for (Map.Entry<String, String> loader : LOADERS.entrySet()) {
      if (tree.isFile(loader.getKey())) {
        return Optional.of(loader.getValue());
      }
    }
    return Optional.empty();
  }

  List<String> kernels() throws IOException {
    Set<String> versions = new TreeSet<>();
    for (var entry : tree.list("/boot")) {
      for (String image : IMAGES) {
        if (entry.name().startsWith(image)) {
          versions.add(entry.name().substring(image.length()));
        }
      }
    }
    for (String path : tree.glob("/lib/modules/*/vmlinuz")) {
      String directory = path.substring(0, path.lastIndexOf('/'));
      versions.add(directory.substring(directory.lastIndexOf('/') + 1));
    }
    return List.copyOf(versions);
  }

  List<String> networkManagers() throws IOException {
    List<String> found = new ArrayList<>();
    for (Map.Entry<String, String> network : NETWORKS.entrySet()) {
      if (!tree.glob(network.getKey()).isEmpty()) {
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

  Optional<PackageFacts> packages() throws IOException {
    Optional<InputStream> dpkg = tree.stream("/var/lib/dpkg/status");
    if (dpkg.isPresent()) {
      return Optional.of(count("dpkg", dpkg.get(), "Status: ", " ok installed"));
    }
    Optional<InputStream> apk = tree.stream("/lib/apk/db/installed");
    if (apk.isPresent()) {
      return Optional.of(count("apk", apk.get(), "P:", ""));
    }
    if (tree.isDirectory("/var/lib/pacman/local")) {
      long count = tree.glob("/var/lib/pacman/local/*/desc").size();
      return Optional.of(new PackageFacts("pacman", OptionalLong.of(count)));
    }
    for (String pattern : List.of("/var/lib/rpm/*", "/usr/lib/sysimage/rpm/*")) {
      if (!tree.glob(pattern).isEmpty()) {
        return Optional.of(new PackageFacts("rpm", OptionalLong.empty()));
      }
    }
    return Optional.empty();
  }

  /// Counts lines with this beginning and end, a line's first 256 bytes looked at.
  private static PackageFacts count(String manager, InputStream database, String begin, String end)
      throws IOException {
    long count = 0;
    byte[] line = new byte[256];
    int length = 0;
    long left = MAX_DATABASE;
    try (InputStream in = new BufferedInputStream(database, 1 << 18)) {
      for (int c = in.read(); c >= 0 && left > 0; c = in.read()) {
        left--;
        if (c != '\n') {
          if (length < line.length) {
            line[length] = (byte) c;
          }
          length = Math.min(length + 1, line.length);
        } else {
          String text = new String(line, 0, length, StandardCharsets.ISO_8859_1);
          count += text.startsWith(begin) && text.endsWith(end) ? 1 : 0;
          length = 0;
        }
      }
    }
    return new PackageFacts(manager, OptionalLong.of(count));
  }
}
