package io.calco.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The copy engine: takes any disk's bytes to any other, holes staying holes.
///
/// Several threads read, look for zeroes and compress; their results are written in guest order, so
/// that the same disk always makes the same image.
public final class DiskCopy {
  private final Disk source;
  private final Disk target;
  private final CopyOptions options;
  private final JobContext job;

  private DiskCopy(Disk source, Disk target, CopyOptions options, JobContext job) {
    if (target.size() < source.size()) {
      throw new IllegalArgumentException(
          "target of %d bytes, source of %d".formatted(target.size(), source.size()));
    }
    this.source = source;
    this.target = target;
    this.options = options;
    this.job = job;
  }

  /// Copies the source's bytes to the beginning of the target, which is at least as large.
  ///
  /// @throws IOException of a read or write; the target then holds a part of the bytes
  /// @throws java.util.concurrent.CancellationException when the job was cancelled, likewise
  public static void copy(Disk source, Disk target, CopyOptions options, JobContext job)
      throws IOException {
    DiskCopy copy = new DiskCopy(source, target, options, job);
    copy.run(options.unitLength(), length -> copy.new PlainStation(length));
  }

  /// Copies to an image of a format that compresses, every unit compressed.
  ///
  /// @throws UnsupportedFeatureException when the image's format has no compressed units
  public static void copyCompressed(Disk source, Image target, CopyOptions options, JobContext job)
      throws IOException {
    Optional<UnitPacker> found = target.packer();
    if (found.isEmpty()) {
      throw new UnsupportedFeatureException(
          "%s: %s%s images cannot be compressed"
              .formatted(
                  target.path(), target.info().encrypted() ? "encrypted " : "", target.format()));
    }
    DiskCopy copy = new DiskCopy(source, target.disk(), options, job);
    copy.pack(found.get(), target.formatDisk()::writeCompressed);
  }

  /// Takes compressed units, each once and in ascending order.
  public interface PackedSink {
    /// Takes one unit.
    ///
    /// @param offset the unit's first guest byte
    /// @param packed what [UnitPacker#pack] returned for it
    void accept(long offset, MemorySegment packed) throws IOException;
  }

  /// Compresses every unit of a disk that holds more than zeroes, and hands them on in order. What
  /// reaches beyond the disk's end is zeroes.
  ///
  /// @param packer packs everything
  public static void pack(Disk source, UnitPacker packer, PackedSink sink, JobContext job)
      throws IOException {
    CopyOptions options = CopyOptions.toStream(packer.unitLength(), "converting");
    try (Disk nothing = Disk.blank(source.size())) {
      new DiskCopy(source, nothing, options, job).pack(packer, sink);
    }
  }

  private void pack(UnitPacker packer, PackedSink sink) throws IOException {
    run(packer.unitLength(), length -> new PackingStation(length, packer, sink));
  }

  private interface StationFactory {
    Station make(int pieceLength);
  }

  private void run(int unit, StationFactory stations) throws IOException {
    int piece = Math.max(unit, options.pieceLength() - options.pieceLength() % unit);
    DataRuns runs = new DataRuns(source, unit, piece, this::zero, job);
    OrderedWork.run(
        options.threads(),
        () -> {
          Station station = stations.make(piece);
          station.runs = runs;
          return station;
        });
    job.progress(options.step(), source.size(), source.size());
  }

  private void zero(long offset, long length) throws IOException {
    if (!options.targetIsZero()) {
      target.writeZeroes(offset, length, ZeroMode.MAY_UNMAP);
    }
  }

  /// One piece's buffer, filled beside others and written when its turn comes.
  private abstract class Station implements OrderedWork.Station, DataRuns.Taker {
    private final Arena arena = Arena.ofShared();
    final MemorySegment buffer;
    @Nullable DataRuns runs;
    long offset;
    MemorySegment bytes = MemorySegment.NULL;

    Station(int pieceLength) {
      buffer = arena.allocate(pieceLength, 4096);
    }

    @Override
    public final boolean take() throws IOException {
      return java.util.Objects.requireNonNull(runs).next(this);
    }

    @Override
    public final void take(long pieceOffset, int length) {
      offset = pieceOffset;
      bytes = buffer.asSlice(0, length);
    }

    @Override
    public final void prepare() throws IOException {
      source.read(offset, bytes);
      examine();
    }

    @Override
    public final void finish() throws IOException {
      write();
      job.progress(options.step(), offset + bytes.byteSize(), source.size());
    }

    abstract void examine() throws IOException;

    abstract void write() throws IOException;

    @Override
    public final void close() {
      arena.close();
    }
  }

  private final class PlainStation extends Station {
    private final List<Zeroes.Run> found = new ArrayList<>();

    PlainStation(int pieceLength) {
      super(pieceLength);
    }

    @Override
    void examine() {
      found.clear();
      if (options.sparseLength() == 0) {
        found.add(new Zeroes.Run(0, bytes.byteSize(), false));
      } else {
        int grid = Math.max(options.sparseLength(), options.unitLength());
        Zeroes.split(bytes, grid, found);
      }
    }

    @Override
    void write() throws IOException {
      for (Zeroes.Run run : found) {
        if (run.zero()) {
          zero(offset + run.offset(), run.length());
        } else {
          target.write(offset + run.offset(), bytes.asSlice(run.offset(), run.length()));
        }
      }
    }
  }

  private final class PackingStation extends Station {
    private final UnitPacker packer;
    private final PackedSink sink;
    private final List<Unit> units = new ArrayList<>();

    private record Unit(
        long at, MemorySegment plain, boolean zero, @Nullable MemorySegment packed) {}

    PackingStation(int pieceLength, UnitPacker packer, PackedSink sink) {
      super(pieceLength);
      this.packer = packer;
      this.sink = sink;
    }

    @Override
    void examine() {
      units.clear();
      for (long at = 0; at < bytes.byteSize(); at += packer.unitLength()) {
        MemorySegment plain =
            bytes.asSlice(at, Math.min(packer.unitLength(), bytes.byteSize() - at));
        boolean zero = Zeroes.all(plain);
        units.add(new Unit(at, plain, zero, zero ? null : packer.pack(whole(plain)).orElse(null)));
      }
    }

    /// The disk's last unit may be cut short; the rest of it reads as zeroes.
    private MemorySegment whole(MemorySegment plain) {
      if (plain.byteSize() == packer.unitLength()) {
        return plain;
      }
      MemorySegment unit = MemorySegment.ofArray(new byte[packer.unitLength()]);
      MemorySegment.copy(plain, 0, unit, 0, plain.byteSize());
      return unit;
    }

    @Override
    void write() throws IOException {
      for (Unit unit : units) {
        if (unit.packed() != null) {
          sink.accept(offset + unit.at(), unit.packed());
        } else if (unit.zero()) {
          zero(offset + unit.at(), unit.plain().byteSize());
        } else {
          target.write(offset + unit.at(), unit.plain());
        }
      }
    }
  }
}
