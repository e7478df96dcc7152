package io.calco.fs.ntfs;

import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.ArrayList;
import java.util.List;

/// The names of files: attributes of theirs, and entries of their directories that say the same.
final class Names {
  private static final String REFUSED = "\"*/:<>?\\|";

  private final Changes changes;

  Names(Changes changes) {
    this.changes = changes;
  }

  /// Refuses what Windows does not take as a name.
  static void check(String path, String name) throws FileSystemException {
    boolean refused = name.isEmpty() || name.length() > 255;
    for (int i = 0; i < name.length(); i++) {
      refused |= name.charAt(i) < 0x20 || REFUSED.indexOf(name.charAt(i)) >= 0;
    }
    if (refused || name.endsWith(".") || name.endsWith(" ")) {
      throw new FileSystemException(path, null, "a name that Windows does not allow");
    }
  }

  /// Adds a name to a file and to a directory.
  void add(EditedFile file, long directory, String name) throws IOException {
    byte[] value = value(file, directory, name);
    file.add(AttributeType.FILE_NAME, "", true, Content.resident(value, 0));
    file.setLinks(file.links() + 1);
    IndexTree.names(changes, directory).insert(entry(file.reference(), value));
  }

  private byte[] value(EditedFile file, long directory, String name) throws IOException {
    byte[] value = FileIndex.key(name);
    LittleEndian.put64(value, 0, changes.file(directory).reference());
    LittleEndian.put8(value, FileName.NAMESPACE, FileName.POSIX);
    describe(file, value);
    return value;
  }

  private static byte[] entry(long reference, byte[] key) {
    byte[] entry = new byte[IndexNode.ENTRY_HEADER + key.length + 7 & ~7];
    LittleEndian.put64(entry, 0, reference);
    LittleEndian.put16(entry, 8, entry.length);
    LittleEndian.put16(entry, 0x0A, key.length);
    System.arraycopy(key, 0, entry, IndexNode.ENTRY_HEADER, key.length);
    return entry;
  }

  /// Writes what a name repeats of its file: times, sizes, flags.
  private static void describe(EditedFile file, byte[] value) throws IOException {
    byte[] standard = file.standard();
    System.arraycopy(standard, 0, value, FileName.TIMES, 32);
    long allocated = 0;
    long size = 0;
    var data = file.find(AttributeType.DATA, "");
    if (!file.isDirectory() && data.isPresent()) {
      Content content = data.get().content();
      size = content.size();
      allocated = content.isResident() ? size + 7 & ~7 : content.sizes().allocated();
    }
    LittleEndian.put64(value, FileName.ALLOCATED_SIZE, allocated);
    LittleEndian.put64(value, FileName.DATA_SIZE, size);
    int flags = LittleEndian.s32(standard, StandardInformation.FLAGS);
    LittleEndian.put32(
        value, FileName.FLAGS, file.isDirectory() ? flags | FileName.DIRECTORY_FLAG : flags);
    var reparse = file.find(AttributeType.REPARSE_POINT, "");
    boolean tagged = reparse.isPresent() && reparse.get().content().value().length >= 4;
    LittleEndian.put32(
        value, FileName.TAG, tagged ? LittleEndian.s32(reparse.get().content().value(), 0) : 0);
  }

  private static List<EditedFile.Item> of(EditedFile file) {
    List<EditedFile.Item> names = new ArrayList<>();
    for (EditedFile.Item item : file.items()) {
      if (item.type() == AttributeType.FILE_NAME && item.content().isResident()) {
        names.add(item);
      }
    }
    return names;
  }

  private static FileName parse(EditedFile.Item item) throws IOException {
    byte[] value = item.content().value();
    return FileName.parse(value, 0, value.length);
  }

  /// Brings all names of a file up to what it is now.
  void refresh(EditedFile file) throws IOException {
    for (EditedFile.Item item : of(file)) {
      byte[] value = item.content().value();
      describe(file, value);
      long directory = MftRecord.numberOf(parse(item).parent());
      if (directory != file.number()) {
        IndexTree.names(changes, directory)
            .update(
                value,
                entry -> System.arraycopy(value, 8, entry, IndexNode.ENTRY_HEADER + 8, 0x38));
      }
    }
  }

  /// Takes a name from a file and its directory; the short name that belongs to it too.
  void remove(EditedFile file, long directory, String name) throws IOException {
    boolean any = false;
    boolean paired = false;
    for (EditedFile.Item item : of(file)) {
      FileName found = parse(item);
      if (MftRecord.numberOf(found.parent()) == directory && found.name().equals(name)) {
        paired = found.namespace() == FileName.WIN32 || found.namespace() == FileName.DOS;
      }
    }
    for (EditedFile.Item item : of(file)) {
      FileName found = parse(item);
      boolean here = MftRecord.numberOf(found.parent()) == directory;
      boolean short8 = found.namespace() == FileName.WIN32 || found.namespace() == FileName.DOS;
      if (here && (found.name().equals(name) || paired && short8)) {
        if (!IndexTree.names(changes, directory).remove(item.content().value())) {
          throw Volume.corrupt("directory", directory, "no entry " + found.name(), "one");
        }
        file.remove(item);
        file.setLinks(Math.max(0, file.links() - 1));
        any = true;
      }
    }
    if (!any) {
      throw Volume.corrupt("file record", file.number(), "no name " + name, "one");
    }
  }

  /// True when the file has no name left.
  static boolean isNameless(EditedFile file) {
    return of(file).isEmpty();
  }
}
