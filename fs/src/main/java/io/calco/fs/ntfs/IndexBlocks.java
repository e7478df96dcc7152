package io.calco.fs.ntfs;

import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/// The blocks of an index that is changed: which are in use, their contents, new ones.
final class IndexBlocks {
  private static final int BLOCK_ENTRIES = 0x28; // of a header that we make, from the header on
  private static final int INDX_SEQUENCE = 0x28;

  private final Changes changes;
  private final EditedFile file;
  private final String name;
  private final int blockSize;
  private final int vcnBits;

  /// @param blockSize bytes in a block, as the root says
  IndexBlocks(Changes changes, EditedFile file, String name, int blockSize) {
    this.changes = changes;
    this.file = file;
    this.name = name;
    this.blockSize = blockSize;
    int clusterBits = changes.volume.boot.clusterBits();
    this.vcnBits = 1 << clusterBits <= blockSize ? clusterBits : 9;
  }

  long block(long vcn) throws IOException {
    if (vcn < 0 || vcn > Long.MAX_VALUE >> vcnBits || (vcn << vcnBits) % blockSize != 0) {
      throw Volume.corrupt("index " + name, file.number(), vcn, "a block's number");
    }
    return (vcn << vcnBits) / blockSize;
  }

  long vcn(long block) {
    return block * blockSize >> vcnBits;
  }

  private UnitStream stream() throws IOException {
    Content content =
        file.find(AttributeType.INDEX_ALLOCATION, name)
            .map(EditedFile.Item::content)
            .filter(found -> !found.isResident())
            .orElseThrow(() -> Volume.corrupt("index " + name, file.number(), "none", "blocks"));
    return FileIndex.stream(changes.volume, file.number(), name, content, blockSize);
  }

  IndexNode read(long block) throws IOException {
    byte[] bytes = changes.volume.units.read(stream(), block);
    return IndexNode.parse(
        bytes, IndexNode.BLOCK_HEADER_AT, bytes.length, name.equals(FileIndex.NAMES));
  }

  /// A block's bytes, to be changed.
  byte[] edit(long block, int rank) throws IOException {
    return changes.volume.units.edit(stream(), block, rank);
  }

  /// A free block, marked as in use, without entries.
  long allocate() throws IOException {
    Optional<EditedFile.Item> bits = file.find(AttributeType.BITMAP, name);
    Content old = bits.map(EditedFile.Item::content).orElse(Content.resident(new byte[8], 0));
    if (!old.isResident()) {
      return allocateIn(old);
    }
    byte[] bitmap = old.value().clone();
    long count = file.find(AttributeType.INDEX_ALLOCATION, name).isEmpty() ? 0 : stream().units();
    long block = 0;
    while (block < count && block < 8L * bitmap.length && isSet(bitmap, block)) {
      block++;
    }
    if (block >= 8L * bitmap.length) {
      bitmap = Arrays.copyOf(bitmap, bitmap.length + 8);
    }
    bitmap[(int) (block >> 3)] |= (byte) (1 << (block & 7));
    file.set(AttributeType.BITMAP, name, Content.resident(bitmap, 0));
    return prepare(block, count);
  }

  private long allocateIn(Content bits) throws IOException {
    UnitStream bitmap = bitmapStream(bits);
    long count = stream().units();
    int pageBits = 8 * UnitStream.PAGE;
    long block = 0;
    while (block < count
        && !changes.volume.units.isFree(bitmap, block / pageBits, (int) (block % pageBits))) {
      block++;
    }
    if (block >= 8 * bitmap.length()) {
      throw Changes.limit("the directory " + file.number() + " has too many blocks");
    }
    byte[] page = changes.volume.units.edit(bitmap, block / pageBits, Commit.USED);
    int bit = (int) (block % pageBits);
    page[bit >> 3] |= (byte) (1 << (bit & 7));
    return prepare(block, count);
  }

  private UnitStream bitmapStream(Content bits) throws IOException {
    return changes.volume.bitmapStream(
        new UnitStream.Id(file.number(), AttributeType.BITMAP, name), bits);
  }

  private long prepare(long block, long count) throws IOException {
    if (block >= count) {
      grow(block + 1);
    }
    byte[] bytes = changes.volume.units.create(stream(), block);
    int sequence = blockSize / Fixups.STRIDE + 1;
    int entries = INDX_SEQUENCE + 2 * sequence + 7 & ~7;
    LittleEndian.put32(bytes, 0, Fixups.INDX);
    LittleEndian.put16(bytes, 4, INDX_SEQUENCE);
    LittleEndian.put16(bytes, 6, sequence);
    LittleEndian.put64(bytes, 0x10, vcn(block));
    LittleEndian.put16(bytes, INDX_SEQUENCE, 1);
    LittleEndian.put32(bytes, BLOCK_ENTRIES - 0x10, entries - IndexNode.BLOCK_HEADER_AT);
    LittleEndian.put32(
        bytes,
        IndexNode.BLOCK_HEADER_AT + 4,
        entries - IndexNode.BLOCK_HEADER_AT + IndexNode.ENTRY_HEADER);
    LittleEndian.put16(bytes, entries + 8, IndexNode.ENTRY_HEADER);
    LittleEndian.put16(bytes, entries + 0x0C, IndexNode.LAST);
    LittleEndian.put32(bytes, IndexNode.BLOCK_HEADER_AT + 8, blockSize - IndexNode.BLOCK_HEADER_AT);
    return block;
  }

  private void grow(long blocks) throws IOException {
    int bits = changes.volume.boot.clusterBits();
    Content old =
        file.find(AttributeType.INDEX_ALLOCATION, name)
            .map(EditedFile.Item::content)
            .orElse(Content.nonResident(noRuns(), new Content.Sizes(0, 0, 0), 0, 0));
    RunList runs = old.runs();
    long wanted = (blocks * blockSize + (1L << bits) - 1 >> bits) - runs.end();
    if (wanted > 0) {
      long near =
          runs.count() == 0 ? -1 : runs.place(runs.count() - 1) + runs.length(runs.count() - 1);
      RunList more = changes.clusters.allocate(wanted, near);
      for (int run = 0; run < more.count(); run++) {
        runs = runs.plus(more.place(run), more.length(run));
      }
    }
    Content.Sizes sizes =
        new Content.Sizes(runs.end() << bits, blocks * blockSize, blocks * blockSize);
    file.set(AttributeType.INDEX_ALLOCATION, name, Content.nonResident(runs, sizes, 0, 0));
  }

  private static RunList noRuns() throws IOException {
    return RunList.EMPTY.part(0, 0);
  }

  /// Marks a block as free.
  void free(long block) throws IOException {
    Content old =
        file.find(AttributeType.BITMAP, name)
            .orElseThrow(() -> Volume.corrupt("index " + name, file.number(), "no bitmap", "one"))
            .content();
    if (!old.isResident()) {
      int pageBits = 8 * UnitStream.PAGE;
      byte[] page = changes.volume.units.edit(bitmapStream(old), block / pageBits, Commit.USED);
      int bit = (int) (block % pageBits);
      page[bit >> 3] &= (byte) ~(1 << (bit & 7));
      return;
    }
    byte[] bitmap = old.value().clone();
    if (block >= 8L * bitmap.length) {
      throw Volume.corrupt("index " + name, file.number(), block, "a block in the bitmap");
    }
    bitmap[(int) (block >> 3)] &= (byte) ~(1 << (block & 7));
    file.set(AttributeType.BITMAP, name, Content.resident(bitmap, 0));
  }

  /// Gives all blocks back: the root holds everything.
  void freeAll() throws IOException {
    Optional<EditedFile.Item> blocks = file.find(AttributeType.INDEX_ALLOCATION, name);
    Optional<EditedFile.Item> bits = file.find(AttributeType.BITMAP, name);
    if (bits.isPresent() && !bits.get().content().isResident()) {
      throw new UnsupportedFeatureException("NTFS: a directory's bitmap in clusters");
    }
    if (blocks.isPresent()) {
      changes.clusters.free(blocks.get().content().runs());
      file.remove(blocks.get());
    }
    bits.ifPresent(file::remove);
  }

  private static boolean isSet(byte[] bitmap, long bit) {
    return (bitmap[(int) (bit >> 3)] >> (bit & 7) & 1) != 0;
  }
}
