package io.calco.disk.qcow2;

import static io.calco.disk.qcow2.Qcow2Layout.U32;
import static io.calco.disk.qcow2.Qcow2Layout.U64;

import io.calco.disk.BackingReference;
import io.calco.disk.Companions;
import io.calco.disk.CreateOptions;
import io.calco.disk.HostFile;
import io.calco.disk.LimitExceededException;
import io.calco.disk.Passphrase;
import io.calco.disk.PassphraseException;
import io.calco.disk.ZeroMode;
import io.calco.disk.luks.NewLuksVolume;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Lays out a new image: a disk of no bytes in three clusters (header, refcount table, refcount
/// block), which then grows to its size as any image does.
final class Qcow2Creator {
  private static final long PREALLOCATION_STEP = 64L << 20;
  private static final int ZERO_PIECE = 1 << 20;

  private Qcow2Creator() {}

  static void create(HostFile file, CreateOptions options, Companions companions)
      throws IOException {
    Qcow2CreateOptions layout = Qcow2CreateOptions.of(options);
    Geometry geometry = layout.geometry();
    MemorySegment header = header(file.name(), layout, options);
    MemorySegment table = MemorySegment.ofArray(new byte[geometry.clusterSize()]);
    table.set(U64, 0, 2L << geometry.clusterBits());
    MemorySegment block = MemorySegment.ofArray(new byte[geometry.clusterSize()]);
    for (int cluster = 0; cluster < 3; cluster++) {
      RefcountWidth.set(block, cluster, geometry.refcountOrder(), 1);
    }
    file.truncate(0);
    file.write(0, header);
    file.write(geometry.clusterSize(), table);
    file.write(2L * geometry.clusterSize(), block);
    if (layout.dataFile().isPresent()) {
      companions.create(layout.dataFile().get()).close();
    }
    grow(file, layout, options, companions);
  }

  /// The virtual size: whole sectors.
  static long roundedSize(CreateOptions options) {
    return Math.addExact(options.size(), 511) / 512 * 512;
  }

  /// The first cluster of an image with a refcount table of one cluster, for a disk of no bytes.
  static MemorySegment header(String fileName, Qcow2CreateOptions layout, CreateOptions options)
      throws IOException {
    Geometry geometry = layout.geometry();
    MemorySegment header = MemorySegment.ofArray(new byte[geometry.clusterSize()]);
    header.set(U32, Qcow2Layout.MAGIC, Qcow2Layout.MAGIC_NUMBER);
    header.set(U32, Qcow2Layout.VERSION, geometry.version());
    header.set(U32, Qcow2Layout.CLUSTER_BITS, geometry.clusterBits());
    header.set(U64, Qcow2Layout.REFCOUNT_TABLE_OFFSET, geometry.clusterSize());
    header.set(U32, Qcow2Layout.REFCOUNT_TABLE_CLUSTERS, 1);
    int length = Qcow2Layout.HEADER_LENGTH_V2;
    List<HeaderExtension> extensions = new ArrayList<>();
    options
        .backing()
        .flatMap(BackingReference::format)
        .ifPresent(format ->
            extensions.add(Qcow2Header.text(Qcow2Layout.EXTENSION_BACKING_FORMAT, format)));
    if (geometry.version() > 2) {
      length = Qcow2Layout.HEADER_LENGTH_V3;
      long incompatible =
          (geometry.extendedL2() ? Qcow2Layout.INCOMPATIBLE_EXTENDED_L2 : 0)
              | (layout.compressionType() == 0 ? 0 : Qcow2Layout.INCOMPATIBLE_COMPRESSION)
              | (layout.dataFile().isPresent() ? Qcow2Layout.INCOMPATIBLE_DATA_FILE : 0);
      header.set(
          U64,
          Qcow2Layout.AUTOCLEAR_FEATURES,
          layout.rawDataFile() ? Qcow2Layout.AUTOCLEAR_RAW_DATA : 0);
      layout
          .dataFile()
          .ifPresent(
              name -> extensions.add(Qcow2Header.text(Qcow2Layout.EXTENSION_DATA_FILE, name)));
      header.set(U64, Qcow2Layout.INCOMPATIBLE_FEATURES, incompatible);
      header.set(
          U64,
          Qcow2Layout.COMPATIBLE_FEATURES,
          layout.lazyRefcounts() ? Qcow2Layout.COMPATIBLE_LAZY_REFCOUNTS : 0);
      header.set(U32, Qcow2Layout.REFCOUNT_ORDER, geometry.refcountOrder());
      header.set(U32, Qcow2Layout.HEADER_LENGTH, length);
      header.set(Qcow2Layout.U8, Qcow2Layout.COMPRESSION_TYPE, (byte) layout.compressionType());
      extensions.add(FeatureNames.table());
    }
    byte[] backingName =
        options.backing().map(BackingReference::name).orElse("").getBytes(StandardCharsets.UTF_8);
    if (!Qcow2Header.fits(length, extensions, backingName.length, geometry)) {
      extensions.removeIf(e -> e.type() == Qcow2Layout.EXTENSION_FEATURE_NAMES);
    }
    if (!Qcow2Header.fits(length, extensions, backingName.length, geometry)) {
      throw new LimitExceededException(
          "%s: a backing image's name of %d bytes does not fit into the header's cluster of %d"
              .formatted(fileName, backingName.length, geometry.clusterSize()));
    }
    Qcow2Header.encodeTail(header, length, extensions, MemorySegment.ofArray(backingName));
    return header;
  }

  private static void grow(
      HostFile file, Qcow2CreateOptions layout, CreateOptions options, Companions companions)
      throws IOException {
    try (GuestFile guest = guestFile(file, layout, companions)) {
      grow(file, guest, layout, options);
    }
  }

  private static GuestFile guestFile(
      HostFile file, Qcow2CreateOptions layout, Companions companions) {
    if (layout.dataFile().isEmpty()) {
      return GuestFile.plain(file);
    }
    String name = layout.dataFile().get();
    return GuestFile.external(
        file, new DataFile(companions, name, Companions.Access.WRITE, layout.rawDataFile()));
  }

  private static void grow(
      HostFile file, GuestFile guest, Qcow2CreateOptions layout, CreateOptions options)
      throws IOException {
    long size = roundedSize(options);
    Qcow2Header header = HeaderReader.read(file);
    MetadataAreas areas = new MetadataAreas(file, header);
    PointerTable none = new PointerTable(file, 0, new long[0]);
    GuestMap map = new GuestMap(file, guest, header.geometry(), none, 0, areas, true);
    Qcow2Editor editor = new Qcow2Editor(file, header, map, areas);
    if (layout.encryption().isPresent()) {
      Passphrase passphrase =
          options.passphrase().orElseThrow(() -> PassphraseException.missing(file.name()));
      editor.encrypt(NewLuksVolume.of(layout.encryption().get(), passphrase));
    }
    editor.resize(size);
    if (layout.preallocation() != Qcow2CreateOptions.Preallocation.OFF) {
      for (long at = 0; at < size; ) {
        Qcow2Allocation run = editor.preallocate(at, Math.min(size - at, PREALLOCATION_STEP));
        switch (layout.preallocation()) {
          case OFF, METADATA -> {}
          case FALLOC -> run.file().allocate(run.hostOffset(), run.length());
          case FULL -> writeZeroes(run);
        }
        if (layout.encryption().isPresent() && options.backing().isEmpty()) {
          editor.zero(at, run.offset() + run.length() - at, ZeroMode.KEEP_ALLOCATED);
        }
        at = run.offset() + run.length();
      }
    }
    editor.flush();
  }

  /// Their content is the host's zeroes; of an encrypted image the guest sees zeroes by the entry.
  private static void writeZeroes(Qcow2Allocation run) throws IOException {
    MemorySegment zeroes = MemorySegment.ofArray(new byte[ZERO_PIECE]);
    for (long at = 0; at < run.length(); at += ZERO_PIECE) {
      long part = Math.min(ZERO_PIECE, run.length() - at);
      run.file().write(run.hostOffset() + at, zeroes.asSlice(0, part));
    }
  }
}
