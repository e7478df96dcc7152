package io.calco.volume.lvm;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.DiskCapabilities;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.bytes.Crc32c;
import io.calco.disk.bytes.LittleEndian;
import io.calco.volume.target.MappedDriver;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// A pool of thin volumes, for reading. Source: the kernel's drivers/md/dm-thin-metadata.c.
final class ThinPool {
  private static final long MAGIC = 27_022_010;
  private static final int SUM_SALT = 160_774;
  private static final int MAGIC_AT = 32;
  private static final int VERSION = 40;
  private static final int MAPPINGS = 320;
  private static final int CHUNK_SECTORS = 336;
  private static final int INCOMPATIBLE = 360;
  private static final int MAX_VERSION = 2;
  private static final int SECTOR = 512;
  private static final int TIME_BITS = 24;

  private final Disk data;
  private final long chunk;
  private final ThinTree tree;
  private final long mappings;

  private ThinPool(Disk data, long chunk, ThinTree tree, long mappings) {
    this.data = data;
    this.chunk = chunk;
    this.tree = tree;
    this.mappings = mappings;
  }

  /// Reads the pool's superblock.
  ///
  /// @param chunk the bytes of a chunk, as the volume group has it
  static ThinPool open(Disk metadata, Disk data, long chunk) throws IOException {
    byte[] block = metadata.readBytes(0, ThinTree.BLOCK);
    int sum = Crc32c.update(-1, block, 4, ThinTree.BLOCK - 4) ^ SUM_SALT;
    if (LittleEndian.s64(block, MAGIC_AT) != MAGIC || LittleEndian.s32(block, 0) != sum) {
      throw new CorruptImageException(
          "LVM2: thin pool's superblock: found magic %d, checksum 0x%08x, expected %d, 0x%08x"
              .formatted(
                  LittleEndian.s64(block, MAGIC_AT), LittleEndian.s32(block, 0), MAGIC, sum));
    }
    long version = LittleEndian.u32(block, VERSION);
    long incompatible = LittleEndian.u32(block, INCOMPATIBLE);
    if (version < 1 || version > MAX_VERSION || incompatible != 0) {
      throw new UnsupportedFeatureException(
          "LVM2: thin pool of version %d with incompatible features 0x%x"
              .formatted(version, incompatible));
    }
    long sectors = LittleEndian.u32(block, CHUNK_SECTORS);
    if (sectors == 0 || sectors * SECTOR != chunk) {
      throw new CorruptImageException(
          "LVM2: thin pool's superblock at 0x%x: found chunks of %d sectors, expected %d"
              .formatted(CHUNK_SECTORS, sectors, chunk / SECTOR));
    }
    return new ThinPool(data, chunk, new ThinTree(metadata), LittleEndian.s64(block, MAPPINGS));
  }

  /// A thin volume's bytes.
  ///
  /// @param id the pool's number for it
  /// @param size in bytes
  /// @param external what is read where it has nothing; else zeroes
  Disk device(long id, long size, Optional<Disk> external) throws IOException {
    ThinTree.Found device = tree.find(mappings, id);
    if (device.value().isEmpty()) {
      throw new CorruptImageException(
          "LVM2: thin pool: it holds no volume of the number %d".formatted(id));
    }
    return Disk.owning(new Volume(device.value().getAsLong(), size, external));
  }

  private final class Volume extends MappedDriver {
    private final long root;
    private final Optional<Disk> external;

    Volume(long root, long size, Optional<Disk> external) {
      super(
          size,
          Stream.concat(Stream.of(data), external.stream()).toList(),
          new DiskCapabilities(false, true, false, false, false));
      this.root = root;
      this.external = external;
    }

    @Override
    protected Run runAt(long offset, long maxLength) throws IOException {
      long number = offset / chunk;
      ThinTree.Found found = tree.find(root, number);
      OptionalLong value = found.value();
      if (value.isPresent()) {
        return mapped(offset, value.getAsLong() >>> TIME_BITS);
      }
      long end = found.next() > size() / chunk ? size() : Math.min(size(), found.next() * chunk);
      if (external.isPresent() && offset < external.get().size()) {
        return Run.of(external.get(), offset, Math.min(end, external.get().size()) - offset);
      }
      return Run.zeroes(end - offset);
    }

    private Run mapped(long offset, long place) throws IOException {
      if (place >= data.size() / chunk) {
        throw new CorruptImageException(
            "LVM2: thin pool: found a chunk at %d of %d".formatted(place, data.size() / chunk));
      }
      long within = offset % chunk;
      long length = Math.min(chunk - within, size() - offset);
      return Run.of(data, place * chunk + within, length);
    }
  }
}
