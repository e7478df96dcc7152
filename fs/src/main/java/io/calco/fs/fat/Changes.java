package io.calco.fs.fat;

import io.calco.disk.Disk;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The directories that changed, with what the disk holds of them, and how the change is written.
final class Changes {
  /// A changed directory.
  private static final class Changed {
    private final Directory directory;
    private byte[] onDisk;
    private int endOnDisk;

    Changed(Directory directory, byte[] onDisk) {
      this.directory = directory;
      this.onDisk = onDisk;
      this.endOnDisk = end(onDisk);
    }
  }

  private final Map<Integer, Changed> changed = new LinkedHashMap<>();

  /// Slots before the mark that ends a directory.
  private static int end(byte[] slots) {
    int end = 0;
    while (end < slots.length && !Slot.isEnd(slots, end)) {
      end += Slot.BYTES;
    }
    return end / Slot.BYTES;
  }

  private static boolean isUsed(byte[] slots, int end, int slot) {
    return slot < end && !Slot.isDeleted(slots, slot * Slot.BYTES);
  }

  /// Takes note that a directory is about to change.
  void edit(Directory directory) {
    Changed known = changed.get(directory.first());
    if (known == null) {
      directory.volume().unkeep(directory.first());
      changed.put(directory.first(), new Changed(directory, directory.slots().clone()));
    } else if (known.directory != directory) {
      throw new IllegalStateException("a directory is changed in two places");
    }
  }

  /// Takes note of a directory of which nothing is on the disk.
  void created(Directory directory) {
    changed.put(directory.first(), new Changed(directory, new byte[0]));
  }

  /// The directory is no more.
  void drop(int first) {
    changed.remove(first);
  }

  @Nullable Directory find(int first) {
    Changed found = changed.get(first);
    return found == null ? null : found.directory;
  }

  int count() {
    return changed.size();
  }

  /// True when nothing that must stay until the next commit is in the slot on the disk.
  boolean isFreeOnDisk(Directory directory, int slot) {
    Changed found = changed.get(directory.first());
    return found == null || !isUsed(found.onDisk, found.endOnDisk, slot);
  }

  /// True when slots become free with the next commit.
  boolean hasRemovals(Directory directory) {
    Changed found = changed.get(directory.first());
    if (found == null) {
      return false;
    }
    int end = end(directory.slots());
    for (int slot = 0; slot < found.endOnDisk; slot++) {
      if (isUsed(found.onDisk, found.endOnDisk, slot) && !isUsed(directory.slots(), end, slot)) {
        return true;
      }
    }
    return false;
  }

  /// Writes clusters of directories that nobody can see yet.
  void writeNewClusters() throws IOException {
    for (Changed each : changed.values()) {
      byte[] slots = each.directory.slots();
      int unit = each.directory.volume().geometry().clusterBytes();
      if (each.onDisk.length < slots.length) {
        byte[] image = Arrays.copyOf(each.onDisk, slots.length);
        System.arraycopy(
            slots,
            each.onDisk.length,
            image,
            each.onDisk.length,
            slots.length - each.onDisk.length);
        for (int at = each.onDisk.length; at < slots.length; at += unit) {
          write(each, slots, at, at + unit);
        }
        each.onDisk = image;
        each.endOnDisk = end(image);
      }
    }
  }

  /// Writes names that are new or changed; those that are to go stay.
  ///
  /// @return true when there were any
  boolean writeAdditions() throws IOException {
    boolean any = false;
    for (Changed each : changed.values()) {
      any |= write(each, additions(each));
    }
    return any;
  }

  /// Writes all; afterwards nothing is changed.
  ///
  /// @return true when there was any
  boolean writeRemovals() throws IOException {
    boolean any = false;
    for (Changed each : changed.values()) {
      any |= write(each, each.directory.slots());
    }
    changed.values().forEach(each -> each.directory.volume().keep(each.directory));
    changed.clear();
    return any;
  }

  private static byte[] additions(Changed each) {
    byte[] now = each.directory.slots();
    byte[] image = now.clone();
    int end = end(now);
    int unit = each.directory.volume().geometry().sectorBytes();
    for (int from = 0; from < now.length; from += unit) {
      int to = Math.min(from + unit, now.length);
      BitSet removed = new BitSet();
      for (int slot = from / Slot.BYTES; slot < to / Slot.BYTES; slot++) {
        if (isUsed(each.onDisk, each.endOnDisk, slot) && !isUsed(now, end, slot)) {
          removed.set(slot);
        }
      }
      if (!removed.isEmpty() && !moves(each, removed, from, to)) {
        removed.stream()
            .forEach(slot ->
                System.arraycopy(
                    each.onDisk, slot * Slot.BYTES, image, slot * Slot.BYTES, Slot.BYTES));
      }
    }
    return image;
  }

  /// True when a file gets another name within the sector: then both names change at once.
  private static boolean moves(Changed each, BitSet removed, int from, int to) {
    byte[] now = each.directory.slots();
    Set<Integer> clusters = new HashSet<>();
    removed.stream()
        .filter(slot -> !Slot.isLongName(each.onDisk, slot * Slot.BYTES))
        .forEach(slot -> clusters.add(Slot.cluster(each.onDisk, slot * Slot.BYTES, 32)));
    for (int at = from; at < to; at += Slot.BYTES) {
      boolean isSame = Arrays.equals(each.onDisk, at, at + Slot.BYTES, now, at, at + Slot.BYTES);
      if (!isSame
          && !Slot.isDeleted(now, at)
          && !Slot.isLongName(now, at)
          && clusters.contains(Slot.cluster(now, at, 32))) {
        return true;
      }
    }
    return false;
  }

  /// Brings the sectors that differ to the disk, neighbours together.
  private static boolean write(Changed each, byte[] image) throws IOException {
    Geometry geometry = each.directory.volume().geometry();
    int unit = geometry.sectorBytes();
    boolean any = false;
    for (int at = 0; at < image.length; ) {
      int to = at;
      while (to < image.length && differs(each.onDisk, image, to, unit) && isOneRun(each, at, to)) {
        to = Math.min(to + unit, image.length);
      }
      if (to > at) {
        write(each, image, at, to);
        any = true;
      }
      at = Math.max(to, at + unit);
    }
    each.onDisk = image.clone();
    each.endOnDisk = end(image);
    return any;
  }

  private static boolean differs(byte[] onDisk, byte[] image, int at, int unit) {
    int to = Math.min(at + unit, image.length);
    return !Arrays.equals(onDisk, at, to, image, at, to);
  }

  private static boolean isOneRun(Changed each, int from, int at) {
    return each.directory.offset(at) - each.directory.offset(from) == at - from;
  }

  private static void write(Changed each, byte[] image, int from, int to) throws IOException {
    Disk disk = each.directory.volume().disk();
    disk.writeBytes(each.directory.offset(from), Arrays.copyOfRange(image, from, to));
  }
}
