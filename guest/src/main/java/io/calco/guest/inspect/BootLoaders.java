package io.calco.guest.inspect;

import io.calco.fs.GuestNames;
import io.calco.guest.GuestTree;
import io.calco.guest.inspect.GuestFacts.BootEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// What starts a Linux, by its files: boot loaders, their entries (UAPI group, "Boot Loader
/// Specification"), kernels.
final class BootLoaders {
  private static final Map<String, List<String>> LOADERS = new LinkedHashMap<>();

  static {
    LOADERS.put(
        "grub",
        List.of(
            "/boot/grub/grub.cfg",
            "/boot/grub2/grub.cfg",
            "/boot/efi/EFI/*/grub.cfg",
            "/efi/EFI/*/grub.cfg"));
    LOADERS.put(
        "systemd-boot",
        List.of(
            "/boot/loader/loader.conf",
            "/boot/efi/loader/loader.conf",
            "/efi/loader/loader.conf",
            "/boot/EFI/systemd/systemd-boot*.efi",
            "/boot/efi/EFI/systemd/systemd-boot*.efi",
            "/efi/EFI/systemd/systemd-boot*.efi"));
    LOADERS.put(
        "extlinux",
        List.of(
            "/boot/extlinux/extlinux.conf", "/boot/extlinux.conf", "/boot/syslinux/*linux.cfg"));
    LOADERS.put("grub-legacy", List.of("/boot/grub/menu.lst", "/boot/grub/grub.conf"));
    LOADERS.put("zipl", List.of("/etc/zipl.conf"));
    LOADERS.put("lilo", List.of("/etc/lilo.conf"));
    LOADERS.put("u-boot", List.of("/boot/boot.scr"));
  }

  private static final List<String> PARTITIONS = List.of("/boot", "/boot/efi", "/efi");

  /// Kernel image files in `/boot`, before their version.
  private static final List<String> IMAGES = List.of("vmlinuz-", "vmlinux-", "kernel-", "Image-");

  private static final int MAX_ENTRIES = 200; // ours, of a kind
  private static final int MAX_ENTRY = 1 << 14; // ours, bytes

  private final GuestTree tree;

  BootLoaders(GuestTree tree) {
    this.tree = tree;
  }

  /// The first that is there; several may be installed.
  Optional<String> loader() throws IOException {
    for (Map.Entry<String, List<String>> loader : LOADERS.entrySet()) {
      for (String pattern : loader.getValue()) {
        if (!tree.glob(pattern).isEmpty()) {
          return Optional.of(loader.getKey());
        }
      }
    }
    return Optional.empty();
  }

  /// Boot loader entries, and unified kernel images, which are entries by themselves.
  List<BootEntry> entries() throws IOException {
    List<BootEntry> entries = new ArrayList<>();
    for (String partition : PARTITIONS) {
      for (String path : first(tree.glob(partition + "/loader/entries/*.conf"))) {
        String text = tree.readStart(path, MAX_ENTRY).map(GuestNames::decode).orElse("");
        entries.add(new BootEntry(path, field(text, "title"), field(text, "version")));
      }
      for (String path : first(tree.glob(partition + "/EFI/Linux/*.efi"))) {
        entries.add(new BootEntry(path, Optional.empty(), Optional.empty()));
      }
    }
    return entries;
  }

  private static List<String> first(List<String> paths) {
    return paths.subList(0, Math.min(MAX_ENTRIES, paths.size()));
  }

  private static Optional<String> field(String text, String key) {
    return text.lines()
        .map(String::strip)
        .filter(line -> line.matches(key + "\\s.*"))
        .map(line -> line.substring(key.length()).strip())
        .findFirst();
  }

  /// Versions of the kernels, oldest first: from the names of their images, or of their modules
  /// where the images have names without a version, as Alpine's and Arch's.
  List<String> kernels() throws IOException {
    Set<String> versions = new TreeSet<>(KernelVersion.ORDER);
    for (var entry : tree.list("/boot")) {
      for (String image : IMAGES) {
        if (entry.name().startsWith(image)) {
          String version = entry.name().substring(image.length()).replaceFirst("\\.gz$", "");
          if (KernelVersion.isOne(version)) {
            versions.add(version);
          }
        }
      }
    }
    for (String partition : PARTITIONS) {
      addParents(versions, tree.glob(partition + "/*/*/linux"));
    }
    addParents(versions, tree.glob("/lib/modules/*/vmlinuz"));
    if (versions.isEmpty()) {
      addParents(versions, tree.glob("/lib/modules/*/modules.dep"));
    }
    return List.copyOf(versions);
  }

  private static void addParents(Set<String> versions, List<String> paths) {
    for (String path : paths) {
      String directory = path.substring(0, path.lastIndexOf('/'));
      String version = directory.substring(directory.lastIndexOf('/') + 1);
      if (KernelVersion.isOne(version)) {
        versions.add(version);
      }
    }
  }
}
