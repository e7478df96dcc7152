package io.calco.fs.exfat;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.DirectoryEntry;
import io.calco.fs.FileStatus;
import io.calco.fs.FileSystemFacts;
import io.calco.fs.NodeFileSystem;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/// An opened exFAT file system.
final class ExfatFileSystem extends NodeFileSystem<ExfatFileSystem.Node> {
  private static final int BYTES_KEPT = 8 << 20; // ours: of directories
  private static final int BITMAP_READ = 1 << 20;
  private static final long ROOT_MAX = 256L << 20; // the specification's

  /// A file and the way to it.
  ///
  /// @param entry the file
  /// @param parent the directory it is in; empty for the root
  record Node(ExfatEntry entry, Optional<Node> parent) {
    boolean isWithin(long cluster) {
      for (Optional<Node> at = Optional.of(this); at.isPresent(); at = at.get().parent) {
        if (at.get().entry.stream().first() == cluster) {
          return true;
        }
      }
      return false;
    }
  }

  private final Geometry geometry;
  private final Clusters clusters;
  private final ExfatDirectory rootDirectory;
  private final UpCase upCase;
  private final Node root;
  private final LinkedHashMap<Long, ExfatDirectory> directories =
      new LinkedHashMap<>(16, 0.75f, true);
  private long kept;

  ExfatFileSystem(Disk disk) throws IOException {
    super("exFAT");
    this.geometry = Geometry.load(disk);
    this.clusters = new Clusters(disk, geometry);
    long first = geometry.rootCluster();
    Clusters.Stream stream =
        new Clusters.Stream(first, false, clusters.chainBytes(first, ROOT_MAX));
    Optional<Clusters.Stream> table = ExfatDirectory.load(clusters, stream, UpCase.none()).upCase();
    this.upCase = table.isPresent() ? UpCase.load(clusters, table.get()) : UpCase.none();
    this.rootDirectory = ExfatDirectory.load(clusters, stream, upCase);
    this.root = new Node(ExfatEntry.root(stream), Optional.empty());
  }

  @Override
  protected Node root() {
    return root;
  }

  private ExfatDirectory directory(Node node) throws IOException {
    Clusters.Stream stream = node.entry().stream();
    if (stream.first() == geometry.rootCluster()) {
      return rootDirectory;
    }
    ExfatDirectory found = directories.get(stream.first());
    if (found == null) {
      found = ExfatDirectory.load(clusters, stream, upCase);
      directories.put(stream.first(), found);
      kept += found.size();
      var eldest = directories.entrySet().iterator();
      while (kept > BYTES_KEPT && directories.size() > 1) {
        kept -= eldest.next().getValue().size();
        eldest.remove();
      }
    }
    return found;
  }

  @Override
  protected Optional<Node> child(Node directory, String name) throws IOException {
    Optional<ExfatEntry> found = directory(directory).find(upCase.key(name));
    if (found.isPresent()
        && found.get().isDirectory()
        && directory.isWithin(found.get().stream().first())) {
      throw CorruptImageException.at(
          "exFAT",
          "directory entry \"" + name + "\"",
          geometry.offset(found.get().stream().first()),
          "a directory above it",
          "clusters of its own");
    }
    return found.map(entry -> new Node(entry, Optional.of(directory)));
  }

  @Override
  protected List<DirectoryEntry> entries(Node directory) throws IOException {
    List<DirectoryEntry> entries = new ArrayList<>();
    for (ExfatEntry entry : directory(directory).entries()) {
      entries.add(new DirectoryEntry(entry.name(), entry.inode(), entry.type()));
    }
    return entries;
  }

  @Override
  protected FileStatus status(Node node) throws IOException {
    ExfatEntry entry = node.entry();
    int links = 1;
    if (entry.isDirectory()) {
      links = 2 + (int) directory(node).entries().stream().filter(ExfatEntry::isDirectory).count();
    }
    long size = entry.stream().length();
    return new FileStatus(
        entry.inode(),
        entry.type(),
        size,
        entry.permissions(),
        0,
        0,
        links,
        entry.modified(),
        geometry.clustersFor(size) * geometry.clusterBytes());
  }

  @Override
  protected int readAt(Node file, long offset, MemorySegment dst) throws IOException {
    if (offset < 0) {
      throw new IllegalArgumentException("offset " + offset);
    }
    ExfatEntry entry = file.entry();
    long length = Math.min(dst.byteSize(), entry.stream().length() - offset);
    if (length <= 0) {
      return 0;
    }
    long valid = Math.clamp(entry.validLength() - offset, 0, length);
    if (valid > 0) {
      clusters.read(entry.stream(), offset, dst.asSlice(0, valid));
    }
    dst.asSlice(valid, length - valid).fill((byte) 0);
    return (int) length;
  }

  @Override
  protected String target(Node link) {
    throw new IllegalStateException("exFAT has no links");
  }

  @Override
  public FileSystemFacts facts() throws IOException {
    long[] used = {0};
    visitUsed((from, to) -> used[0] += to - from);
    int serial = geometry.serial();
    return new FileSystemFacts(
        "exfat",
        Optional.of("%04X-%04X".formatted(serial >>> 16, serial & 0xFFFF)),
        rootDirectory.label().filter(text -> !text.isEmpty()),
        geometry.size(),
        (geometry.clusters() - used[0]) * geometry.clusterBytes(),
        geometry.clusterBytes(),
        geometry.clean());
  }

  @FunctionalInterface
  private interface Visitor {
    /// Takes a run of clusters in use, counted from the first one.
    void accept(long from, long to) throws IOException;
  }

  private void visitUsed(Visitor visitor) throws IOException {
    List<Clusters.Stream> bitmaps = rootDirectory.bitmaps();
    int which = geometry.secondFat() && bitmaps.size() > 1 ? 1 : 0;
    if (bitmaps.isEmpty() || bitmaps.get(which).length() < (geometry.clusters() + 7L) / 8) {
      throw new CorruptImageException(
          "exFAT: root directory: found no bitmap of %d clusters".formatted(geometry.clusters()));
    }
    Clusters.Stream bitmap = bitmaps.get(which);
    byte[] bytes = new byte[BITMAP_READ];
    long runStart = -1;
    for (long at = 0; at < geometry.clusters(); at += 8L * BITMAP_READ) {
      int bits = (int) Math.min(8L * BITMAP_READ, geometry.clusters() - at);
      clusters.read(bitmap, at / 8, MemorySegment.ofArray(bytes).asSlice(0, (bits + 7) / 8));
      for (int bit = 0; bit < bits; ) {
        boolean isUniform =
            bit % 64 == 0
                && bit + 64 <= bits
                && LittleEndian.s64(bytes, bit / 8) == (runStart < 0 ? 0 : -1L);
        if (isUniform) {
          bit += 64;
          continue;
        }
        boolean isUsed = (bytes[bit / 8] >>> (bit % 8) & 1) != 0;
        if (isUsed && runStart < 0) {
          runStart = at + bit;
        } else if (!isUsed && runStart >= 0) {
          visitor.accept(runStart, at + bit);
          runStart = -1;
        }
        bit++;
      }
    }
    if (runStart >= 0) {
      visitor.accept(runStart, geometry.clusters());
    }
  }

  /// Everything before the clusters, and the clusters that the bitmap has.
  @Override
  public void usedRuns(RunConsumer run) throws IOException {
    long[] pending = {0, geometry.heapOffset()};
    visitUsed((from, to) -> {
      long start = geometry.offset(from + 2);
      if (start > pending[1]) {
        run.accept(pending[0], pending[1] - pending[0]);
        pending[0] = start;
      }
      pending[1] = geometry.offset(to + 2);
    });
    run.accept(pending[0], pending[1] - pending[0]);
  }
}
