package io.calco.disk.wrap;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// How an appliance in the making is put together: its files' names, and room for the descriptor
/// and the manifest, which stand before the disks of which they tell.
///
/// Both have their lengths before the disks are known: a descriptor is filled up with line ends,
/// and digests are all of one length.
final class OvaPlan {
  private final Ovf machine;
  private final String name;
  private final int descriptorRoom;

  /// @param from the machine, of whose disks the sizes and controllers count
  OvaPlan(Ovf from) {
    name = fileName(from.name());
    machine = withFileNames(from, name);
    List<Long> longest = Collections.nCopies(machine.disks().size(), Long.MAX_VALUE);
    descriptorRoom = OvfWriter.write(machine, longest).length;
  }

  /// A name that every file system and program takes.
  private static String fileName(String name) {
    String plain = name.replaceAll("[^A-Za-z0-9._-]+", "_");
    String shown = plain.substring(0, Math.min(plain.length(), 60));
    return shown.matches("[._-]*") ? "machine" : shown;
  }

  private static Ovf withFileNames(Ovf from, String name) {
    List<Ovf.VirtualDisk> disks = new ArrayList<>();
    for (Ovf.VirtualDisk disk : from.disks()) {
      String href = "%s-disk%d.vmdk".formatted(name, disks.size() + 1);
      disks.add(
          new Ovf.VirtualDisk(
              "vmdisk" + (disks.size() + 1),
              disk.capacityBytes(),
              Optional.of(new Ovf.File(href, OptionalLong.empty())),
              Optional.empty(),
              disk.controller()));
    }
    return new Ovf(
        from.name(),
        from.operatingSystem(),
        from.hardware(),
        from.firmware(),
        from.cpus(),
        from.memoryBytes(),
        from.networkAdapters(),
        disks);
  }

  /// How many disks there are.
  int disks() {
    return machine.disks().size();
  }

  /// A disk's file.
  String disk(int index) {
    return machine.disks().get(index).file().orElseThrow().href();
  }

  String descriptorName() {
    return name + ".ovf";
  }

  String manifestName() {
    return name + ".mf";
  }

  /// Where the manifest's header stands.
  long manifestOffset() {
    return TarWriter.behind(0, descriptorRoom);
  }

  /// Where the first disk's header stands.
  long disksOffset() {
    String digest = "0".repeat(64);
    byte[] manifest = manifest(digest, Collections.nCopies(disks(), digest));
    return TarWriter.behind(manifestOffset(), manifest.length);
  }

  /// The descriptor.
  ///
  /// @param sizes of the disks' files, in bytes
  byte[] descriptor(List<Long> sizes) {
    byte[] written = OvfWriter.write(machine, sizes);
    byte[] descriptor = Arrays.copyOf(written, descriptorRoom);
    Arrays.fill(descriptor, written.length, descriptorRoom, (byte) '\n');
    return descriptor;
  }

  /// The manifest.
  ///
  /// @param descriptor the descriptor's SHA-256, in hexadecimal
  /// @param disks the disks' files'
  byte[] manifest(String descriptor, List<String> disks) {
    StringBuilder lines = new StringBuilder(line(descriptorName(), descriptor));
    for (int i = 0; i < disks.size(); i++) {
      lines.append(line(disk(i), disks.get(i)));
    }
    return lines.toString().getBytes(StandardCharsets.US_ASCII);
  }

  private static String line(String file, String digest) {
    return "SHA256(%s)= %s\n".formatted(file, digest);
  }
}
