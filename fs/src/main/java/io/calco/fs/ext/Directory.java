package io.calco.fs.ext;

import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.FileType;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// A directory: its entries in blocks one after another, with a hash tree over them ([HashTree]),
/// or in the inode itself. Changes store the directory's inode too.
final class Directory {
  static final byte[] DOT = {'.'};
  static final byte[] DOT_DOT = {'.', '.'};

  /// Bytes of a directory, the specification's without `large_dir`.
  private static final long MAX_SIZE = 1L << 31;

  private final Volume volume;
  private final Inode inode;
  private final DirectorySums sums;

  Directory(Volume volume, Inode inode) {
    this.volume = volume;
    this.inode = inode;
    this.sums = new DirectorySums(volume, inode);
  }

  Inode inode() {
    return inode;
  }

  DirectorySums sums() {
    return sums;
  }

  boolean isInline() {
    return inode.hasFlag(Inode.FLAG_INLINE_DATA);
  }

  /// True when the index can be followed here.
  private boolean isIndexed() {
    return inode.hasFlag(Inode.FLAG_INDEX)
        && !inode.hasFlag(Inode.FLAG_CASEFOLD)
        && volume.geometry.features().hasCompat(Features.COMPAT_DIR_INDEX);
  }

  long blockCount() throws IOException {
    long size = inode.size();
    if (size > MAX_SIZE) {
      throw new LimitExceededException(
          "ext file system: inode %d: a directory of %d bytes, the limit is %d"
              .formatted(inode.number(), size, MAX_SIZE));
    }
    return size >> volume.geometry.blockBits();
  }

  /// Where a block of the directory lies.
  long physical(long logical) throws IOException {
    Run run = BlockMap.of(volume, inode).at(logical);
    if (!run.hasContent()) {
      throw CorruptImageException.at(
          "ext file system",
          "inode " + inode.number() + " directory",
          logical << volume.geometry.blockBits(),
          "a hole",
          "a block of entries");
    }
    return run.physical();
  }

  byte[] read(long logical) throws IOException {
    return volume.blocks.read(physical(logical), sums::check);
  }

  byte[] edit(long logical) throws IOException {
    return volume.blocks.edit(physical(logical), sums::check);
  }

  /// The entries in a block of the directory.
  DirectoryBlock entries(long logical, byte[] bytes) throws IOException {
    long offset = volume.geometry.byteOffset(physical(logical));
    int end = DirectoryBlock.hasTail(bytes) ? bytes.length - DirectoryBlock.TAIL : bytes.length;
    return new DirectoryBlock(volume.geometry, bytes, 0, end, inode.number(), offset);
  }

  /// The entries that stand in the inode itself, live.
  private List<DirectoryBlock> inlineEntries() throws IOException {
    InlineData inline = new InlineData(volume, inode);
    byte[] raw = inode.raw();
    DirectoryBlock first =
        new DirectoryBlock(
            volume.geometry,
            raw,
            Inode.BLOCK_MAP + 4,
            Inode.BLOCK_MAP + Inode.BLOCK_MAP_SIZE,
            inode.number(),
            0);
    if (inline.moreLength() == 0) {
      return List.of(first);
    }
    int at = inline.moreOffset();
    return List.of(
        first,
        new DirectoryBlock(volume.geometry, raw, at, at + inline.moreLength(), inode.number(), 0));
  }

  /// Visits all entries but `.` and `..`.
  ///
  /// @return false when the visitor ended the walk
  boolean forEach(DirectoryBlock.EntryVisitor visitor) throws IOException {
    DirectoryBlock.EntryVisitor filter =
        (at, number, name, type) ->
            name.length == 0
                || name[0] == '.' && (name.length == 1 || name.length == 2 && name[1] == '.')
                || visitor.accept(at, number, name, type);
    if (isInline()) {
      for (DirectoryBlock part : inlineEntries()) {
        if (!part.forEach(filter)) {
          return false;
        }
      }
      return true;
    }
    long count = blockCount();
    for (long logical = 0; logical < count; logical++) {
      if (!entries(logical, read(logical)).forEach(filter)) {
        return false;
      }
    }
    return true;
  }

  boolean isEmpty() throws IOException {
    return forEach((at, number, name, type) -> false);
  }

  /// The inode that the name refers to.
  OptionalLong find(byte[] name) throws IOException {
    if (isInline()) {
      if (java.util.Arrays.equals(name, DOT_DOT)) {
        return OptionalLong.of(LittleEndian.u32(inode.raw(), Inode.BLOCK_MAP));
      }
      for (DirectoryBlock part : inlineEntries()) {
        int at = part.find(name);
        if (at >= 0) {
          return OptionalLong.of(part.inode(at));
        }
      }
      return OptionalLong.empty();
    }
    Place place = locate(name);
    return place == null
        ? OptionalLong.empty()
        : OptionalLong.of(LittleEndian.u32(read(place.logical()), place.at()));
  }

  /// Where an entry stands.
  ///
  /// @param logical the block in the directory
  /// @param at where in it
  record Place(long logical, int at) {}

  private @Nullable Place locate(byte[] name) throws IOException {
    boolean dots = name[0] == '.' && (name.length == 1 || (name.length == 2 && name[1] == '.'));
    if (isIndexed() && !dots) {
      HashTree tree = HashTree.open(volume, this);
      if (tree != null) {
        return tree.locate(name);
      }
    }
    long count = blockCount();
    for (long logical = 0; logical < count; logical++) {
      int at = entries(logical, read(logical)).find(name);
      if (at >= 0) {
        return new Place(logical, at);
      }
    }
    return null;
  }

  /// Adds a name, which must not be there yet.
  void insert(byte[] name, long number, FileType type) throws IOException {
    if (isInline()) {
      for (DirectoryBlock part : inlineEntries()) {
        if (part.insert(name, number, type)) {
          changed();
          return;
        }
      }
      spill();
    }
    if (isIndexed()) {
      HashTree tree = HashTree.open(volume, this);
      if (tree == null) {
        throw new io.calco.disk.UnsupportedFeatureException(
            "ext file system: inode %d: a directory index with an unknown hash"
                .formatted(inode.number()));
      }
      tree.insert(name, number, type);
    } else {
      insertInBlocks(name, number, type);
    }
    changed();
  }

  private void insertInBlocks(byte[] name, long number, FileType type) throws IOException {
    inode.clearFlag(Inode.FLAG_INDEX); // without dir_index nobody keeps one up
    long count = blockCount();
    for (long logical = 0; logical < count; logical++) {
      if (insertIn(logical, name, number, type)) {
        return;
      }
    }
    if (count == 1 && volume.geometry.features().hasCompat(Features.COMPAT_DIR_INDEX)) {
      HashTree.grow(volume, this).insert(name, number, type);
      return;
    }
    long logical = append();
    byte[] bytes = edit(logical);
    emptyBlock(bytes).insert(name, number, type);
    sums.seal(bytes);
  }

  /// Puts an entry into a block of the directory.
  ///
  /// @return false when there is no room
  boolean insertIn(long logical, byte[] name, long number, FileType type) throws IOException {
    if (!entries(logical, read(logical)).hasRoom(name)) {
      return false;
    }
    byte[] bytes = edit(logical);
    entries(logical, bytes).insert(name, number, type);
    sums.seal(bytes);
    return true;
  }

  /// The block made one free entry and, where there are checksums, the false one at the end.
  DirectoryBlock emptyBlock(byte[] bytes) {
    DirectoryBlock entries =
        new DirectoryBlock(volume.geometry, bytes, 0, sums.entriesEnd(), inode.number(), 0);
    entries.clear();
    return entries;
  }

  /// Adds a block at the end, all zero.
  ///
  /// @return its number in the directory
  long append() throws IOException {
    long logical = blockCount();
    if ((logical + 1) << volume.geometry.blockBits() > MAX_SIZE) {
      throw new LimitExceededException(
          "ext file system: inode %d: a directory cannot be larger than %d bytes"
              .formatted(inode.number(), MAX_SIZE));
    }
    long goal = logical == 0 ? volume.goal(inode) : physical(logical - 1) + 1;
    long block = volume.allocator.allocateBlock(goal);
    volume.blocks.create(block);
    BlockMap.of(volume, inode).append(new Run(logical, block, 1, true));
    inode.putSize((logical + 1) << volume.geometry.blockBits());
    return logical;
  }

  /// Points a name to another inode.
  void replace(byte[] name, long number, FileType type) throws IOException {
    if (isInline()) {
      if (java.util.Arrays.equals(name, DOT_DOT)) {
        LittleEndian.put32(inode.raw(), Inode.BLOCK_MAP, number);
      } else {
        for (DirectoryBlock part : inlineEntries()) {
          int at = part.find(name);
          if (at >= 0) {
            part.replace(at, number, type);
          }
        }
      }
    } else {
      Place place = place(name);
      byte[] bytes = edit(place.logical());
      entries(place.logical(), bytes).replace(place.at(), number, type);
      sums.seal(bytes);
    }
    changed();
  }

  /// Removes a name, which must be there.
  void remove(byte[] name) throws IOException {
    if (isInline()) {
      for (DirectoryBlock part : inlineEntries()) {
        int at = part.find(name);
        if (at >= 0) {
          part.remove(at);
        }
      }
    } else {
      Place place = place(name);
      byte[] bytes = edit(place.logical());
      entries(place.logical(), bytes).remove(place.at());
      sums.seal(bytes);
    }
    changed();
  }

  private Place place(byte[] name) throws IOException {
    Place place = locate(name);
    if (place == null) {
      throw new CorruptImageException(
          "ext file system: inode %d: the directory lost an entry while it was changed"
              .formatted(inode.number()));
    }
    return place;
  }

  private void changed() throws IOException {
    inode.touch(volume.now());
    volume.inodes.write(inode);
  }

  /// Gives a new directory its first block with `.` and `..`.
  void initialise(long parent) throws IOException {
    if (volume.incompat(Features.INCOMPAT_EXTENTS)) {
      ExtentMap.initialise(inode);
    }
    inode.putSize(0);
    byte[] bytes = edit(append());
    putDots(emptyBlock(bytes), parent);
    sums.seal(bytes);
  }

  private void putDots(DirectoryBlock entries, long parent) {
    entries.putEntry(0, 12, DOT, inode.number(), FileType.DIRECTORY);
    entries.putEntry(12, entries.end() - 12, DOT_DOT, parent, FileType.DIRECTORY);
  }

  /// Points all entries, `.` and `..` among them, to the numbers that their inodes have now. The
  /// caller stores the inode, whose times stay.
  ///
  /// @param was the directory's inode with the number that its blocks' checksums begin with
  void renumber(Inode was, InodeNumbers numbers) throws IOException {
    if (isInline()) {
      byte[] raw = inode.raw();
      LittleEndian.put32(raw, Inode.BLOCK_MAP, numbers.now(LittleEndian.u32(raw, Inode.BLOCK_MAP)));
      for (DirectoryBlock part : inlineEntries()) {
        renumber(part, numbers);
      }
      return;
    }
    DirectorySums before = new DirectorySums(volume, was);
    boolean all = was.number() != inode.number();
    long count = blockCount();
    for (long logical = 0; logical < count; logical++) {
      long block = physical(logical);
      byte[] bytes = volume.blocks.read(block, before::check);
      if (all || renumber(entries(logical, bytes.clone()), numbers)) {
        byte[] changed = volume.blocks.edit(block, before::check);
        renumber(entries(logical, changed), numbers);
        sums.seal(changed);
      }
    }
  }

  private static boolean renumber(DirectoryBlock entries, InodeNumbers numbers) throws IOException {
    boolean[] changed = {false};
    entries.forEach((at, number, name, type) -> {
      long now = numbers.now(number);
      changed[0] |= now != number;
      entries.renumber(at, now);
      return true;
    });
    return changed[0];
  }

  /// Moves the entries from the inode into blocks.
  private void spill() throws IOException {
    byte[] raw = inode.raw().clone();
    Directory before = new Directory(volume, new Inode(inode.number(), raw));
    new InlineData(volume, inode).remove();
    initialise(LittleEndian.u32(raw, Inode.BLOCK_MAP));
    before.forEach((at, number, name, type) -> {
      insertInBlocks(name, number, type);
      return true;
    });
  }
}
