package io.calco.guest.registry;

import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// A registry hive in memory.
///
/// A hive that was not written completely is mended in memory from its transaction logs, as Windows
/// would when it loads it; [#recovery] tells. Files are never touched: what [#bytes] gives is the
/// whole new file, for its owner to write.
public final class Hive {
  /// Most bytes of a hive's file: 512 MiB, ours.
  public static final int MAX_SIZE = BaseBlock.SIZE + Cells.MAX_BINS;

  /// Owner and group: administrators; full control for administrators and the system, reading for
  /// users.
  private static final byte[] DESCRIPTOR = SecurityDescriptor.forNewHive();

  private final BaseBlock base;
  private final Cells cells;
  private final Recovery recovery;
  private final int sequence;
  private Optional<Instant> now = Optional.empty();

  private Hive(BaseBlock base, Cells cells, Recovery recovery, int sequence) {
    this.base = base;
    this.cells = cells;
    this.recovery = recovery;
    this.sequence = sequence;
  }

  /// Reads a hive.
  ///
  /// @param file its name, for messages
  /// @param content the whole file
  /// @param logs the whole files `.LOG1` and `.LOG2`, those that are there
  /// @throws CorruptImageException when it is no hive
  /// @throws UnsupportedFeatureException when its version is not known
  public static Hive of(String file, byte[] content, List<byte[]> logs) throws IOException {
    BaseBlock base = BaseBlock.of(file, content);
    boolean dirty = !base.sumIsRight() || !base.sequencesAgree();
    if (!base.sumIsRight()) {
      base = fromLog(file, logs);
    }
    base.checkVersion(file);
    byte[] bins = bins(file, content, base, dirty);
    if (!dirty) {
      return new Hive(base, new Cells(file, bins), Recovery.CLEAN, base.primarySequence());
    }
    int sequence = base.primarySequence();
    Recovery recovery = Recovery.DIRTY;
    for (TransactionLog.Entry entry : subsequent(logs, sequence)) {
      if (entry.binsSize() - (long) bins.length > entry.logSize()) {
        break; // new bins would be in the log as a whole
      }
      bins = entry.applyTo(bins);
      sequence = entry.sequence();
      recovery = Recovery.REPLAYED;
    }
    return new Hive(base, new Cells(file, bins), recovery, sequence);
  }

  /// Reads a hive from a stream, which is read to its end.
  public static Hive of(String file, InputStream content, List<byte[]> logs) throws IOException {
    byte[] bytes = content.readNBytes(MAX_SIZE + 1);
    if (bytes.length > MAX_SIZE) {
      throw tooLarge(file, bytes.length);
    }
    return of(file, bytes, logs);
  }

  /// A new hive with a root key alone.
  ///
  /// @param rootName what the root calls itself
  public static Hive create(String rootName, Instant now) throws IOException {
    byte[] bins = new byte[Cells.BIN];
    Cells.formatBin(bins, 0, Cells.BIN);
    Cells cells = new Cells(rootName, bins);
    KeyNode root = KeyNode.create(cells, rootName, KeyNode.ROOT);
    root.put(KeyNode.SECURITY, SecurityCell.create(cells, DESCRIPTOR));
    root.putLastWritten(FileTime.of(now));
    BaseBlock base = BaseBlock.create(root.cell(), cells.size(), now);
    Hive hive = new Hive(base, cells, Recovery.CLEAN, 0);
    hive.edit(now);
    return hive;
  }

  private static LimitExceededException tooLarge(String file, long size) {
    return new LimitExceededException(
        "%s: a registry hive of %d bytes; at most %d are read (our limit)"
            .formatted(file, size, MAX_SIZE));
  }

  /// The base block that a log keeps for a primary file whose own is not to be trusted.
  private static BaseBlock fromLog(String file, List<byte[]> logs) throws IOException {
    CorruptImageException failure =
        CorruptImageException.at(
            file,
            "registry base block's checksum",
            508,
            "a wrong one",
            "its sum, or a log with it");
    for (byte[] log : logs) {
      try {
        BaseBlock base = BaseBlock.of(file, log);
        if (base.sumIsRight()) {
          return base;
        }
      } catch (CorruptImageException e) {
        failure.addSuppressed(e);
      }
    }
    throw failure;
  }

  private static byte[] bins(String file, byte[] content, BaseBlock base, boolean dirty)
      throws IOException {
    long size = base.binsSize();
    if (size == 0 || size % Cells.BIN != 0) {
      throw CorruptImageException.at(
          file, "registry hive bins' size", 40, size, "a multiple of " + Cells.BIN);
    }
    if (size > Cells.MAX_BINS) {
      throw tooLarge(file, size);
    }
    if (size > content.length - BaseBlock.SIZE && !dirty) {
      throw CorruptImageException.at(
          file, "registry hive bins' size", 40, size, "at most what the file has");
    }
    int there = (int) Math.clamp((long) content.length - BaseBlock.SIZE, 0, size);
    return Arrays.copyOfRange(content, BaseBlock.SIZE, BaseBlock.SIZE + there);
  }

  /// The entries of all logs that go on from `sequence` without a gap, the older log first.
  private static List<TransactionLog.Entry> subsequent(List<byte[]> logs, int sequence) {
    List<List<TransactionLog.Entry>> all =
        logs.stream()
            .map(TransactionLog::entries)
            .filter(entries -> !entries.isEmpty())
            .sorted(Comparator.comparingInt(entries -> entries.getFirst().sequence() - sequence))
            .toList();
    List<TransactionLog.Entry> subsequent = new java.util.ArrayList<>();
    for (List<TransactionLog.Entry> entries : all) {
      for (TransactionLog.Entry entry : entries) {
        boolean follows =
            subsequent.isEmpty()
                ? entry.sequence() - sequence >= 0
                : entry.sequence() == subsequent.getLast().sequence() + 1;
        if (follows) {
          subsequent.add(entry);
        }
      }
    }
    return subsequent;
  }

  /// How the file was found.
  public Recovery recovery() {
    return recovery;
  }

  /// The format's version is 1.`minor`: 3 to 6.
  public int minorVersion() {
    return (int) base.minor();
  }

  /// When Windows last wrote the hive.
  public Instant lastWritten() {
    return base.lastWritten();
  }

  /// The key that all others are below.
  public RegistryKey root() throws IOException {
    return new RegistryKey(this, KeyNode.of(cells, base.rootCell()));
  }

  /// The key at a path of names with backslashes between them, without the root's.
  public Optional<RegistryKey> find(String path) throws IOException {
    return root().find(path);
  }

  /// Allows changes.
  ///
  /// @param now what changed keys and the file get as time
  public Hive edit(Instant now) {
    this.now = Optional.of(now);
    return this;
  }

  void checkEditable() {
    if (now.isEmpty()) {
      throw new IllegalStateException("this hive was not opened for changes: edit() first");
    }
  }

  Instant now() {
    return now.orElseThrow();
  }

  Cells cells() {
    return cells;
  }

  /// The whole file with all changes, marked as written completely. Older logs do no harm: Windows
  /// takes no notice of them then.
  ///
  /// @throws IllegalStateException before [#edit]
  public byte[] bytes() {
    checkEditable();
    byte[] file = new byte[BaseBlock.SIZE + cells.size()];
    base.complete(sequence + 1, cells.size(), now());
    base.store(file);
    System.arraycopy(cells.bytes(), 0, file, BaseBlock.SIZE, cells.size());
    return file;
  }
}
