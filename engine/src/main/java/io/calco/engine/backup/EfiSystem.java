package io.calco.engine.backup;

import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.fs.DirectoryEntry;
import io.calco.fs.FileAttributes;
import io.calco.fs.FileStatus;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystemType;
import io.calco.fs.FileSystems;
import io.calco.fs.FileType;
import io.calco.volume.Partition;
import io.calco.volume.PartitionKind;
import io.calco.volume.PartitionTable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;

/// The EFI system partition of a disk, and what a firmware starts that does not know the disk yet:
/// `\EFI\BOOT\BOOTX64.EFI` and its kin (UEFI specification 2.10, 3.5.1.1).
///
/// @param partition where it is
/// @param fallback such a loader is there
/// @param loader the path of the loader that could be copied there; empty when there is none
/// @param fallbackName what it would be called: `BOOTX64.EFI`
record EfiSystem(
    Partition partition, boolean fallback, Optional<String> loader, String fallbackName) {
  private static final String ROOT = "/EFI";
  private static final String BOOT = "/EFI/BOOT";
  private static final List<String> FALLBACKS =
      List.of("bootx64.efi", "bootaa64.efi", "bootia32.efi", "bootriscv64.efi");

  /// Loaders by the beginning of their names, the best first. A shim starts the GRUB beside it.
  private static final List<String> LOADERS = List.of("shim", "grub", "systemd-boot", "bootmgfw");

  /// What a shim or a GRUB wants beside it.
  private static final List<String> BESIDE = List.of("grub", "mm", "fb");

  private static final int FILE_MAX = 64 << 20; // ours

  /// Looks at a disk.
  ///
  /// @return empty when it has no EFI system partition that can be read
  static Optional<EfiSystem> find(Disk disk) throws IOException {
    try {
      Optional<PartitionTable> table = PartitionTable.find(disk);
      for (Partition partition : table.map(PartitionTable::partitions).orElse(List.of())) {
        if (partition.type().kind() == PartitionKind.EFI_SYSTEM) {
          Disk content = partition.slice(disk);
          Optional<FileSystemType> type = FileSystems.probe(content);
          if (type.isPresent()) {
            try (FileSystem files = type.get().openReadOnly(content)) {
              return Optional.of(look(partition, files));
            }
          }
        }
      }
    } catch (DiskException damaged) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  private static EfiSystem look(Partition partition, FileSystem files) throws IOException {
    boolean fallback =
        names(files, BOOT).stream()
            .anyMatch(name -> FALLBACKS.contains(name.toLowerCase(Locale.ROOT)));
    TreeMap<Integer, String> loaders = new TreeMap<>();
    for (String vendor : names(files, ROOT)) {
      String directory = ROOT + "/" + vendor;
      if (vendor.equalsIgnoreCase("microsoft")) {
        directory += "/Boot";
      }
      for (String name :
          vendor.equalsIgnoreCase("boot") ? List.<String>of() : names(files, directory)) {
        int rank = rank(name);
        if (rank >= 0) {
          loaders.putIfAbsent(rank, directory + "/" + name);
        }
      }
    }
    Optional<String> best = loaders.values().stream().findFirst();
    String suffix = best.isPresent() ? machine(files, best.get()) : "X64";
    return new EfiSystem(partition, fallback, best, "BOOT" + suffix + ".EFI");
  }

  private static int rank(String name) {
    String small = name.toLowerCase(Locale.ROOT);
    for (int i = 0; i < LOADERS.size(); i++) {
      if (small.startsWith(LOADERS.get(i)) && small.endsWith(".efi")) {
        return i;
      }
    }
    return -1;
  }

  /// Names in a directory; none when it is not there.
  private static List<String> names(FileSystem files, String directory) throws IOException {
    Optional<FileStatus> status = files.find(directory);
    if (status.isEmpty() || status.get().type() != FileType.DIRECTORY) {
      return List.of();
    }
    return files.list(directory).stream().map(DirectoryEntry::name).sorted().toList();
  }

  /// What the firmware calls the machine that a program is for: by its COFF header.
  private static String machine(FileSystem files, String program) throws IOException {
    byte[] start = new byte[4096];
    int length = files.read(program, 0, MemorySegment.ofArray(start));
    int header = length < 64 ? 0 : start[0x3c] & 0xff | (start[0x3d] & 0xff) << 8;
    int machine =
        header + 6 > length ? 0 : start[header + 4] & 0xff | (start[header + 5] & 0xff) << 8;
    return switch (machine) {
      case 0xaa64 -> "AA64";
      case 0x014c -> "IA32";
      case 0x5064 -> "RISCV64";
      default -> "X64";
    };
  }

  /// What is to be said of it; nothing when a firmware that does not know the disk starts it.
  Optional<String> warning() {
    return fallback
        ? Optional.empty()
        : Optional.of(
            "partition %d has no \\EFI\\BOOT\\%s: a firmware that does not know this disk finds nothing to start%s"
                .formatted(
                    partition.number(),
                    fallbackName,
                    loader.isPresent() ? " (--efi-fallback puts it there)" : ""));
  }

  /// Copies the loader to where every firmware looks.
  ///
  /// @param disk writable, the one that was looked at or one like it
  /// @return what was done, for a person
  /// @throws OperationException NOT_FOUND when there is no loader
  String copyLoader(Disk disk) throws IOException {
    if (fallback) {
      return "partition %d has its fallback loader already".formatted(partition.number());
    }
    String from =
        loader.orElseThrow(() ->
            new OperationException(
                Kind.NOT_FOUND,
                "partition %d: has no EFI loader that could be copied"
                    .formatted(partition.number())));
    Disk content = partition.slice(disk);
    FileSystemType type = FileSystems.probe(content).orElseThrow();
    try (FileSystem files = type.openWritable(content)) {
      if (files.find(BOOT).isEmpty()) {
        files.createDirectory(BOOT, FileAttributes.of(files.find(ROOT).orElseThrow()));
      }
      String directory = from.substring(0, from.lastIndexOf('/'));
      copy(files, from, BOOT + "/" + fallbackName);
      for (String name : beside(files, directory, from)) {
        copy(files, directory + "/" + name, BOOT + "/" + name);
      }
      files.sync();
    }
    return "copied %s to %s/%s".formatted(from, BOOT, fallbackName);
  }

  private static List<String> beside(FileSystem files, String directory, String loader)
      throws IOException {
    List<String> wanted = new ArrayList<>();
    for (String name : names(files, directory)) {
      String small = name.toLowerCase(Locale.ROOT);
      boolean program =
          small.endsWith(".efi")
              && BESIDE.stream().anyMatch(small::startsWith)
              && !loader.endsWith("/" + name);
      if (program || small.equals("grub.cfg")) {
        wanted.add(name);
      }
    }
    return wanted;
  }

  private static void copy(FileSystem files, String from, String to) throws IOException {
    FileStatus status = files.find(from).orElseThrow();
    if (status.size() > FILE_MAX) {
      throw new OperationException(
          Kind.LIMIT, "%s: has %d bytes, more than %d".formatted(from, status.size(), FILE_MAX));
    }
    byte[] content = new byte[Math.toIntExact(status.size())];
    files.read(from, 0, MemorySegment.ofArray(content));
    files.write(to, content, FileAttributes.of(status));
  }
}
