package io.calco.fs.squashfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import io.calco.fs.DirectoryEntry;
import io.calco.fs.GuestNames;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// A directory, read whole.
final class Directory {
  private static final int DOTS = 3; // its size counts `.` and `..` so
  private static final int HEADER = 12;
  private static final int ENTRY = 8;
  private static final int ENTRIES_PER_HEADER = 256; // the specification's
  private static final int ENTRIES_MAX = 1 << 21; // ours

  private record Place(DirectoryEntry entry, long reference) {}

  private final SequencedMap<String, Place> byName = new LinkedHashMap<>();

  static Directory load(Metadata metadata, Superblock superblock, Inode inode) throws IOException {
    Directory directory = new Directory();
    Metadata.Reader in =
        metadata.reader(
            superblock.directoryTable(),
            inode.start() << 16 | Integer.toUnsignedLong(inode.offset()));
    long left = inode.size() - DOTS;
    while (left > 0) {
      int count = (int) Math.min(in.u32() + 1, Integer.MAX_VALUE);
      long block = in.u32();
      long number = in.u32();
      left -= HEADER;
      if (count > ENTRIES_PER_HEADER) {
        throw corrupt(inode, count + " entries behind a header");
      }
      for (int i = 0; i < count; i++) {
        int offset = in.u16();
        int delta = (short) in.u16();
        int type = in.u16();
        int length = in.u16() + 1;
        left -= ENTRY + length;
        if (length > 256 || left < 0) {
          throw corrupt(inode, "a name of " + length + " bytes");
        }
        directory.add(
            GuestNames.decode(in.bytes(length)), number + delta, type, block << 16 | offset);
      }
    }
    return directory;
  }

  private static CorruptImageException corrupt(Inode inode, String found) {
    return new CorruptImageException(
        "squashfs: directory of inode %d: found %s, expected at most 256 within its size"
            .formatted(inode.number(), found));
  }

  private void add(String name, long number, int type, long reference)
      throws LimitExceededException {
    if (byName.size() == ENTRIES_MAX) {
      throw new LimitExceededException(
          "squashfs: a directory of more than %d entries (our limit)".formatted(ENTRIES_MAX));
    }
    if (!name.equals(".") && !name.equals("..") && name.indexOf('/') < 0) {
      byName.putIfAbsent(
          name, new Place(new DirectoryEntry(name, number, Inode.type(type)), reference));
    }
  }

  /// Where the inode of a name lies.
  Optional<Long> find(String name) {
    return Optional.ofNullable(byName.get(name)).map(Place::reference);
  }

  List<DirectoryEntry> entries() {
    List<DirectoryEntry> entries = new ArrayList<>(byName.size());
    byName.values().forEach(place -> entries.add(place.entry()));
    return entries;
  }

  int size() {
    return byName.size();
  }
}
