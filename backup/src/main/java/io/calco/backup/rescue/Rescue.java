package io.calco.backup.rescue;

import static io.calco.backup.rescue.BlockStatus.BAD_SECTOR;
import static io.calco.backup.rescue.BlockStatus.FINISHED;
import static io.calco.backup.rescue.BlockStatus.NON_TRIED;
import static io.calco.backup.rescue.BlockStatus.NON_TRIMMED;

import io.calco.backup.rescue.MapText.Phase;
import io.calco.backup.rescue.RescueMap.Block;
import io.calco.disk.BesideFile;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import java.io.IOException;
import java.io.Reader;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// A disk that fails, and what was had of it.
///
/// [#disk] reads it through: each byte is read from the failing disk once, and kept. Whoever finds
/// out what is to be kept reads that; then [#run] reads the rest, and from then on what was not had
/// reads as zeroes and is not tried again.
///
/// Thread rule: confined, but [#disk] is safe for several threads after [#run].
public final class Rescue implements AutoCloseable {
  private static final String IMAGE_SUFFIX = ".img";
  private static final String RAW = "raw";
  private static final long SAVE_EVERY = Duration.ofSeconds(30).toNanos();

  private final Disk source;
  private final Path mapFile;
  private final RescueOptions options;
  private final RescueMap map;
  private final Image image;
  private final long earlier;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment buffer = arena.allocate(RescueOptions.PIECE, 4096);
  private Phase phase = new Phase(0, '?', 1);
  private long saved = System.nanoTime();
  private boolean changed;
  private volatile boolean sealed;
  private boolean missed;

  private Rescue(Disk source, Path mapFile, RescueOptions options, RescueMap map, Image image) {
    this.source = source;
    this.mapFile = mapFile;
    this.options = options;
    this.map = map;
    this.image = image;
    this.earlier = map.bytes(FINISHED);
  }

  /// Where the bytes are kept that were had.
  public static Path imageOf(Path mapFile) {
    return mapFile.resolveSibling(mapFile.getFileName() + IMAGE_SUFFIX);
  }

  /// Begins a rescue, or continues one.
  ///
  /// @param source stays the caller's to close, after this
  /// @param mapFile the map; made when it is not there, with an image of the source's length, which
  ///   takes up the room of what was read
  /// @throws NoSuchFileException when there is a map that has read something, but no image
  /// @throws io.calco.disk.CorruptImageException when the map is none, or another disk's
  public static Rescue open(Disk source, Path mapFile, RescueOptions options) throws IOException {
    BesideFile.sweep(mapFile.toAbsolutePath().resolveSibling(""));
    RescueMap map = new RescueMap(source.size());
    if (Files.exists(mapFile)) {
      try (Reader text = Files.newBufferedReader(mapFile, StandardCharsets.ISO_8859_1)) {
        map = MapText.decode(mapFile.toString(), text, source.size());
      }
    }
    Path place = imageOf(mapFile);
    if (!Files.exists(place)) {
      if (map.bytes(FINISHED) > 0) {
        throw new NoSuchFileException(
            place.toString(),
            null,
            "the map says that bytes were read into it; remove the map to begin anew");
      }
      Image.create(place, RAW, new CreateOptions(source.size(), Optional.empty(), Map.of()));
    }
    ImageOptions writing = ImageOptions.reading().withFormat(RAW).with(ImageOptions.Access.WRITE);
    Image image = Image.open(place, writing);
    try {
      if (image.disk().size() < source.size()) {
        image.disk().resize(source.size()); // ddrescue's ends with the last byte that was had
      }
      return new Rescue(source, mapFile, options, map, image);
    } catch (IOException | RuntimeException e) {
      try (image) {
        throw e;
      }
    }
  }

  /// The failing disk, of the same length. It lives no longer than this.
  public Disk disk() {
    return Disk.owning(new RescuedDriver(this, image.disk(), source));
  }

  /// Bytes that an earlier run had already read.
  public long earlierBytes() {
    return earlier;
  }

  /// Reads what can be read.
  ///
  /// @param domain what is wanted, ascending
  /// @throws IOException when the image or the map cannot be written; never for the source
  public void run(List<Run> domain, JobContext job) throws IOException {
    new Passes(this, domain, options.sectorSize(), job).run(options.retries());
    sealed = true;
    phase = Phase.FINISHED;
    changed = true;
    save();
  }

  /// What of the domain could not be read, ascending.
  public Stream<Run> unread(List<Run> domain) {
    return runs(domain, status -> status != FINISHED);
  }

  Stream<Run> bad(List<Run> domain) {
    return runs(domain, status -> status == BAD_SECTOR);
  }

  private Stream<Run> runs(List<Run> domain, java.util.function.Predicate<BlockStatus> wanted) {
    Stream.Builder<Run> runs = Stream.builder();
    for (Run run : domain) {
      long from = -1;
      for (long at = run.start(); at < run.end(); ) {
        Block block = map.at(at);
        if (wanted.test(block.status())) {
          from = from < 0 ? at : from;
        } else if (from >= 0) {
          runs.add(new Run(from, at - from));
          from = -1;
        }
        at = block.end();
      }
      if (from >= 0) {
        runs.add(new Run(from, run.end() - from));
      }
    }
    return runs.build();
  }

  /// True when, before [#run], somebody was given zeroes for what could not be had: what they made
  /// of it may be wrong.
  public boolean hasMissed() {
    return missed;
  }

  void miss() {
    missed |= !sealed;
  }

  RescueMap map() {
    return map;
  }

  boolean isSealed() {
    return sealed;
  }

  /// Makes sure that a run was tried, by those who cannot wait for the passes.
  void tryAll(long start, long end) throws IOException {
    for (Optional<Block> found = map.first(NON_TRIED, start, end);
        found.isPresent();
        found = map.first(NON_TRIED, found.get().start(), end)) {
      long from = found.get().start();
      long to =
          Math.min(found.get().end(), from - from % RescueOptions.PIECE + RescueOptions.PIECE);
      if (!attempt(from, to, NON_TRIMMED)) {
        trySectors(from, to);
      }
    }
  }

  private void trySectors(long from, long to) throws IOException {
    for (long at = from; at < to; at += options.sectorSize()) {
      attempt(at, Math.min(to, at + options.sectorSize()), BAD_SECTOR);
    }
  }

  /// Reads a run of at most 64 KiB from the source.
  ///
  /// @param failed what becomes of it when it cannot be read
  /// @return true when it was read
  boolean attempt(long start, long end, BlockStatus failed) throws IOException {
    changed = true;
    MemorySegment piece = buffer.asSlice(0, end - start);
    try {
      if (source.extentAt(start, end - start).readsZero()
          && source.extentAt(start, end - start).end() == end) {
        map.set(start, end, FINISHED); // as the image has it
        return true;
      }
      source.read(start, piece);
    } catch (IOException unreadable) {
      map.set(start, end, failed);
      return false;
    }
    image.disk().write(start, piece);
    map.set(start, end, FINISHED);
    return true;
  }

  /// Saves the map when that is due.
  void saveNowAndThen(Phase now) throws IOException {
    phase = now;
    if (System.nanoTime() - saved > SAVE_EVERY) {
      save();
    }
  }

  private void save() throws IOException {
    saved = System.nanoTime();
    if (!changed) {
      return;
    }
    image.disk().sync();
    try (BesideFile beside = BesideFile.of(mapFile)) {
      Files.writeString(beside.path(), MapText.encode(map, phase));
      beside.publishReplacing();
    }
    changed = false;
  }

  /// Writes down how far it came, and closes the image.
  @Override
  public void close() throws IOException {
    try (arena;
        image) {
      save();
    }
  }
}
