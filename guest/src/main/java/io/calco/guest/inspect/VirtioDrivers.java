package io.calco.guest.inspect;

import io.calco.guest.GuestTree;
import io.calco.guest.boot.BootImages;
import io.calco.guest.inspect.GuestFacts.DriverFacts;
import io.calco.guest.inspect.GuestFacts.DriverPlace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Where the newest kernel has the drivers of a virtual machine's devices. That of its root disk
/// must be built in or lie in the initial RAM file system, or the machine does not start.
final class VirtioDrivers {
  /// Drivers, and where the kernel's sources have them.
  private static final Map<String, String> DRIVERS = new LinkedHashMap<>();

  static {
    DRIVERS.put("virtio_pci", "virtio");
    DRIVERS.put("virtio_blk", "block");
    DRIVERS.put("virtio_scsi", "scsi");
    DRIVERS.put("virtio_net", "net");
  }

  private static final int MAX_IMAGES = 3; // ours

  private final GuestTree tree;
  private final String kernel;

  private VirtioDrivers(GuestTree tree, String kernel) {
    this.tree = tree;
    this.kernel = kernel;
  }

  /// Of the last of these kernels.
  ///
  /// @return empty when no kernel's modules are there
  static List<DriverFacts> of(GuestTree tree, List<String> kernels) throws IOException {
    return kernels.isEmpty() || !tree.isDirectory("/lib/modules/" + kernels.getLast())
        ? List.of()
        : new VirtioDrivers(tree, kernels.getLast()).facts();
  }

  private List<DriverFacts> facts() throws IOException {
    Set<String> builtIn = builtIn();
    Set<String> modules = new LinkedHashSet<>();
    for (Map.Entry<String, String> driver : DRIVERS.entrySet()) {
      String pattern =
          "/lib/modules/%s/kernel/drivers/%s/%s.ko*"
              .formatted(kernel, driver.getValue(), driver.getKey());
      if (!builtIn.contains(driver.getKey()) && !tree.glob(pattern).isEmpty()) {
        modules.add(driver.getKey());
      }
    }
    Set<String> early = modules.isEmpty() ? Set.of() : initramfs(modules);
    List<DriverFacts> facts = new ArrayList<>();
    for (String driver : DRIVERS.keySet()) {
      facts.add(
          new DriverFacts(
              driver,
              builtIn.contains(driver)
                  ? DriverPlace.BUILT_IN
                  : early.contains(driver)
                      ? DriverPlace.INITRAMFS
                      : modules.contains(driver) ? DriverPlace.MODULE : DriverPlace.NONE));
    }
    return facts;
  }

  /// By `modules.builtin`; a kernel before 2.6.33 has only its configuration.
  private Set<String> builtIn() throws IOException {
    Optional<String> list = tree.readText("/lib/modules/" + kernel + "/modules.builtin");
    String text = list.orElse("");
    String configuration = list.isEmpty() ? tree.readText("/boot/config-" + kernel).orElse("") : "";
    Set<String> found = new LinkedHashSet<>();
    for (Map.Entry<String, String> driver : DRIVERS.entrySet()) {
      String name = driver.getKey();
      String symbol = "CONFIG_" + name.toUpperCase(java.util.Locale.ROOT) + "=y";
      if (text.contains("/" + driver.getValue() + "/" + name + ".ko")
          || configuration.lines().anyMatch(symbol::equals)) {
        found.add(name);
      }
    }
    return found;
  }

  /// Which of these modules the kernel's initial RAM file system holds, going by their names.
  private Set<String> initramfs(Set<String> modules) throws IOException {
    Set<String> found = new LinkedHashSet<>();
    for (String image : images()) {
      List<String> names = modules.stream().map(name -> "/" + name + ".ko").toList();
      for (String name : BootImages.mentions(tree, image, names)) {
        found.add(name.substring(1, name.length() - 3));
      }
    }
    return found;
  }

  private List<String> images() throws IOException {
    List<String> patterns =
        new ArrayList<>(
            List.of(
                "/boot/initrd.img-" + kernel,
                "/boot/initramfs-" + kernel + ".img",
                "/boot/initrd-" + kernel,
                "/boot/initrd-" + kernel + ".img",
                "/boot/*/" + kernel + "/initrd*",
                "/boot/efi/*/" + kernel + "/initrd*",
                "/efi/*/" + kernel + "/initrd*",
                "/boot/initramfs-" + kernel.substring(kernel.lastIndexOf('-') + 1)));
    tree.readText("/lib/modules/" + kernel + "/pkgbase")
        .ifPresent(name -> patterns.add("/boot/initramfs-" + name.strip() + ".img"));
    Set<String> found = new LinkedHashSet<>();
    for (String pattern : patterns) {
      found.addAll(tree.glob(pattern));
    }
    return found.stream().limit(MAX_IMAGES).toList();
  }
}
