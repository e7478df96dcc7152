package io.calco.fs.btrfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/// Tree blocks by logical address, verified, the last ones remembered; and the bytes of files.
final class Nodes {
  private static final int CACHE = 64 << 20; // ours: bytes of remembered blocks

  private final Disk disk;
  private final Checksum checksum;
  private final UUID uuid;
  private final int nodeSize;
  private final ChunkMap chunks;
  private final Map<Long, Node> known;

  Nodes(Disk disk, Superblock superblock, ChunkMap chunks) {
    this.disk = disk;
    this.checksum = superblock.checksum();
    this.uuid = superblock.metadataUuid();
    this.nodeSize = superblock.nodeSize();
    this.chunks = chunks;
    int most = CACHE / nodeSize;
    this.known =
        new LinkedHashMap<>(16, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<Long, Node> eldest) {
            return size() > most;
          }
        };
  }

  ChunkMap chunks() {
    return chunks;
  }

  int nodeSize() {
    return nodeSize;
  }

  /// The block, from the first copy that is right.
  ///
  /// @param level that it must have
  /// @param generation that it must have
  Node read(long logical, int level, long generation) throws IOException {
    Node node = known.get(logical);
    if (node == null) {
      node = readFromDisk(logical, level, generation);
      known.put(logical, node);
    } else {
      checkExpected(node, level, generation);
    }
    return node;
  }

  private Node readFromDisk(long logical, int level, long generation) throws IOException {
    Chunk chunk = chunks.at(logical);
    if (logical > chunk.end() - nodeSize) {
      throw corrupt(logical, "its end", "beyond its chunk", "in it");
    }
    CorruptImageException first = null;
    for (long copy : chunk.copies()) {
      try {
        byte[] bytes = disk.readBytes(place(copy, logical - chunk.logical(), nodeSize), nodeSize);
        checkBytes(bytes, logical);
        Node node = Node.of(bytes);
        checkExpected(node, level, generation);
        return node;
      } catch (CorruptImageException e) {
        if (first == null) {
          first = e;
        } else {
          first.addSuppressed(e);
        }
      }
    }
    throw java.util.Objects.requireNonNull(first);
  }

  private void checkBytes(byte[] bytes, long logical) throws CorruptImageException {
    if (!checksum.matches(bytes)) {
      throw corrupt(logical, "checksum", "a wrong one", checksum);
    }
    long own = LittleEndian.s64(bytes, 48);
    if (own != logical) {
      throw corrupt(logical, "bytenr", own, logical);
    }
    UUID found = Superblock.uuid(bytes, 32);
    if (!found.equals(uuid)) {
      throw corrupt(logical, "fsid", found, uuid);
    }
  }

  private static void checkExpected(Node node, int level, long generation)
      throws CorruptImageException {
    if (node.level() != level) {
      throw corrupt(node.logical(), "level", node.level(), level);
    }
    if (node.generation() != generation) {
      throw corrupt(node.logical(), "generation", node.generation(), generation);
    }
  }

  private static CorruptImageException corrupt(
      long logical, String field, Object found, Object expected) {
    return CorruptImageException.at(
        "btrfs file system", "tree block, " + field, logical, found, expected);
  }

  /// Where on the disk a run begins, all of which lies there.
  private long place(long copy, long within, long length) throws CorruptImageException {
    long at = copy + within;
    if (at < 0 || at > disk.size() - length) {
      throw CorruptImageException.at(
          "btrfs file system", "chunk's stripe", copy, "bytes beyond the disk", "bytes in it");
    }
    return at;
  }

  /// Reads bytes of files.
  ///
  /// @param logical their first
  void readData(long logical, MemorySegment dst) throws IOException {
    long done = 0;
    while (done < dst.byteSize()) {
      Chunk chunk = chunks.at(logical + done);
      long within = logical + done - chunk.logical();
      long part = Math.min(dst.byteSize() - done, chunk.length() - within);
      disk.read(place(chunk.copies().getFirst(), within, part), dst.asSlice(done, part));
      done += part;
    }
  }
}
