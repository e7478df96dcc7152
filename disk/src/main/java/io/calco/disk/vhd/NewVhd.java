package io.calco.disk.vhd;

import io.calco.disk.Companions;
import io.calco.disk.CreateOptions;
import io.calco.disk.DataUnits;
import io.calco.disk.Disk;
import io.calco.disk.HostFile;
import io.calco.disk.LaidOutFile;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;

/// A new image: what its footer and header will say. Written empty, or laid out around a disk's
/// bytes.
///
/// @param entries entries in the block allocation table
record NewVhd(String name, VhdFooter footer, int blockSize, int entries) {
  private static final int HEADER_AT = VhdLayout.FOOTER_LENGTH;
  private static final int TABLE_AT = HEADER_AT + VhdLayout.HEADER_LENGTH;
  private static final int MIB = 1 << 20;
  private static final int PAGE = 4096;

  private static NewVhd plan(
      HostFile file, CreateOptions options, VhdCreateOptions layout, OptionalLong parentSize)
      throws IOException {
    VhdSizes.checkEnd(file, options.size());
    long wanted = sized(options.size(), layout.sizing());
    if (parentSize.isPresent() && parentSize.getAsLong() != options.size()) {
      throw new UnsupportedFeatureException(
          "%s: a differencing VHD is as large as its parent, %d bytes, not %d"
              .formatted(file.name(), parentSize.getAsLong(), options.size()));
    }
    VhdSizes.check(file, wanted);
    VhdGeometry geometry = VhdGeometry.covering(wanted / VhdLayout.SECTOR);
    long size = wanted;
    boolean differencing = layout.type() == VhdFooter.DIFFERENCING;
    if (layout.sizing() == VhdCreateOptions.Sizing.GEOMETRY && !differencing) {
      if (!geometry.equals(VhdGeometry.MAX)) {
        size = geometry.sectors() * VhdLayout.SECTOR;
      }
    } else if (geometry.sectors() * VhdLayout.SECTOR != size) {
      geometry = VhdGeometry.MAX;
    }
    boolean fixed = layout.type() == VhdFooter.FIXED;
    long blocks = fixed ? 0 : Math.ceilDiv(size, layout.blockSize());
    VhdFooter footer =
        VhdFooter.create(layout.type(), size, geometry, fixed ? -1 : HEADER_AT, options.identity());
    return new NewVhd(file.name(), footer, layout.blockSize(), Math.toIntExact(blocks));
  }

  private static long sized(long size, VhdCreateOptions.Sizing sizing) {
    int unit = sizing == VhdCreateOptions.Sizing.AZURE ? MIB : VhdLayout.SECTOR;
    return Math.multiplyExact(Math.ceilDiv(size, unit), (long) unit);
  }

  private DynamicHeader header() {
    return DynamicHeader.create(HEADER_AT, TABLE_AT, entries, blockSize);
  }

  /// Writes an empty image.
  static void create(HostFile file, CreateOptions options, Companions companions)
      throws IOException {
    VhdCreateOptions layout = VhdCreateOptions.of(options);
    Optional<ParentFacts> parent = Optional.empty();
    if (options.backing().isPresent()) {
      parent = Optional.of(ParentFacts.of(options.backing().get(), companions));
    }
    OptionalLong parentSize = parent.map(ParentFacts::size).orElse(OptionalLong.empty());
    NewVhd made = plan(file, options, layout, parentSize);
    file.truncate(0);
    if (!made.footer.isSparse()) {
      file.write(made.footer.virtualSize(), made.footer.bytes());
      return;
    }
    DynamicHeader header = made.header();
    long end = header.tableEnd();
    if (parent.isPresent()) {
      ParentPath.Recorded path = ParentPath.recorded(parent.get().name());
      file.write(end, MemorySegment.ofArray(path.bytes()));
      header = parent.get().in(header, path, end);
      end += VhdLayout.sectors(path.bytes().length);
    }
    file.write(0, made.footer.bytes());
    file.write(HEADER_AT, header.bytes());
    byte[] unused = new byte[64 << 10];
    Arrays.fill(unused, (byte) 0xFF);
    for (long at = TABLE_AT; at < header.tableEnd(); at += unused.length) {
      long part = Math.min(unused.length, header.tableEnd() - at);
      file.write(at, MemorySegment.ofArray(unused).asSlice(0, part));
    }
    file.write(end, made.footer.bytes());
  }

  /// An image that holds a disk's bytes.
  static HostFile layOut(String name, Disk disk, CreateOptions options) throws IOException {
    VhdCreateOptions layout = VhdCreateOptions.of(options);
    if (options.backing().isPresent()) {
      throw new UnsupportedFeatureException(
          "differencing VHDs cannot be laid out as they are read");
    }
    LaidOutFile.Builder parts = LaidOutFile.of(name, disk);
    NewVhd made = plan(parts.build(), options, layout, OptionalLong.empty());
    if (!made.footer.isSparse()) {
      return parts
          .guest(0, disk.size())
          .zeroesTo(made.footer.virtualSize())
          .bytes(made.footerBytes())
          .build();
    }
    DataUnits units = DataUnits.of(disk, made.blockSize);
    return new Blocks(made, disk, units, parts).build();
  }

  private byte[] footerBytes() {
    return footer.bytes().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE);
  }

  /// A dynamic disk laid out: table, then the blocks that hold data, their data on pages.
  private static final class Blocks {
    private final NewVhd made;
    private final Disk disk;
    private final DataUnits units;
    private final LaidOutFile.Builder parts;
    private final DynamicHeader header;
    private final long first;
    private final long stride;

    Blocks(NewVhd made, Disk disk, DataUnits units, LaidOutFile.Builder parts) throws IOException {
      this.made = made;
      this.disk = disk;
      this.units = units;
      this.parts = parts;
      this.header = made.header();
      int bitmap = header.bitmapSize();
      this.first = Math.ceilDiv(header.tableEnd() + bitmap, PAGE) * PAGE - bitmap;
      this.stride = PAGE + (long) made.blockSize;
      long last = first + units.count() * stride;
      if (last / VhdLayout.SECTOR > 0xFFFF_FFFEL) {
        throw new io.calco.disk.LimitExceededException(
            "the file would pass 2 TiB, where the format ends");
      }
    }

    HostFile build() throws IOException {
      parts
          .bytes(made.footerBytes())
          .bytes(header.bytes().toArray(java.lang.foreign.ValueLayout.JAVA_BYTE))
          .generated(header.tableEnd() - TABLE_AT, this::readTable)
          .zeroesTo(first);
      units.forEachRun((unit, count, ordinal) ->
          parts.generated(count * stride, (offset, dst) -> readBlocks(unit, offset, dst)));
      return parts.bytes(made.footerBytes()).build();
    }

    private void readTable(long offset, MemorySegment dst) {
      MemorySegment entry = MemorySegment.ofArray(new byte[4]);
      for (long done = 0; done < dst.byteSize(); ) {
        long at = offset + done;
        long ordinal = units.ordinal(at / 4);
        int value =
            ordinal < 0 ? VhdLayout.UNUSED : (int) ((first + ordinal * stride) / VhdLayout.SECTOR);
        entry.set(VhdLayout.U32, 0, value);
        long length = Math.min(4 - at % 4, dst.byteSize() - done);
        MemorySegment.copy(entry, at % 4, dst, done, length);
        done += length;
      }
    }

    /// Reads from the run of blocks that begins with `unit`.
    private void readBlocks(long unit, long offset, MemorySegment dst) throws IOException {
      int bitmap = header.bitmapSize();
      for (long done = 0; done < dst.byteSize(); ) {
        long at = offset + done;
        long in = at % stride;
        long length = Math.min(dst.byteSize() - done, stride - in);
        if (in < bitmap) {
          length = Math.min(length, bitmap - in);
          dst.asSlice(done, length).fill((byte) 0xFF);
        } else {
          long guest = (unit + at / stride) * made.blockSize + in - bitmap;
          long blockEnd = (unit + at / stride + 1) * made.blockSize;
          long present = Math.clamp(Math.min(blockEnd, disk.size()) - guest, 0, length);
          if (present > 0) {
            disk.read(guest, dst.asSlice(done, present));
          }
          dst.asSlice(done + present, length - present).fill((byte) 0);
        }
        done += length;
      }
    }
  }
}
