package io.calco.fs.ntfs;

import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Optional;

/// The changes that a volume takes, by numbers of file records.
final class NtfsWriter {
  private static final int MAX_COPIED = 1 << 28; // ours: bytes of a packed file that is cut
  private static final int MAX_RESIDENT = 1 << 16;
  private static final String WOF_STREAM = "WofCompressedData";
  private static final String REPARSE_INDEX = "$R";
  private static final String OBJECT_INDEX = "$O";

  final Changes changes;
  private final Volume volume;
  private final Names names;

  NtfsWriter(Volume volume) throws IOException {
    this.volume = volume;
    this.changes = new Changes(volume);
    this.names = new Names(changes);
  }

  /// What a new file begins with.
  private EditedFile create(long directory, int recordFlags, int flags, Instant time)
      throws IOException {
    long number = changes.records.allocate();
    EditedFile file =
        EditedFile.create(volume, number, changes.records.sequence(number), recordFlags);
    changes.add(file);
    EditedFile parent = changes.file(directory);
    byte[] above = parent.standard();
    int security =
        above.length >= StandardInformation.SIZE
            ? LittleEndian.s32(above, StandardInformation.SECURITY_ID)
            : 0;
    byte[] standard =
        new byte[security == 0 ? StandardInformation.SHORT_SIZE : StandardInformation.SIZE];
    LittleEndian.put32(standard, StandardInformation.FLAGS, flags);
    file.add(AttributeType.STANDARD_INFORMATION, "", false, Content.resident(standard, 0));
    setTimes(standard, time, true);
    if (security != 0) {
      LittleEndian.put32(standard, StandardInformation.SECURITY_ID, security);
    } else {
      byte[] everyone = EveryoneDescriptor.bytes();
      file.add(AttributeType.SECURITY_DESCRIPTOR, "", false, Content.resident(everyone, 0));
    }
    return file;
  }

  private static void setTimes(byte[] standard, Instant time, boolean made) {
    long steps = StandardInformation.steps(time);
    LittleEndian.put64(standard, StandardInformation.CHANGED, steps);
    LittleEndian.put64(standard, StandardInformation.RECORD_CHANGED, steps);
    LittleEndian.put64(standard, StandardInformation.READ, steps);
    if (made) {
      LittleEndian.put64(standard, StandardInformation.MADE, steps);
    }
  }

  private Content contentOf(byte[] bytes, EditedFile file) throws IOException {
    if (bytes.length < MAX_RESIDENT) {
      // In the record where that has room, which store() finds out.
      EditedFile.Item probe =
          new EditedFile.Item(AttributeType.DATA, "", false, 0, Content.resident(bytes, 0));
      int size = RecordFormat.attribute(probe, 0, volume.boot.clusterBits()).length;
      if (size < volume.boot.recordSize() - 0x1A0 && file.items().size() < 8) {
        return Content.resident(bytes.clone(), 0);
      }
    }
    return EditedFile.store(volume, changes.clusters, bytes);
  }

  void createFile(long directory, String name, byte[] bytes, Instant time) throws IOException {
    EditedFile file = create(directory, 0, StandardInformation.ARCHIVE, time);
    file.set(AttributeType.DATA, "", contentOf(bytes, file));
    names.add(file, directory, name);
  }

  void createDirectory(long directory, String name, Instant time) throws IOException {
    EditedFile file = create(directory, MftRecord.DIRECTORY, 0, time);
    byte[] root = new byte[0x30];
    LittleEndian.put32(root, 0, AttributeType.FILE_NAME);
    LittleEndian.put32(root, 4, 1);
    int blockSize = volume.boot.indexBlockSize();
    int clusterSize = volume.boot.clusterSize();
    LittleEndian.put32(root, 8, blockSize);
    LittleEndian.put8(root, 12, blockSize / (clusterSize <= blockSize ? clusterSize : 512));
    LittleEndian.put32(root, 0x10, IndexNode.HEADER);
    LittleEndian.put32(root, 0x14, 0x20);
    LittleEndian.put32(root, 0x18, 0x20);
    LittleEndian.put16(root, 0x28, 0x10);
    LittleEndian.put16(root, 0x2C, IndexNode.LAST);
    file.set(AttributeType.INDEX_ROOT, FileIndex.NAMES, Content.resident(root, 0));
    names.add(file, directory, name);
  }

  void createLink(long directory, String name, String target, Instant time) throws IOException {
    int flags = StandardInformation.ARCHIVE | StandardInformation.REPARSE;
    EditedFile file = create(directory, 0, flags, time);
    byte[] value = ReparsePoint.symbolicLink(target);
    if (value.length > ReparsePoint.MAX_SIZE) {
      throw new LimitExceededException("NTFS: a link's target of " + target.length());
    }
    boolean small = value.length < volume.boot.recordSize() / 2;
    file.set(
        AttributeType.REPARSE_POINT,
        "",
        small ? Content.resident(value, 0) : EditedFile.store(volume, changes.clusters, value));
    file.set(AttributeType.DATA, "", Content.resident(new byte[0], 0));
    names.add(file, directory, name);
    byte[] key = reparseKey(ReparsePoint.SYMBOLIC_LINK, file.reference());
    Optional<IndexTree> index = extendIndex("$Reparse", REPARSE_INDEX);
    if (index.isPresent()) {
      byte[] entry = new byte[0x20];
      LittleEndian.put16(entry, 0, 0x1C);
      LittleEndian.put16(entry, 8, entry.length);
      LittleEndian.put16(entry, 0x0A, key.length);
      System.arraycopy(key, 0, entry, IndexNode.ENTRY_HEADER, key.length);
      index.get().insert(entry);
    }
  }

  private static byte[] reparseKey(int tag, long reference) {
    byte[] key = new byte[12];
    LittleEndian.put32(key, 0, tag);
    LittleEndian.put64(key, 4, reference);
    return key;
  }

  /// An index of one of the files in $Extend.
  private Optional<IndexTree> extendIndex(String name, String index) throws IOException {
    Optional<FileIndex.Entry> extend = volume.file(Volume.ROOT).names().find("$Extend");
    if (extend.isEmpty()) {
      return Optional.empty();
    }
    NtfsFile directory = volume.fileAt(extend.get().reference());
    Optional<FileIndex.Entry> entry =
        directory.isDirectory() ? directory.names().find(name) : Optional.empty();
    if (entry.isEmpty()) {
      return Optional.empty();
    }
    EditedFile file = changes.file(MftRecord.numberOf(entry.get().reference()));
    return Optional.of(new IndexTree(changes, file, index, Collation::numbers));
  }

  private static void requirePlain(EditedFile file) throws IOException {
    for (EditedFile.Item item : file.items()) {
      if (item.type() == AttributeType.DATA && item.content().isEncrypted()) {
        throw new UnsupportedFeatureException("NTFS: the file is encrypted by Windows (EFS)");
      }
    }
  }

  void replace(long number, byte[] bytes, Instant time) throws IOException {
    EditedFile file = changes.file(number);
    requirePlain(file);
    uncoverData(file);
    freeStream(file, "");
    byte[] standard = file.standard();
    int packed = StandardInformation.COMPRESSED | StandardInformation.SPARSE;
    int flags = LittleEndian.s32(standard, StandardInformation.FLAGS) & ~packed;
    LittleEndian.put32(standard, StandardInformation.FLAGS, flags);
    setTimes(standard, time, false);
    file.set(AttributeType.DATA, "", contentOf(bytes, file));
    names.refresh(file);
  }

  /// Takes away what says that the bytes are elsewhere, as they are replaced.
  private void uncoverData(EditedFile file) throws IOException {
    Optional<EditedFile.Item> point = file.find(AttributeType.REPARSE_POINT, "");
    if (point.isPresent() && point.get().content().isResident()) {
      ReparsePoint reparse = ReparsePoint.parse(point.get().content().value());
      if (reparse.hidesData()) {
        removeReparse(file, point.get());
        freeStream(file, WOF_STREAM);
        byte[] standard = file.standard();
        int flags = LittleEndian.s32(standard, StandardInformation.FLAGS);
        LittleEndian.put32(
            standard, StandardInformation.FLAGS, flags & ~StandardInformation.REPARSE);
      }
    }
  }

  private void removeReparse(EditedFile file, EditedFile.Item point) throws IOException {
    byte[] value = volume.reader.readAll(point.content(), 8 + ReparsePoint.MAX_SIZE, "reparse");
    Optional<IndexTree> index = extendIndex("$Reparse", REPARSE_INDEX);
    if (index.isPresent() && value.length >= 4) {
      index.get().remove(reparseKey(LittleEndian.s32(value, 0), file.reference()));
    }
    changes.clusters.free(point.content().runs());
    file.remove(point);
  }

  private void freeStream(EditedFile file, String name) throws IOException {
    Optional<EditedFile.Item> stream = file.find(AttributeType.DATA, name);
    if (stream.isPresent()) {
      changes.clusters.free(stream.get().content().runs());
      file.remove(stream.get());
    }
  }

  void setStream(long number, String name, Optional<byte[]> value) throws IOException {
    EditedFile file = changes.file(number);
    requirePlain(file);
    freeStream(file, name);
    if (value.isPresent()) {
      byte[] bytes = value.get();
      file.set(
          AttributeType.DATA,
          name,
          bytes.length < 64
              ? Content.resident(bytes.clone(), 0)
              : EditedFile.store(volume, changes.clusters, bytes));
    }
  }

  void touch(long number, Instant time) throws IOException {
    EditedFile file = changes.file(number);
    setTimes(file.standard(), time, false);
    names.refresh(file);
  }

  void truncate(long number, long length) throws IOException {
    EditedFile file = changes.file(number);
    requirePlain(file);
    Content old =
        file.find(AttributeType.DATA, "")
            .map(EditedFile.Item::content)
            .orElse(Content.resident(new byte[0], 0));
    int packed = Attribute.COMPRESSED | Attribute.SPARSE;
    if (length == old.size()) {
      return;
    }
    if (length == 0) {
      freeStream(file, "");
      file.set(AttributeType.DATA, "", Content.resident(new byte[0], 0));
    } else if (old.isResident() && length <= MAX_RESIDENT || (old.flags() & packed) != 0) {
      if (length > MAX_COPIED) {
        throw new UnsupportedFeatureException(
            "NTFS: a sparse or compressed file is cut to %d bytes".formatted(length));
      }
      byte[] bytes = new byte[(int) length];
      volume.reader.read(old, 0, MemorySegment.ofArray(bytes));
      byte[] standard = file.standard();
      int flags = LittleEndian.s32(standard, StandardInformation.FLAGS);
      int plain = flags & ~(StandardInformation.COMPRESSED | StandardInformation.SPARSE);
      LittleEndian.put32(standard, StandardInformation.FLAGS, plain);
      freeStream(file, "");
      file.set(AttributeType.DATA, "", contentOf(bytes, file));
    } else {
      file.set(AttributeType.DATA, "", resized(old, length));
    }
    names.refresh(file);
  }

  /// Clusters taken or given back at the end; what is new reads as zeroes, as it was not written.
  private Content resized(Content old, long length) throws IOException {
    int bits = volume.boot.clusterBits();
    long count = length + (1L << bits) - 1 >> bits;
    RunList runs = old.runs();
    long initialized = Math.min(old.sizes().initialized(), length);
    if (old.isResident()) {
      Content stored = EditedFile.store(volume, changes.clusters, old.value());
      runs = stored.runs();
    }
    if (count < runs.end()) {
      changes.clusters.free(runs.part(count, runs.end()));
      runs = runs.part(0, count);
    } else if (count > runs.end()) {
      long near =
          runs.count() == 0 ? -1 : runs.place(runs.count() - 1) + runs.length(runs.count() - 1);
      RunList more = changes.clusters.allocate(count - runs.end(), near);
      for (int run = 0; run < more.count(); run++) {
        runs = runs.plus(more.place(run), more.length(run));
      }
    }
    return Content.nonResident(runs, new Content.Sizes(count << bits, length, initialized), 0, 0);
  }

  /// Takes a name from a file; with its last name the file is gone.
  void unlink(long directory, String name, long number) throws IOException {
    EditedFile file = changes.file(number);
    names.remove(file, directory, name);
    if (Names.isNameless(file)) {
      free(file);
    }
  }

  private void free(EditedFile file) throws IOException {
    Optional<EditedFile.Item> point = file.find(AttributeType.REPARSE_POINT, "");
    if (point.isPresent()) {
      removeReparse(file, point.get());
    }
    Optional<EditedFile.Item> object = file.find(AttributeType.OBJECT_ID, "");
    if (object.isPresent() && object.get().content().value().length >= 16) {
      Optional<IndexTree> index = extendIndex("$ObjId", OBJECT_INDEX);
      if (index.isPresent()) {
        index.get().remove(Arrays.copyOf(object.get().content().value(), 16));
      }
    }
    for (EditedFile.Item item : new ArrayList<>(file.items())) {
      changes.clusters.free(item.content().runs());
    }
    file.free();
  }

  void link(long number, long directory, String name) throws IOException {
    names.add(changes.file(number), directory, name);
  }

  void unname(long number, long directory, String name) throws IOException {
    names.remove(changes.file(number), directory, name);
  }
}
