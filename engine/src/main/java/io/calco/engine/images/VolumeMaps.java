package io.calco.engine.images;

import io.calco.disk.HostFile;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.guest.GuestDisk;
import io.calco.guest.GuestVolume;
import io.calco.volume.VolumeKeys;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Looks where the blocks in use lie in a disk's file systems, for a picture.
public final class VolumeMaps {
  private static final Logger LOG = System.getLogger(VolumeMaps.class.getName());

  /// In how many parts a file system is told.
  private static final int CELLS = 160;

  private static final int VOLUMES_MAX = 64;

  private VolumeMaps() {}

  /// The file systems of a raw disk that can be read within some time; what was found by then.
  ///
  /// @param disk is closed, and also when this fails
  public static List<VolumeFilling> ofRawOwning(HostFile disk, Duration most) throws IOException {
    return ofOwning(
        Image.openOwning(
            new WatchedFile(disk, most, () -> false), ImageOptions.reading().withFormat("raw")));
  }

  /// The file systems of an image that can be read; what was found before the first failure.
  static List<VolumeFilling> ofOwning(Image image) {
    List<VolumeFilling> found = new ArrayList<>();
    try (image;
        GuestDisk guest = GuestDisk.openReadOnly(image.disk(), VolumeKeys.none())) {
      for (GuestVolume volume : guest.fileSystems()) {
        if (found.size() < VOLUMES_MAX) {
          found.add(new VolumeFilling(volume.partitionNumber(), volume.devices(), cells(volume)));
        }
      }
    } catch (IOException | RuntimeException e) { // what was found so far is shown
      LOG.log(Level.DEBUG, () -> "not all was mapped: " + e.getMessage());
    }
    return List.copyOf(found);
  }

  private static List<Integer> cells(GuestVolume volume) throws IOException {
    Counter counter = new Counter(Math.max(1, volume.facts().size()));
    volume.fileSystem().usedRuns(counter::add);
    return counter.percents();
  }

  /// Bytes in use, by part.
  private static final class Counter {
    private final long size;
    private final long cell;
    private final long[] used = new long[CELLS];

    Counter(long size) {
      this.size = Math.min(size, Long.MAX_VALUE / 2); // hostile, as all that a superblock says
      this.cell = Math.ceilDiv(this.size, CELLS);
    }

    /// What lies beyond the end does not count.
    void add(long offset, long length) {
      long end = length > size - offset ? size : offset + length;
      for (long at = Math.max(0, offset); at < end; ) {
        int index = (int) (at / cell);
        long next = Math.min(end, (index + 1) * cell);
        used[index] += next - at;
        at = next;
      }
    }

    List<Integer> percents() {
      List<Integer> percents = new ArrayList<>(CELLS);
      for (int i = 0; i < CELLS; i++) {
        long length = Math.min(cell, size - Math.min(size, i * cell));
        percents.add(length == 0 ? 0 : (int) Math.min(100, Math.ceilDiv(used[i] * 100, length)));
      }
      return percents;
    }
  }
}
