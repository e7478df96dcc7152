package io.calco.engine.nbd;

import io.calco.disk.DirtyBitmaps;
import io.calco.disk.Disk;
import io.calco.disk.Image;
import io.calco.nbd.DirtyRuns;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A disk that is to be served.
///
/// @param name what clients ask for; empty for the one that they get without asking
/// @param disk can be written by clients if it can be written at all; stays its opener's to close
/// @param bitmaps what clients are told, beside what is allocated
public record ServedDisk(String name, Disk disk, List<DirtyRuns> bitmaps) {
  /// Copies the list.
  public ServedDisk {
    bitmaps = List.copyOf(bitmaps);
  }

  /// A disk of which no more is known.
  public static ServedDisk of(String name, Disk disk) {
    return new ServedDisk(name, disk, List.of());
  }

  /// An image's disk. Its dirty bitmaps that are consistent are told if it is only read: nobody
  /// else changes it meanwhile.
  public static ServedDisk of(String name, Image image) throws IOException {
    List<DirtyRuns> runs = new ArrayList<>();
    Optional<DirtyBitmaps> bitmaps = image.bitmaps();
    if (bitmaps.isPresent() && !image.disk().capabilities().writable()) {
      for (DirtyBitmaps.DirtyBitmap bitmap : bitmaps.get().list()) {
        if (bitmap.consistent()) {
          runs.add(DirtyRuns.read(bitmaps.get(), bitmap.name()));
        }
      }
    }
    return new ServedDisk(name, image.disk(), runs);
  }
}
