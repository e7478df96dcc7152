package io.calco.engine.backup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// What this host knows of a block device, as far as `/sys` tells.
///
/// @param path as the user named it
/// @param name the kernel's: `sda`, `sda1`
/// @param partition it is a partition of a disk
/// @param model as its maker calls it
/// @param serial its serial number
/// @param sectorSize bytes of a sector that it is addressed by
record HostDevice(
    Path path,
    String name,
    boolean partition,
    Optional<String> model,
    Optional<String> serial,
    Optional<Integer> sectorSize) {
  private static final Pattern MEMORY = Pattern.compile("(ram|zram|sr|fd)[0-9]+");
  private static final Path CLASS = Path.of("/sys/class/block");

  /// The device of that name; empty for everything that is a plain file or not there.
  static Optional<HostDevice> find(Path path) throws IOException {
    if (!Files.exists(path) || Files.isRegularFile(path) || Files.isDirectory(path)) {
      return Optional.empty();
    }
    Path real = path.toRealPath();
    String name = String.valueOf(real.getFileName());
    Path own = CLASS.resolve(name);
    if (!real.startsWith("/dev") || !Files.isDirectory(own)) {
      return Optional.empty();
    }
    return Optional.of(described(path, own));
  }

  /// A device.
  ///
  /// @param own its directory in `/sys/class/block`
  static HostDevice described(Path path, Path own) throws IOException {
    boolean partition = Files.exists(own.resolve("partition"));
    Path disk = partition ? own.toRealPath().resolveSibling("") : own;
    return new HostDevice(
        path,
        String.valueOf(own.getFileName()),
        partition,
        line(disk.resolve("device/model")),
        line(disk.resolve("device/serial"))
            .or(() -> line(disk.resolve("serial")))
            .or(() -> line(disk.resolve("device/wwid"))),
        line(disk.resolve("queue/logical_block_size"))
            .flatMap(HostDevice::number)
            .map(Math::toIntExact));
  }

  /// True for a whole disk that is hardware, or what a machine takes for it: no partition, volume
  /// or loop device.
  boolean isHardware() {
    return Files.exists(CLASS.resolve(name).resolve("device")) && !isMemory(name);
  }

  /// True when what is called so lies in memory, or has a medium that is changed.
  static boolean isMemory(String name) {
    return MEMORY.matcher(name).matches();
  }

  /// The disks of this host, by name: not partitions, nor what has no medium, lies in memory or
  /// cannot be written.
  static List<HostDevice> disks() throws IOException {
    List<HostDevice> disks = new ArrayList<>();
    for (String name : names(CLASS)) {
      Path each = CLASS.resolve(name);
      boolean empty = line(each.resolve("size")).orElse("0").equals("0");
      boolean fixed = line(each.resolve("ro")).orElse("0").equals("1");
      if (!empty && !fixed && !isMemory(name)) {
        find(Path.of("/dev", name.replace('!', '/')))
            .filter(device -> !device.partition())
            .ifPresent(disks::add);
      }
    }
    return disks;
  }

  /// What is in a directory, sorted; empty when it is not there.
  static List<String> names(Path directory) throws IOException {
    List<String> names = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
        entries.forEach(entry -> names.add(String.valueOf(entry.getFileName())));
      }
    }
    names.sort(Comparator.naturalOrder());
    return names;
  }

  /// Its length in bytes; 0 while it has no medium.
  long size() {
    return size(CLASS.resolve(name));
  }

  static long size(Path own) {
    // In units of 512 bytes, whatever its sectors are.
    return line(own.resolve("size")).flatMap(HostDevice::number).orElse(0L) * 512;
  }

  private static Optional<Long> number(String text) {
    try {
      return Optional.of(Long.valueOf(text));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /// What a small file of the kernel's says; empty when it is not there, or says nothing.
  static Optional<String> line(Path file) {
    try {
      String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8).strip();
      return text.isEmpty() ? Optional.empty() : Optional.of(text);
    } catch (IOException none) {
      return Optional.empty();
    }
  }

  /// What its owner knows it by, to be typed before it is overwritten: the serial number, else the
  /// kernel's name.
  String word() {
    return serial.orElse(name);
  }
}
