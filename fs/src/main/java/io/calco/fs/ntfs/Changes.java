package io.calco.fs.ntfs;

import io.calco.disk.LimitExceededException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Runs operations: each is done in memory, undone there when it fails, and written with others or,
/// where it has to be, by itself.
final class Changes {
  private static final int MANY = 2048; // ours: changed units after which they are written

  final Volume volume;
  final ClusterAllocator clusters;
  final Records records;
  private final Commit commit;
  private final Map<Long, EditedFile> edited = new LinkedHashMap<>();
  private final List<IndexTree.Emptied> emptied = new ArrayList<>();
  private boolean alone;
  private boolean broken;

  /// What an operation does.
  @FunctionalInterface
  interface Body {
    void run() throws IOException;
  }

  Changes(Volume volume) throws IOException {
    this.volume = volume;
    this.clusters = new ClusterAllocator(volume);
    this.records = new Records(volume, clusters);
    this.commit = new Commit(volume);
  }

  /// Does an operation, all or nothing; then takes the blocks out of indexes that it left empty.
  void run(Body body) throws IOException {
    runOne(body);
    for (IndexTree.Emptied leaf : List.copyOf(emptied)) {
      tidy(leaf);
    }
  }

  /// Takes an empty leaf out of its index, in two operations.
  private void tidy(IndexTree.Emptied leaf) throws IOException {
    boolean[] empty = {false};
    runOne(() -> empty[0] = tree(leaf).isLeafEmpty(leaf.gap()));
    if (empty[0]) {
      IndexTree.Side[] side = {IndexTree.Side.NONE};
      runOne(() -> side[0] = tree(leaf).copyAside(leaf.gap()));
      if (side[0] != IndexTree.Side.NONE) {
        runOne(() -> tree(leaf).removeEmptyLeaf(leaf.gap(), side[0]));
      }
    }
  }

  private IndexTree tree(IndexTree.Emptied leaf) throws IOException {
    return new IndexTree(this, file(leaf.file()), leaf.name(), leaf.collation());
  }

  /// Hears of a leaf that this operation leaves empty.
  void emptied(IndexTree.Emptied leaf) {
    emptied.add(leaf);
  }

  private void runOne(Body body) throws IOException {
    if (broken) {
      throw new IOException("NTFS: no more changes after a failed write");
    }
    try {
      attempt(body);
    } catch (OwnCommitException e) {
      commit();
      alone = true;
      attemptLast(body);
    } catch (NoSpaceException e) {
      commit(); // what was freed is free then
      attemptLast(body);
    }
    if (alone || volume.units.changed().size() > MANY) {
      alone = false;
      commit();
    }
  }

  private void attemptLast(Body body) throws IOException {
    try {
      attempt(body);
    } catch (OwnCommitException e) {
      alone = true;
      attemptLast(body);
    } catch (NoSpaceException e) {
      alone = false;
      throw e.asLimit();
    } catch (IOException | RuntimeException e) {
      alone = false;
      throw e;
    }
  }

  private void attempt(Body body) throws IOException {
    volume.units.begin();
    emptied.clear();
    boolean done = false;
    try {
      body.run();
      for (EditedFile file : edited.values()) {
        file.store(records, clusters);
      }
      done = true;
    } finally {
      edited.clear();
      if (done) {
        volume.units.end();
      } else {
        volume.units.rollback();
        volume.loadMft();
      }
    }
  }

  /// Says that the operation moves names between blocks.
  void requireAlone() throws OwnCommitException {
    if (!alone) {
      throw new OwnCommitException();
    }
  }

  /// True when the operation is written by itself, in the order of its ranks.
  boolean isAlone() {
    return alone;
  }

  /// The file as this operation changes it; put into its record at the operation's end.
  EditedFile file(long number) throws IOException {
    EditedFile file = edited.get(number);
    if (file == null) {
      file = EditedFile.load(volume, number);
      edited.put(number, file);
    }
    return file;
  }

  /// Adds a file that this operation makes.
  void add(EditedFile file) {
    edited.put(file.number(), file);
  }

  /// Writes all changes.
  void commit() throws IOException {
    write(commit::write);
  }

  /// Writes all changes and marks the volume as in order.
  void finish() throws IOException {
    if (!broken) {
      write(commit::finish);
    }
  }

  private void write(Body body) throws IOException {
    boolean done = false;
    try {
      body.run();
      done = true;
    } finally {
      broken |= !done;
    }
  }

  /// A limit that the caller hears of as it is.
  static LimitExceededException limit(String message) {
    return new LimitExceededException("NTFS: " + message);
  }
}
