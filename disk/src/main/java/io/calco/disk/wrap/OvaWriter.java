package io.calco.disk.wrap;

import io.calco.disk.HostFile;
import io.calco.disk.JobContext;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Puts an appliance together: the disks' files are written to their places in the tar, then the
/// headers before them and the descriptor, for which there is room, then the manifest.
final class OvaWriter {
  private final HostFile target;
  private final Ovf machine;
  private final String name;
  private final TarWriter tar;

  private OvaWriter(HostFile target, Ovf machine, long seconds) {
    this.target = target;
    this.name = fileName(machine.name());
    this.machine = withFileNames(machine);
    this.tar = new TarWriter(target, seconds);
  }

  static void write(
      HostFile target, Ovf machine, List<Ova.DiskContent> contents, long seconds, JobContext job)
      throws IOException {
    if (contents.size() != machine.disks().size() || contents.isEmpty()) {
      throw new IllegalArgumentException(
          "%d disks, %d contents".formatted(machine.disks().size(), contents.size()));
    }
    new OvaWriter(target, machine, seconds).write(contents, job);
  }

  /// A name that every file system and program takes.
  private static String fileName(String name) {
    String plain = name.replaceAll("[^A-Za-z0-9._-]+", "_");
    String shown = plain.substring(0, Math.min(plain.length(), 60));
    return shown.matches("[._-]*") ? "machine" : shown;
  }

  private Ovf withFileNames(Ovf from) {
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

  private void write(List<Ova.DiskContent> contents, JobContext job) throws IOException {
    List<Long> unknown = Collections.nCopies(contents.size(), Long.MAX_VALUE);
    int room = OvfWriter.write(machine, unknown).length;
    long offset = TarWriter.behind(0, room);
    List<Long> sizes = new ArrayList<>();
    for (int i = 0; i < contents.size(); i++) {
      String href = href(i);
      WindowFile window =
          new WindowFile(target.name() + ": " + href, target, TarWriter.data(offset));
      contents.get(i).writeTo(window);
      sizes.add(window.size());
      tar.header(offset, href, window.size());
      offset = TarWriter.behind(offset, window.size());
      target.truncate(offset);
    }
    byte[] descriptor = Arrays.copyOf(OvfWriter.write(machine, sizes), room);
    for (int i = room - 1; descriptor[i] == 0; i--) {
      descriptor[i] = '\n';
    }
    tar.member(0, name + ".ovf", descriptor);
    manifest(offset, descriptor, sizes, job);
  }

  private String href(int disk) {
    return machine.disks().get(disk).file().orElseThrow().href();
  }

  private void manifest(long offset, byte[] descriptor, List<Long> sizes, JobContext job)
      throws IOException {
    StringBuilder lines = new StringBuilder();
    MemorySegment bytes = MemorySegment.ofArray(descriptor);
    lines.append(line(name + ".ovf", MemberDigest.of("SHA-256", bytes)));
    long at = TarWriter.behind(0, descriptor.length);
    for (int i = 0; i < sizes.size(); i++) {
      String digest =
          MemberDigest.of(
              "SHA-256", target, TarWriter.data(at), sizes.get(i), "hashing " + href(i), job);
      lines.append(line(href(i), digest));
      at = TarWriter.behind(at, sizes.get(i));
    }
    byte[] content = lines.toString().getBytes(StandardCharsets.US_ASCII);
    tar.end(tar.member(offset, name + ".mf", content));
  }

  private static String line(String file, String digest) {
    return "SHA256(%s)= %s\n".formatted(file, digest);
  }
}
