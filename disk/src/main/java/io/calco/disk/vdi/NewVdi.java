package io.calco.disk.vdi;

import static io.calco.disk.vdi.VdiLayout.MIB;
import static io.calco.disk.vdi.VdiLayout.SECTOR;
import static io.calco.disk.vdi.VdiLayout.U32;
import static io.calco.disk.vdi.VdiLayout.U64;

import io.calco.disk.CreateOptions;
import io.calco.disk.DataUnits;
import io.calco.disk.Disk;
import io.calco.disk.HostFile;
import io.calco.disk.ImageIdentity;
import io.calco.disk.LaidOutFile;
import io.calco.disk.LimitExceededException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.function.LongToIntFunction;

/// A new image in blocks of 1 MiB, the first at a whole MiB. Written empty, or laid out around a
/// disk's bytes.
///
/// @param size virtual size, whole sectors
/// @param blocks entries in the table
/// @param identity what makes the image itself
record NewVdi(int type, long size, long blocks, ImageIdentity identity) {
  private static final String TEXT = "<<< Calco VirtualBox Disk Image >>>\n";
  private static final int TABLE_AT = VdiLayout.HEADER_LENGTH;
  private static final int GEOMETRY_SECTOR_SIZE = 0x1D4;
  private static final int PIECE = 64 << 10;

  private static NewVdi plan(CreateOptions options) throws IOException {
    int type = VdiCreateOptions.of(options).type();
    long blocks = Math.ceilDiv(options.size(), MIB);
    NewVdi made =
        new NewVdi(type, Math.ceilDiv(options.size(), SECTOR) * SECTOR, blocks, options.identity());
    if (blocks > VdiLayout.BLOCKS_MAX || made.dataAt() > 0xFFFF_FFFFL) {
      throw new LimitExceededException(
          "a VDI of %d bytes: its table would pass 4 GiB, where the format ends"
              .formatted(options.size()));
    }
    return made;
  }

  private long dataAt() {
    return Math.ceilDiv(TABLE_AT + 4 * blocks, MIB) * MIB;
  }

  private byte[] header(long allocated) {
    MemorySegment header = MemorySegment.ofArray(new byte[VdiLayout.HEADER_LENGTH]);
    MemorySegment.copy(
        MemorySegment.ofArray(TEXT.getBytes(StandardCharsets.US_ASCII)),
        0,
        header,
        0,
        TEXT.length());
    header.set(U32, VdiLayout.SIGNATURE, VdiLayout.SIGNATURE_VALUE);
    header.set(U32, VdiLayout.VERSION, VdiLayout.VERSION_1_1);
    header.set(U32, VdiLayout.HEADER_SIZE, VdiLayout.HEADER_SIZE_VALUE);
    header.set(U32, VdiLayout.TYPE, type);
    header.set(U32, VdiLayout.TABLE_OFFSET, TABLE_AT);
    header.set(U32, VdiLayout.DATA_OFFSET, (int) dataAt());
    header.set(U32, VdiLayout.SECTOR_SIZE, SECTOR);
    header.set(U64, VdiLayout.DISK_SIZE, size);
    header.set(U32, VdiLayout.BLOCK_SIZE, MIB);
    header.set(U32, VdiLayout.BLOCKS, (int) blocks);
    header.set(U32, VdiLayout.BLOCKS_ALLOCATED, (int) allocated);
    header.set(U32, GEOMETRY_SECTOR_SIZE, SECTOR);
    VdiHeader.setUuid(header, VdiLayout.UUID_IMAGE, identity.uuid("disk"));
    VdiHeader.setUuid(header, VdiLayout.UUID_STATE, identity.uuid("state"));
    return header.toArray(ValueLayout.JAVA_BYTE);
  }

  /// Writes an empty image.
  static void create(HostFile file, CreateOptions options) throws IOException {
    NewVdi made = plan(options);
    boolean isStatic = made.type == VdiLayout.STATIC;
    file.truncate(0);
    file.write(0, MemorySegment.ofArray(made.header(isStatic ? made.blocks : 0)));
    MemorySegment piece = MemorySegment.ofArray(new byte[PIECE]);
    for (long block = 0; block < made.blocks; block += PIECE / 4) {
      long length = 4 * Math.min(PIECE / 4, made.blocks - block);
      fillTable(4 * block, piece.asSlice(0, length), isStatic ? b -> (int) b : b -> -1);
      file.write(TABLE_AT + 4 * block, piece.asSlice(0, length));
    }
    file.truncate(made.dataAt() + (isStatic ? made.blocks * MIB : 0));
  }

  /// Fills a part of the table.
  ///
  /// @param offset its first byte, from the table's
  private static void fillTable(long offset, MemorySegment dst, LongToIntFunction entries) {
    MemorySegment entry = MemorySegment.ofArray(new byte[4]);
    for (long done = 0; done < dst.byteSize(); ) {
      long at = offset + done;
      entry.set(U32, 0, entries.applyAsInt(at / 4));
      long length = Math.min(4 - at % 4, dst.byteSize() - done);
      MemorySegment.copy(entry, at % 4, dst, done, length);
      done += length;
    }
  }

  /// An image that holds a disk's bytes.
  static HostFile layOut(Disk disk, CreateOptions options) throws IOException {
    NewVdi made = plan(options);
    LaidOutFile.Builder parts = LaidOutFile.of("VDI image", disk);
    if (made.type == VdiLayout.STATIC) {
      return parts
          .bytes(made.header(made.blocks))
          .generated(4 * made.blocks, (offset, dst) -> fillTable(offset, dst, b -> (int) b))
          .zeroesTo(made.dataAt())
          .guest(0, disk.size())
          .zeroesTo(made.dataAt() + made.blocks * MIB)
          .build();
    }
    DataUnits units = DataUnits.of(disk, MIB);
    parts
        .bytes(made.header(units.count()))
        .generated(
            4 * made.blocks,
            (offset, dst) -> fillTable(offset, dst, block -> (int) units.ordinal(block)))
        .zeroesTo(made.dataAt());
    units.forEachRun((unit, count, ordinal) -> {
      long from = unit * MIB;
      parts
          .guest(from, Math.min(count * MIB, disk.size() - from))
          .zeroesTo(made.dataAt() + (ordinal + count) * MIB);
    });
    return parts.build();
  }
}
