package io.calco.disk.ami;

import io.calco.disk.Closing;
import io.calco.disk.DiskException;
import io.calco.disk.HostFile;
import io.calco.disk.UnwrapOptions;
import io.calco.disk.Wrapping;
import io.calco.disk.ami.MachineFile.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Judges a file by its content. Confined.
final class Recognition {
  /// Bytes at a place in the file.
  private record Mark(String what, long offset, String bytes) {}

  private static final List<Mark> FILE_SYSTEMS =
      List.of(
          new Mark("ext", 0x438, "S\u00ef"),
          new Mark("xfs", 0, "XFSB"),
          new Mark("btrfs", 0x10040, "_BHRfS_M"),
          new Mark("reiserfs", 0x10034, "ReIsEr"),
          new Mark("jfs", 0x8000, "JFS1"));

  /// Compressions of RAM disks that are not unpacked here.
  private static final List<Mark> COMPRESSIONS =
      List.of(
          new Mark("gz", 0, "\u001f\u008b"),
          new Mark("xz", 0, "\u00fd7zXZ"),
          new Mark("zst", 0, "(\u00b5/\u00fd"),
          new Mark("lz4", 0, "\u0002!L\u0018"),
          new Mark("lz4", 0, "\u0004\"M\u0018"),
          new Mark("bz2", 0, "BZh"),
          new Mark("lzma", 0, "]\0\0"),
          new Mark("lzo", 0, "\u0089LZO"));

  private static final String ELF = "\u007fELF";
  private static final int SECTOR = 512;
  private static final int BOOT_SIGNATURE = 0x1fe;
  private static final int SETUP_MAGIC = 0x202;
  private static final int KERNEL_VERSION = 0x20e;
  private static final int VERSION_BASE = 0x200;
  private static final int ARM64_MAGIC = 0x38;
  private static final int PARTITIONS = 446;
  private static final int VERSION_MAX = 64;

  private final String name;
  private long fileSize;

  Recognition(String name) {
    this.name = name;
  }

  Optional<MachineFile> ofOwning(HostFile file) throws IOException {
    Optional<MachineFile> bare;
    Optional<Mark> packing;
    try {
      fileSize = file.size();
      bare =
          BundleManifest.isLikely(name) ? BundleManifest.recognise(name, file) : ofBare(file, "");
      packing = mark(file, COMPRESSIONS);
    } catch (IOException | RuntimeException e) {
      close(file, e);
      throw e;
    }
    if (bare.isPresent() || packing.isEmpty()) {
      file.close();
      return bare;
    }
    return ofPacked(file, packing.get().what());
  }

  private static void close(HostFile file, Exception cause) {
    Closing.after(cause, file);
  }

  /// A compressed kernel or RAM disk; what cannot be unpacked here is taken for a RAM disk.
  private Optional<MachineFile> ofPacked(HostFile file, String packing) throws IOException {
    try (HostFile inside = Wrapping.unwrapOwning(file, UnwrapOptions.untrusted()).file()) {
      Optional<MachineFile> found = ofBare(inside, packing + " ");
      if (found.isPresent() || !inside.equals(file)) {
        return found.filter(one -> one.kind() != Kind.AMI);
      }
    } catch (DiskException | EOFException damaged) {
      return Optional.empty();
    }
    return Optional.of(recognised(Kind.ARI, packing));
  }

  private Optional<MachineFile> ofBare(HostFile file, String packing) throws IOException {
    String start = start(file);
    if (start.length() > KERNEL_VERSION + 1
        && start.startsWith("HdrS", SETUP_MAGIC)
        && start.startsWith("U\u00aa", BOOT_SIGNATURE)) {
      return Optional.of(recognised(Kind.AKI, packing + "bzImage" + version(file, start)));
    }
    if (start.startsWith("ARMd", ARM64_MAGIC)) {
      return Optional.of(recognised(Kind.AKI, packing + "arm64 Image"));
    }
    if (start.startsWith(ELF) && isKernel(start)) {
      return Optional.of(recognised(Kind.AKI, packing + "ELF"));
    }
    if (start.startsWith("07070") && start.length() > 6 && "127".indexOf(start.charAt(5)) >= 0) {
      return Optional.of(recognised(Kind.ARI, packing + "cpio"));
    }
    if (hasPartitions(start)) {
      return Optional.empty();
    }
    return mark(file, FILE_SYSTEMS).map(mark -> recognised(Kind.AMI, packing + mark.what()));
  }

  private MachineFile recognised(Kind kind, String what) {
    return new MachineFile(name, kind, what, fileSize);
  }

  /// A kernel's first segment lies in the upper half of its addresses, a program's does not.
  private static boolean isKernel(String elf) {
    boolean wide = elf.length() > 64 && elf.charAt(4) == 2;
    boolean littleEndian = elf.length() > 64 && elf.charAt(5) == 1;
    int header = littleEndian ? elf.charAt(wide ? 32 : 28) : 0;
    int highest = header + (wide ? 16 + 7 : 8 + 3);
    return header > 0 && highest < elf.length() && elf.charAt(highest) >= 0x80;
  }

  /// The first kilobyte, a character for each byte.
  private static String start(HostFile file) throws IOException {
    return text(file, 0, 2 * SECTOR);
  }

  /// Up to `length` bytes, as many as can be read.
  private static String text(HostFile file, long offset, int length) throws IOException {
    byte[] bytes = new byte[length];
    try {
      file.read(offset, MemorySegment.ofArray(bytes));
    } catch (EOFException shortFile) {
      int present = Math.clamp(file.size() - offset, 0, length);
      bytes = new byte[present];
      if (present > 0) {
        file.read(offset, MemorySegment.ofArray(bytes));
      }
    }
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private static Optional<Mark> mark(HostFile file, List<Mark> marks) throws IOException {
    for (Mark mark : marks) {
      if (text(file, mark.offset(), mark.bytes().length()).equals(mark.bytes())) {
        return Optional.of(mark);
      }
    }
    return Optional.empty();
  }

  /// The kernel's version, up to its first space.
  private static String version(HostFile file, String start) throws IOException {
    int low = start.charAt(KERNEL_VERSION);
    int offset = low | start.charAt(KERNEL_VERSION + 1) << 8;
    if (offset == 0) {
      return "";
    }
    String text = text(file, (long) offset + VERSION_BASE, VERSION_MAX);
    int end = 0;
    while (end < text.length() && text.charAt(end) > ' ' && text.charAt(end) < 0x7f) {
      end++;
    }
    return end == 0 ? "" : " " + text.substring(0, end);
  }

  /// A partition table makes it a whole disk, which is no ami.
  private static boolean hasPartitions(String start) {
    if (!start.startsWith("U\u00aa", BOOT_SIGNATURE)) {
      return false;
    }
    return start.startsWith("EFI PART", SECTOR)
        || Arrays.stream(new int[] {0, 16, 32, 48})
            .anyMatch(slot -> start.charAt(PARTITIONS + slot + 4) != 0);
  }
}
