package io.calco.backup.layout;

import io.calco.volume.Partition;
import io.calco.volume.PartitionKind;
import io.calco.volume.PartitionTable;
import io.calco.volume.Placement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Where each partition is to lie on a disk of some size.
///
/// @param size of the target, in bytes
/// @param placements of all partitions that hold data, ascending by place, and of the extended one
///   when it changes
public record LayoutPlan(long size, List<Placement> placements) {
  /// What stays as long as it is: nothing in it gets more room by growing.
  private static final Set<PartitionKind> RIGID =
      EnumSet.of(
          PartitionKind.EFI_SYSTEM,
          PartitionKind.BIOS_BOOT,
          PartitionKind.PREP_BOOT,
          PartitionKind.LINUX_EXTENDED_BOOT,
          PartitionKind.LINUX_SWAP,
          PartitionKind.LINUX_RESERVED,
          PartitionKind.FREEBSD_BOOT,
          PartitionKind.FREEBSD_SWAP,
          PartitionKind.MICROSOFT_RESERVED,
          PartitionKind.MICROSOFT_LDM_METADATA,
          PartitionKind.WINDOWS_RECOVERY);

  private static final Set<PartitionKind> SWAP =
      EnumSet.of(PartitionKind.LINUX_SWAP, PartitionKind.FREEBSD_SWAP);

  private static final long ALIGNMENT = PartitionTable.ALIGNMENT;

  /// Copies the list.
  public LayoutPlan {
    placements = List.copyOf(placements);
  }

  /// Lays a table's partitions out.
  ///
  /// @param size of the target, in bytes, a multiple of the table's sector
  /// @param contents bytes from a partition's start that what is in it needs, by number; one that
  ///   is not there is needed in full
  /// @throws TooSmallException when they do not fit
  public static LayoutPlan of(
      PartitionTable table, Layout layout, long size, Map<Integer, Long> contents)
      throws TooSmallException {
    Planning planning = new Planning(table, size, contents);
    return new LayoutPlan(
        size,
        switch (layout) {
          case Layout.AsSaved() -> planning.asSaved();
          case Layout.GrowLast() -> planning.growLast();
          case Layout.Proportional() -> planning.proportional();
          case Layout.Listed(List<Placement> listed) -> planning.listed(listed);
        });
  }

  /// Where a partition is to lie; empty when there is none of that number.
  public Optional<Placement> find(int number) {
    return placements.stream().filter(each -> each.number() == number).findFirst();
  }

  /// The work on one table. Confined.
  private static final class Planning {
    private final PartitionTable table;
    private final List<Partition> partitions;
    private final Map<Integer, Long> contents;
    private final long size;
    private final long usableEnd;

    Planning(PartitionTable table, long size, Map<Integer, Long> contents) {
      this.table = table;
      this.contents = contents;
      this.size = size;
      this.usableEnd = table.usableEnd(size);
      this.partitions =
          table.partitions().stream()
              .filter(each -> !each.extended())
              .sorted(Comparator.comparingLong(Partition::start))
              .toList();
    }

    List<Placement> asSaved() throws TooSmallException {
      List<Placement> all = partitions.stream().map(Placement::of).toList();
      return end(all) <= usableEnd ? all : shorter();
    }

    /// The last one ends earlier; where that does not do, gaps go, and partitions give up what they
    /// need not have, one after the other.
    private List<Placement> shorter() throws TooSmallException {
      long[] lengths = lengths();
      int last = lengths.length - 1;
      long room = aligned(usableEnd) - partitions.get(last).start();
      if (!rigid(partitions.get(last)) && room >= needed(partitions.get(last))) {
        lengths[last] = Math.min(lengths[last], room);
        return withExtended(place(lengths, Gaps.KEPT));
      }
      for (int i : givingUp()) {
        long over = end(place(lengths, Gaps.CLOSED)) - usableEnd;
        if (over > 0) {
          long spare = lengths[i] - needed(partitions.get(i));
          lengths[i] -= Math.min(spare, Math.ceilDiv(over, ALIGNMENT) * ALIGNMENT);
        }
      }
      return closed(lengths);
    }

    /// The last partition that can grow, then swap areas, then the others, and those for booting
    /// and recovery last.
    private List<Integer> givingUp() {
      List<Integer> swap = new ArrayList<>();
      List<Integer> rigid = new ArrayList<>();
      List<Integer> others = new ArrayList<>();
      for (int i = partitions.size() - 1; i >= 0; i--) {
        Partition partition = partitions.get(i);
        (SWAP.contains(partition.type().kind()) ? swap : rigid(partition) ? rigid : others).add(i);
      }
      int first = Math.min(1, others.size());
      List<Integer> order = new ArrayList<>(others.subList(0, first));
      order.addAll(swap);
      order.addAll(others.subList(first, others.size()));
      order.addAll(rigid);
      return order;
    }

    private List<Placement> closed(long[] lengths) throws TooSmallException {
      List<Placement> closed = place(lengths, Gaps.CLOSED);
      if (end(closed) > usableEnd) {
        long[] least = partitions.stream().mapToLong(this::needed).toArray();
        throw tooSmall(end(place(least, Gaps.CLOSED)));
      }
      return withExtended(closed);
    }

    private long[] lengths() {
      return partitions.stream().mapToLong(Partition::length).toArray();
    }

    List<Placement> growLast() throws TooSmallException {
      List<Placement> all =
          new ArrayList<>(
              asSaved().stream()
                  .filter(each -> !table.find(each.number()).orElseThrow().extended())
                  .toList());
      if (!all.isEmpty()) {
        Placement last = all.getLast();
        long end = Math.max(last.end(), aligned(usableEnd));
        all.set(all.size() - 1, new Placement(last.number(), last.start(), end - last.start()));
      }
      return withExtended(all);
    }

    List<Placement> listed(List<Placement> listed) throws TooSmallException {
      List<Placement> all = new ArrayList<>();
      for (Partition partition : partitions) {
        Placement place =
            listed.stream()
                .filter(each -> each.number() == partition.number())
                .findFirst()
                .orElse(Placement.of(partition));
        if (place.length() < needed(partition)) {
          throw new IllegalArgumentException(
              "partition %d: %d bytes are listed for it, and what is in it needs %d"
                  .formatted(partition.number(), place.length(), needed(partition)));
        }
        all.add(place);
      }
      all.sort(Comparator.comparingLong(Placement::start));
      requireRoom(all);
      return withExtended(all);
    }

    List<Placement> proportional() throws TooSmallException {
      long[] lengths = lengths();
      List<Placement> saved = place(lengths, Gaps.KEPT);
      if (end(saved) <= usableEnd) {
        grow(lengths, aligned(usableEnd) - end(saved));
        return withExtended(place(lengths, Gaps.KEPT));
      }
      for (boolean rigid : new boolean[] {false, true}) {
        shrink(lengths, end(place(lengths, Gaps.CLOSED)) - usableEnd, rigid);
      }
      return closed(lengths);
    }

    private void grow(long[] lengths, long extra) {
      long weights = 0;
      int moving = 0; // all behind the first that grows
      for (Partition partition : partitions) {
        moving += weights > 0 ? 1 : 0;
        weights += rigid(partition) ? 0 : partition.length();
      }
      // What starts are moved to their alignment by.
      long shared = extra - moving * ALIGNMENT;
      if (shared <= 0) {
        return;
      }
      for (int i = 0; i < lengths.length; i++) {
        if (!rigid(partitions.get(i))) {
          lengths[i] += aligned(share(shared, partitions.get(i).length(), weights));
        }
      }
    }

    /// Takes from all that are rigid, or from all that are not, in proportion to what they need not
    /// have.
    private void shrink(long[] lengths, long over, boolean rigid) {
      long free = 0;
      for (Partition partition : partitions) {
        free += rigid(partition) == rigid ? partition.length() - needed(partition) : 0;
      }
      if (free <= 0 || over <= 0) {
        return;
      }
      for (int i = 0; i < lengths.length; i++) {
        if (rigid(partitions.get(i)) == rigid) {
          long own = lengths[i] - needed(partitions.get(i));
          long less =
              Math.ceilDiv(share(Math.min(over, free), own, free) + 1, ALIGNMENT) * ALIGNMENT;
          lengths[i] -= Math.min(own, less);
        }
      }
    }

    /// `total · part ÷ whole`, whatever their size.
    private static long share(long total, long part, long whole) {
      return Math.multiplyHigh(total, part) == 0 && total * part >= 0
          ? total * part / whole
          : (long) ((double) total * ((double) part / whole));
    }

    private enum Gaps {
      /// A partition stays where it was as long as all before it do.
      KEPT,
      /// A partition begins as soon as it may.
      CLOSED
    }

    /// One after the other.
    private List<Placement> place(long[] lengths, Gaps gaps) {
      List<Placement> all = new ArrayList<>();
      long free = 0;
      boolean moved = false;
      for (int i = 0; i < lengths.length; i++) {
        Partition partition = partitions.get(i);
        long earliest = free + table.lead(partition);
        boolean stays = i == 0 || (gaps == Gaps.KEPT && !moved && earliest <= partition.start());
        long start =
            stays
                ? partition.start()
                : Math.min(
                    Math.ceilDiv(earliest, ALIGNMENT) * ALIGNMENT,
                    moved || earliest > partition.start() ? Long.MAX_VALUE : partition.start());
        Placement place = new Placement(partition.number(), start, lengths[i]);
        moved |= !place.equals(Placement.of(partition));
        free = place.end();
        all.add(place);
      }
      return all;
    }

    /// The extended partition around its logical ones, as long as they need it.
    private List<Placement> withExtended(List<Placement> all) {
      List<Placement> more = new ArrayList<>(all);
      long start = Long.MAX_VALUE;
      long end = 0;
      for (Placement place : all) {
        Partition partition = table.find(place.number()).orElseThrow();
        long lead = table.lead(partition);
        if (lead > 0) {
          start = Math.min(start, place.start() - lead);
          end = Math.max(end, place.end());
        }
      }
      Optional<Partition> extended =
          table.partitions().stream().filter(Partition::extended).findFirst();
      if (extended.isPresent() && end > 0) {
        more.add(new Placement(extended.get().number(), start, end - start));
      }
      return more;
    }

    private static boolean rigid(Partition partition) {
      return RIGID.contains(partition.type().kind());
    }

    private long needed(Partition partition) {
      long sector = table.sectorSize();
      long bytes = contents.getOrDefault(partition.number(), partition.length());
      return Math.clamp(Math.ceilDiv(bytes, sector) * sector, sector, partition.length());
    }

    private static long aligned(long bytes) {
      return bytes - bytes % ALIGNMENT;
    }

    private static long end(List<Placement> all) {
      return all.stream().mapToLong(Placement::end).max().orElse(0);
    }

    private void requireRoom(List<Placement> all) throws TooSmallException {
      if (end(all) > usableEnd) {
        throw tooSmall(end(all));
      }
    }

    private TooSmallException tooSmall(long end) {
      long needed = end + (size - usableEnd);
      return new TooSmallException(
          "the partitions do not fit: the target has %,d bytes, and they need %,d"
              .formatted(size, needed),
          needed);
    }
  }
}
