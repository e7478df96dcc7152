package io.calco.volume.lvm;

import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Extents of a linear volume that lie together on a physical volume.
///
/// @param start the first one's number in the volume
/// @param count how many, at least 1
/// @param place the first one's number on the physical volume
record LinearRun(long start, long count, long place) {

  /// What a segment of a linear volume lies on; empty when it is no such segment.
  ///
  /// @param device the physical volume's name in the text
  static Optional<LinearRun> of(Segment segment, String device) {
    return segment.layout() instanceof Segment.Striped(List<Segment.Area> areas, long sectors)
            && areas.size() == 1
            && areas.getFirst().name().equals(device)
        ? Optional.of(new LinearRun(segment.start(), segment.count(), areas.getFirst().start()))
        : Optional.empty();
  }

  /// Where linear volumes lie on a physical volume that ends earlier. What lies before the new end
  /// stays; the rest comes into the first extents that are free then.
  ///
  /// @param counts extents of those that get fewer, by name
  /// @param end the physical volume's extents
  /// @return runs in the order of each volume, by name, of those volumes that change
  /// @throws CorruptImageException when two lie on the same extent
  /// @throws LimitExceededException when they do not fit
  static Map<String, List<LinearRun>> packed(
      Collection<GroupMap.Volume> volumes, Map<String, Long> counts, long end)
      throws CorruptImageException, LimitExceededException {
    Map<String, List<LinearRun>> places = new LinkedHashMap<>();
    Map<String, List<LinearRun>> moving = new LinkedHashMap<>();
    TreeMap<Long, Long> used = new TreeMap<>();
    for (GroupMap.Volume volume : volumes) {
      List<LinearRun> stays = new ArrayList<>();
      List<LinearRun> moves = new ArrayList<>();
      long count = counts.getOrDefault(volume.name(), volume.extents());
      for (Segment segment : volume.segments()) {
        Segment.Striped layout = (Segment.Striped) segment.layout();
        long place = layout.areas().getFirst().start();
        long kept = Math.clamp(count - segment.start(), 0, segment.count());
        long inside = Math.clamp(end - place, 0, kept);
        if (inside > 0) {
          stays.add(new LinearRun(segment.start(), inside, place));
          if (used.put(place, inside) != null) {
            throw twice(place);
          }
        }
        if (kept > inside) {
          moves.add(new LinearRun(segment.start() + inside, kept - inside, place + inside));
        }
      }
      if (!moves.isEmpty() || count < volume.extents()) {
        places.put(volume.name(), stays);
        moving.put(volume.name(), moves);
      }
    }
    TreeMap<Long, Long> free = free(used, end);
    for (Map.Entry<String, List<LinearRun>> entry : places.entrySet()) {
      for (LinearRun run : moving.getOrDefault(entry.getKey(), List.of())) {
        entry.getValue().addAll(taken(free, run));
      }
      entry.setValue(joined(entry.getValue()));
    }
    return places;
  }

  private static CorruptImageException twice(long place) {
    return new CorruptImageException("LVM2: two volumes lie on extent " + place);
  }

  private static TreeMap<Long, Long> free(TreeMap<Long, Long> used, long end)
      throws CorruptImageException {
    TreeMap<Long, Long> free = new TreeMap<>();
    long at = 0;
    for (Map.Entry<Long, Long> run : used.entrySet()) {
      if (run.getKey() < at) {
        throw twice(run.getKey());
      }
      if (run.getKey() > at) {
        free.put(at, run.getKey() - at);
      }
      at = run.getKey() + run.getValue();
    }
    if (at < end) {
      free.put(at, end - at);
    }
    return free;
  }

  /// Takes as many extents as a run has from the first that are free.
  private static List<LinearRun> taken(TreeMap<Long, Long> free, LinearRun run)
      throws LimitExceededException {
    List<LinearRun> taken = new ArrayList<>();
    for (long done = 0; done < run.count(); ) {
      Map.Entry<Long, Long> first = free.pollFirstEntry();
      if (first == null) {
        throw new LimitExceededException(
            "LVM2: the volumes do not fit on the extents of a shorter physical volume");
      }
      long count = Math.min(run.count() - done, first.getValue());
      taken.add(new LinearRun(run.start() + done, count, first.getKey()));
      if (count < first.getValue()) {
        free.put(first.getKey() + count, first.getValue() - count);
      }
      done += count;
    }
    return taken;
  }

  private static List<LinearRun> joined(List<LinearRun> runs) {
    List<LinearRun> sorted = new ArrayList<>(runs);
    sorted.sort(Comparator.comparingLong(LinearRun::start));
    List<LinearRun> joined = new ArrayList<>();
    for (LinearRun run : sorted) {
      @Nullable LinearRun last = joined.isEmpty() ? null : joined.getLast();
      if (last != null && last.place() + last.count() == run.place()) {
        joined.set(
            joined.size() - 1,
            new LinearRun(last.start(), last.count() + run.count(), last.place()));
      } else {
        joined.add(run);
      }
    }
    return joined;
  }
}
