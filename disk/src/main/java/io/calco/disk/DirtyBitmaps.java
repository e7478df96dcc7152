package io.calco.disk;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// The dirty bitmaps that an image keeps in its file: each records which parts of the disk were
/// written since it was added or cleared, across programs that open the image. What an incremental
/// backup asks.
///
/// While an image is written its recording bitmaps are marked as in use in the file, and are made
/// true again when it is closed; if that does not come about they stay marked, and say of
/// themselves that they are not consistent. They are never silently behind.
///
/// Thread rule: as [Disk]; each change keeps everybody else out of the image. Each is whole or not
/// at all.
public interface DirtyBitmaps {

  /// Whether a bitmap follows what is written.
  enum Recording {
    /// What is written is marked.
    ENABLED,
    /// It stays as it is.
    DISABLED
  }

  /// A bitmap.
  ///
  /// @param name its name, control characters replaced
  /// @param granularity guest bytes that one bit stands for, a power of two
  /// @param recording whether it follows what is written
  /// @param consistent false when it was in use by a program that did not close the image; then all
  ///   that can be done is to remove it
  record DirtyBitmap(String name, long granularity, Recording recording, boolean consistent) {}

  /// A run of the disk, in bytes.
  ///
  /// @param offset its first byte
  /// @param length at least 1
  record Run(long offset, long length) {}

  /// Receives runs of the disk.
  interface RunSink {
    /// A run that may have been written; runs ascend and do not touch.
    void accept(Run run) throws IOException;
  }

  /// QEMU's for images with clusters of 64 KiB or more.
  long DEFAULT_GRANULARITY = 64 << 10;

  /// Ours: runs that are merged at once.
  int MERGED_RUNS_MAX = 8 << 20;

  /// All bitmaps, in the file's order.
  List<DirtyBitmap> list() throws IOException;

  /// The runs that a consistent bitmap has marked, on its granularity's grid, the last cut at the
  /// disk's end.
  ///
  /// @throws UnsupportedFeatureException when there is no such bitmap, or it is not consistent
  void forEachDirty(String name, RunSink sink) throws IOException;

  /// Adds a bitmap that has nothing marked.
  ///
  /// @param name 1 to 1023 bytes of UTF-8, not another bitmap's
  /// @param granularity a power of two from 512 to 2 GiB; [#DEFAULT_GRANULARITY] is usual
  void add(String name, long granularity, Recording recording) throws IOException;

  /// Removes a bitmap, consistent or not.
  void remove(String name) throws IOException;

  /// Unmarks everything in a consistent bitmap.
  void clear(String name) throws IOException;

  /// Lets a consistent bitmap follow what is written from now on, or lets it rest.
  void setRecording(String name, Recording recording) throws IOException;

  /// Marks runs in a consistent bitmap; what lies beyond the disk is left out.
  void mark(String name, List<Run> runs) throws IOException;

  /// Marks in a consistent bitmap everything that another one has marked, of this image or of
  /// another.
  ///
  /// @param target a bitmap here
  /// @param source where the other one is
  /// @param name the other one
  /// @throws LimitExceededException when it has more than [#MERGED_RUNS_MAX] runs
  default void merge(String target, DirtyBitmaps source, String name) throws IOException {
    List<Run> runs = new ArrayList<>();
    source.forEachDirty(
        name,
        run -> {
          if (runs.size() == MERGED_RUNS_MAX) {
            throw new LimitExceededException(
                "bitmap \"%s\" has more than %d runs (our limit)".formatted(name, MERGED_RUNS_MAX));
          }
          runs.add(run);
        });
    mark(target, runs);
  }
}
