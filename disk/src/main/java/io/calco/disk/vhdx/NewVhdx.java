package io.calco.disk.vhdx;

import io.calco.disk.CreateOptions;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// The metadata of a new image, from which its file or a layout is made: headers, log, metadata,
/// BAT, blocks, in this order.
record NewVhdx(
    VhdxCreateOptions layout, Metadata metadata, VhdxHeader header, RegionTable regions) {
  private static final long LOG_AT = VhdxLayout.MIB;

  static NewVhdx of(CreateOptions options, Optional<ParentLocator> parent)
      throws UnsupportedFeatureException {
    VhdxCreateOptions layout = VhdxCreateOptions.of(options);
    if (parent.isPresent() && layout.fixed()) {
      throw new UnsupportedFeatureException("a VHDX image with a parent cannot be fixed");
    }
    Metadata metadata =
        new Metadata(
            layout.blockSize(),
            layout.fixed(),
            parent,
            0,
            VhdxLayout.up(options.size(), layout.sector()),
            0,
            layout.sector(),
            Math.max(layout.sector(), parent.isPresent() ? layout.sector() : 4096),
            options.identity().uuid("disk"));
    VhdxHeader header =
        new VhdxHeader(
            0,
            1,
            options.identity().uuid("file"),
            options.identity().uuid("data"),
            Guids.NONE,
            layout.logLength(),
            LOG_AT);
    long metadataAt = LOG_AT + layout.logLength();
    long batAt = metadataAt + VhdxLayout.MIB;
    long entries =
        Metadata.batEntries(metadata.blocks(), metadata.chunkRatio(), parent.isPresent());
    long batLength = VhdxLayout.up(Math.max(1, 8 * entries), VhdxLayout.MIB);
    RegionTable regions =
        new RegionTable(
            new RegionTable.Region(VhdxLayout.BAT, batAt, batLength, true),
            new RegionTable.Region(VhdxLayout.METADATA, metadataAt, VhdxLayout.MIB, true),
            List.of());
    return new NewVhdx(layout, metadata, header, regions);
  }

  /// Where blocks may begin.
  long blocksAt() {
    return regions.bat().end();
  }

  /// Everything before the BAT.
  void write(VhdxLayout.Sink file) throws IOException {
    MemorySegment mark = MemorySegment.ofArray(new byte[8 + 512]);
    byte[] creator = "Calco".getBytes(StandardCharsets.UTF_16LE);
    mark.set(VhdxLayout.U64, 0, VhdxLayout.FILE_MARK);
    MemorySegment.copy(MemorySegment.ofArray(creator), 0, mark, 8, creator.length);
    file.write(0, mark);
    header.write(file);
    header.next(header.fileWrite(), header.dataWrite(), Guids.NONE).write(file);
    regions.write(file);
    file.write(regions.metadata().offset(), metadata.toBytes());
  }

  /// The BAT entry at an index, where the image is fixed or laid out with blocks in order.
  ///
  /// @param ordinal which block of the file it is, or -1 for none
  long entry(long ordinal) {
    return ordinal < 0
        ? 0
        : BlockTable.entry(BlockTable.PRESENT, blocksAt() + ordinal * metadata.blockSize());
  }
}
