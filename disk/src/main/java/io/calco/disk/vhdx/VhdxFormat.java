package io.calco.disk.vhdx;

import io.calco.disk.BackingReference;
import io.calco.disk.Closing;
import io.calco.disk.Companions;
import io.calco.disk.CreateOptions;
import io.calco.disk.DataUnits;
import io.calco.disk.Disk;
import io.calco.disk.FormatOpenOptions;
import io.calco.disk.HostFile;
import io.calco.disk.ImageFormat;
import io.calco.disk.LaidOutFile;
import io.calco.disk.OpenedFormat;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.Optional;

/// Hyper-V's VHDX.
public final class VhdxFormat implements ImageFormat {
  /// For [java.util.ServiceLoader].
  public VhdxFormat() {}

  @Override
  public String name() {
    return "vhdx";
  }

  @Override
  public boolean probe(HostFile file) throws IOException {
    if (file.size() < 8) {
      return false;
    }
    MemorySegment mark = MemorySegment.ofArray(new byte[8]);
    file.read(0, mark);
    return mark.get(VhdxLayout.U64, 0) == VhdxLayout.FILE_MARK;
  }

  @Override
  public OpenedFormat openOwning(HostFile file, FormatOpenOptions options) throws IOException {
    try {
      if (options.snapshot().isPresent()) {
        throw new UnsupportedFeatureException(file.name() + ": VHDX has no internal snapshots");
      }
      VhdxHeader header = VhdxHeader.read(file);
      if (!header.dirty()) {
        return new VhdxDriver(file, header, options.writable(), false);
      }
      if (options.writable()) {
        return new VhdxDriver(file, Log.replay(file, header), true, true);
      }
      return new VhdxDriver(new ReplayedFile(file, Log.read(file, header)), header, false, false);
    } catch (IOException | RuntimeException e) {
      Closing.after(e, file);
      throw e;
    }
  }

  @Override
  public void create(HostFile file, CreateOptions options, Companions companions)
      throws IOException {
    NewVhdx made = NewVhdx.of(options, parent(options, companions));
    file.truncate(0);
    made.write(file::write);
    if (made.layout().fixed()) {
      long blocks = made.metadata().blocks();
      MemorySegment entry = MemorySegment.ofArray(new byte[8]);
      int ratio = made.metadata().chunkRatio();
      for (long block = 0; block < blocks; block++) {
        entry.set(VhdxLayout.U64, 0, made.entry(block));
        file.write(made.regions().bat().offset() + 8 * (block + block / ratio), entry);
      }
      file.truncate(made.blocksAt() + blocks * made.metadata().blockSize());
    } else {
      file.truncate(made.blocksAt());
    }
  }

  private static Optional<ParentLocator> parent(CreateOptions options, Companions companions)
      throws IOException {
    if (options.backing().isEmpty()) {
      return Optional.empty();
    }
    BackingReference below = options.backing().get();
    if (below.format().isPresent() && !below.format().get().equals("vhdx")) {
      throw new UnsupportedFeatureException(
          "the parent of a VHDX image is one too, not %s".formatted(below.format().get()));
    }
    if (below.identity().isPresent()) {
      return Optional.of(ParentLocator.of(below.name(), below.identity().get()));
    }
    try (HostFile file = companions.open("parent", below.name(), Companions.Access.READ)) {
      VhdxHeader header = VhdxHeader.read(file);
      return Optional.of(ParentLocator.of(below.name(), Guids.text(header.dataWrite())));
    }
  }

  @Override
  public HostFile layOut(Disk disk, CreateOptions options) throws IOException {
    if (options.backing().isPresent()) {
      throw new UnsupportedFeatureException(
          "a VHDX image with a parent cannot be laid out as it is read");
    }
    NewVhdx made = NewVhdx.of(options, Optional.empty());
    long start = made.regions().metadata().offset();
    byte[] headers = new byte[(int) VhdxLayout.MIB];
    LaidOutFile.Builder file = LaidOutFile.of("VHDX image", disk);
    made.write((offset, bytes) -> {
      if (offset < start) {
        MemorySegment.copy(bytes, 0, MemorySegment.ofArray(headers), offset, bytes.byteSize());
      }
    });
    file.bytes(headers);
    file.zeroesTo(start);
    file.bytes(made.metadata().toBytes().toArray(ValueLayout.JAVA_BYTE));
    int block = made.metadata().blockSize();
    DataUnits units = DataUnits.of(disk, block);
    boolean fixed = made.layout().fixed();
    file.zeroesTo(made.regions().bat().offset());
    int ratio = made.metadata().chunkRatio();
    file.generated(
        made.regions().bat().length(),
        (offset, dst) -> {
          for (long at = offset; at < offset + dst.byteSize(); at++) {
            long index = at / 8;
            long unit = index - index / (ratio + 1L);
            boolean payload = index % (ratio + 1L) != ratio && unit < made.metadata().blocks();
            long entry = payload ? made.entry(fixed ? unit : units.ordinal(unit)) : 0;
            dst.set(ValueLayout.JAVA_BYTE, at - offset, (byte) (entry >>> 8 * (at % 8)));
          }
        });
    if (fixed) {
      file.guest(0, made.metadata().blocks() * block);
    } else {
      units.forEachRun((unit, count, ordinal) -> file.guest(unit * block, count * block));
    }
    return file.build();
  }

  @Override
  public Map<String, String> createOptions() {
    return VhdxCreateOptions.HELP;
  }
}
