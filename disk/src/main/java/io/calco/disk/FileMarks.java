package io.calco.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The marks that a file's bytes carry, of every kind that is known: image formats, wrappers, discs
/// and partition tables. A file with more than one means different things to different programs.
final class FileMarks {
  private static final String RAW = "raw";
  private static final String DISC = "iso 9660 disc";
  private static final String TABLE = "disk with a partition table";

  /// Their first bytes may be the guest's: what those look like is no second meaning of the file.
  private static final Set<String> MARKED_BEHIND = Set.of("dmg", "vpc");

  /// Bytes that hold all marks of formats which stand at the beginning.
  private static final int START = 1024;

  private FileMarks() {}

  /// The format, other than those that are marked at the end, whose marks a file begins with.
  static Optional<String> formatAtStart(HostFile file) throws IOException {
    long length = file.reaches(START) ? START : file.size();
    HostFile start = FileSlice.owning(file.name(), file, 0, length);
    for (ImageFormat format : ImageFormats.all()) {
      if (!MARKED_BEHIND.contains(format.name()) && format.probe(start)) {
        return Optional.of(format.name());
      }
    }
    return Optional.empty();
  }

  /// All that a file could be taken for, as image or wrapper.
  private static List<String> containers(HostFile file) throws IOException {
    List<String> found = new ArrayList<>();
    for (ImageFormat format : ImageFormats.all()) {
      if (format.probe(file)) {
        found.add(format.name());
      }
    }
    for (Wrapper wrapper : Wrapping.all()) {
      if (wrapper.probe(file)) {
        found.add(wrapper.name());
      }
    }
    return found;
  }

  /// What else an image's file could be taken for, in a line each.
  static List<String> ambiguities(IdentifiedFile image) throws IOException {
    List<String> risks = new ArrayList<>();
    if (!image.wrappers().isEmpty()) {
      add(risks, containers(image.outer()), image.wrappers().getFirst());
    }
    String format = image.format().name();
    List<String> found = containers(image.file());
    if (!format.equals(RAW) && !MARKED_BEHIND.contains(format)) {
      if (hasBytes(image.file(), 0x8001, "CD001")) {
        found.add(DISC);
      }
      if (hasBytes(image.file(), 0x1fe, "U\u00aa")) {
        found.add(TABLE);
      }
    }
    add(risks, found, format);
    addLuks(risks, image.file());
    return risks;
  }

  /// A guest may encrypt its whole disk, but by no version of LUKS that is not known.
  private static void addLuks(List<String> risks, HostFile file) throws IOException {
    if (hasBytes(file, 0, "LUKS\u00ba\u00be")
        && !hasBytes(file, 6, "\0\1")
        && !hasBytes(file, 6, "\0\2")) {
      risks.add("is a LUKS volume of a version other than 1 and 2");
    }
  }

  private static void add(List<String> risks, List<String> found, String known) {
    for (String other : found) {
      if (!other.equals(known)) {
        risks.add("is %s, and carries the marks of %s as well".formatted(known, other));
      }
    }
  }

  /// What the disk in an image could be taken for once it lies bare, in a line each.
  static List<String> inside(Disk disk) throws IOException {
    HostFile bare = LaidOutFile.of("disk", disk).guest(0, disk.size()).build();
    return containers(bare).stream()
        .map(mark ->
            "the disk in it carries the marks of %s: bare, it would be taken for one"
                .formatted(mark))
        .toList();
  }

  private static boolean hasBytes(HostFile file, long offset, String bytes) throws IOException {
    byte[] expected = bytes.getBytes(StandardCharsets.ISO_8859_1);
    if (!file.reaches(offset + expected.length)) {
      return false;
    }
    byte[] found = new byte[expected.length];
    file.read(offset, MemorySegment.ofArray(found));
    return Arrays.equals(found, expected);
  }
}
