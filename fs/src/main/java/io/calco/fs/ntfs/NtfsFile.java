package io.calco.fs.ntfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A file: its first record, those that extend it, and their attributes. As it was when it was
/// read; after a change it is to be read again.
final class NtfsFile {
  private final Volume volume;
  private final MftRecord base;
  private final List<MftRecord> extensions;
  private final List<Attribute> attributes;
  private Optional<Content> data = Optional.empty();
  private Optional<FileIndex> index = Optional.empty();

  private NtfsFile(
      Volume volume, MftRecord base, List<MftRecord> extensions, List<Attribute> attributes) {
    this.volume = volume;
    this.base = base;
    this.extensions = extensions;
    this.attributes = attributes;
  }

  static NtfsFile load(Volume volume, MftRecord base) throws IOException {
    List<Attribute> attributes = new ArrayList<>(base.attributes());
    Set<Long> numbers = new LinkedHashSet<>();
    for (Attribute attribute : base.attributes()) {
      if (attribute.is(AttributeType.ATTRIBUTE_LIST, "")) {
        for (AttributeListEntry entry : volume.listOf(attribute)) {
          numbers.add(MftRecord.numberOf(entry.reference()));
        }
      }
    }
    numbers.remove(base.number());
    List<MftRecord> extensions = new ArrayList<>();
    for (long number : numbers) {
      MftRecord more = volume.record(number);
      if (!more.isInUse() || MftRecord.numberOf(more.base()) != base.number()) {
        throw Volume.corrupt("attribute list", base.number(), "another file's record", number);
      }
      extensions.add(more);
      attributes.addAll(more.attributes());
    }
    return new NtfsFile(volume, base, extensions, attributes);
  }

  Volume volume() {
    return volume;
  }

  MftRecord base() {
    return base;
  }

  long number() {
    return base.number();
  }

  List<MftRecord> extensions() {
    return extensions;
  }

  List<Attribute> attributes() {
    return attributes;
  }

  boolean isDirectory() {
    return base.isDirectory();
  }

  /// All extents of an attribute; none when there is no such.
  List<Attribute> extents(int type, String name) {
    List<Attribute> extents = new ArrayList<>(1);
    for (Attribute attribute : attributes) {
      if (attribute.is(type, name)) {
        extents.add(attribute);
      }
    }
    return extents;
  }

  Optional<Content> find(int type, String name) throws IOException {
    List<Attribute> extents = extents(type, name);
    return extents.isEmpty()
        ? Optional.empty()
        : Optional.of(volume.content(extents, "attribute of file record " + number()));
  }

  /// The bytes of the file.
  Content data() throws IOException {
    if (data.isEmpty()) {
      Content found =
          find(AttributeType.DATA, "").orElseGet(() -> Content.resident(new byte[0], 0));
      data = Optional.of(found);
    }
    return data.get();
  }

  /// The index of a directory's names.
  FileIndex names() throws IOException {
    if (index.isEmpty()) {
      index = Optional.of(FileIndex.load(this, FileIndex.NAMES));
    }
    return index.get();
  }

  /// Four bytes of $STANDARD_INFORMATION, 0 where it is shorter.
  int standard(int at) {
    return (int) standard64(at);
  }

  /// Eight bytes of $STANDARD_INFORMATION, 0 where it is shorter.
  long standard64(int at) {
    for (Attribute attribute : base.attributes()) {
      if (attribute.is(AttributeType.STANDARD_INFORMATION, "") && attribute.isResident()) {
        int rest = attribute.valueLength() - at;
        return rest >= 8
            ? LittleEndian.s64(base.bytes(), attribute.valueAt() + at)
            : rest >= 4 ? LittleEndian.s32(base.bytes(), attribute.valueAt() + at) : 0;
      }
    }
    return 0;
  }

  /// The file's names, those of DOS too.
  List<FileName> fileNames() throws CorruptImageException {
    List<FileName> names = new ArrayList<>(2);
    for (Attribute attribute : attributes) {
      if (attribute.is(AttributeType.FILE_NAME, "") && attribute.isResident()) {
        names.add(
            FileName.parse(
                attribute.record().bytes(), attribute.valueAt(), attribute.valueLength()));
      }
    }
    return names;
  }
}
