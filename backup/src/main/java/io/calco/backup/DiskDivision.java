package io.calco.backup;

import io.calco.backup.rescue.Run;
import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.volume.Partition;
import io.calco.volume.PartitionTable;
import io.calco.volume.TableProblem;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;

/// A disk cut into what a point keeps: the frame and the parts. Described in the package.
///
/// The disk stays its opener's to close, must not change meanwhile, and lives longer.
public final class DiskDivision {
  /// Ours: a table with more is kept as one frame.
  private static final int PARTS_MAX = 1000;

  private final Disk disk;
  private final long size;
  private final Coverage coverage;
  private final Optional<PartitionTable> table;
  private final List<Partition> cut;
  private final UnusedSpace.Found space;
  private final List<String> warnings;

  private DiskDivision(
      Disk disk,
      Coverage coverage,
      Optional<PartitionTable> table,
      UnusedSpace.Found space,
      List<String> warnings) {
    this.disk = disk;
    this.size = disk.size();
    this.coverage = coverage;
    this.table = table;
    this.cut = table.map(DiskDivision::leaves).orElse(List.of());
    this.space = space;
    this.warnings = List.copyOf(warnings);
  }

  /// Cuts a disk. Reads its partition table and its file systems' maps.
  ///
  /// @throws IOException when the disk cannot be read; what contradicts itself does not throw, but
  ///   is kept in full
  public static DiskDivision of(Disk disk, Coverage coverage) throws IOException {
    List<String> warnings = new ArrayList<>();
    Optional<PartitionTable> table = table(disk, warnings);
    UnusedSpace.Found nothing =
        new UnusedSpace.Found(Runs.NONE, java.util.Map.of(), Content.UNKNOWN, List.of(), List.of());
    if (!warnings.isEmpty()) {
      return new DiskDivision(disk, coverage, Optional.empty(), nothing, warnings);
    }
    UnusedSpace.Found space = UnusedSpace.find(disk, coverage);
    warnings.addAll(space.warnings());
    DiskDivision division = new DiskDivision(disk, coverage, table, space, warnings);
    if (!division.readsTheSame()) {
      warnings.add(
          "the disk is kept in full: its partition table lies in what a file system takes for free");
      return new DiskDivision(disk, coverage, Optional.empty(), nothing, warnings);
    }
    return division;
  }

  /// The disk's table, unless it contradicts itself.
  private static Optional<PartitionTable> table(Disk disk, List<String> warnings)
      throws IOException {
    try {
      Optional<PartitionTable> table = PartitionTable.find(disk);
      table.stream()
          .flatMap(found -> found.problems().stream())
          .filter(problem -> problem.effect() == TableProblem.Effect.REFUSES_WRITING)
          .findFirst()
          .ifPresent(problem -> warnings.add("the disk is kept in full: " + problem.text()));
      if (table.isPresent() && warnings.isEmpty()) {
        checkLeaves(leaves(table.get()), disk, warnings);
      }
      return table;
    } catch (DiskException e) {
      warnings.add("the disk is kept in full: " + e.getMessage());
      return Optional.empty();
    }
  }

  private static void checkLeaves(List<Partition> leaves, Disk disk, List<String> warnings) {
    long end = 0;
    for (Partition partition :
        leaves.stream().sorted(Comparator.comparingLong(Partition::start)).toList()) {
      if (partition.start() < end || partition.start() == 0 || partition.end() > disk.size()) {
        warnings.add(
            "the disk is kept in full: partition %d begins in another one, or ends behind the disk"
                .formatted(partition.number()));
        return;
      }
      end = partition.end();
    }
    if (leaves.size() > PARTS_MAX) {
      warnings.add(
          "the disk is kept in full: it has %d partitions, more than %d (our limit)"
              .formatted(leaves.size(), PARTS_MAX));
    }
  }

  /// Partitions that hold data.
  private static List<Partition> leaves(PartitionTable table) {
    return table.partitions().stream().filter(partition -> !partition.extended()).toList();
  }

  /// Makes sure that nothing is left out which the table needs.
  private boolean readsTheSame() throws IOException {
    if (table.isEmpty()) {
      return true;
    }
    try (Disk kept = kept()) {
      Optional<PartitionTable> again = PartitionTable.find(kept);
      return again.isPresent()
          && again.get().partitions().equals(table.get().partitions())
          && again.get().problems().equals(table.get().problems());
    } catch (DiskException e) {
      return false;
    }
  }

  /// The disk without what is not kept: the same length, the rest holes.
  Disk kept() {
    return Disk.owning(new HolesDriver(disk, space.unused()));
  }

  /// The frame.
  Disk frame() {
    Runs.Builder holes = new Runs.Builder();
    cut.forEach(partition -> holes.add(partition.start(), partition.end()));
    return Disk.owning(new HolesDriver(kept(), holes.build()));
  }

  /// The parts, by number, in the table's order.
  ///
  /// @param numbers which of them; empty for all
  /// @throws IllegalArgumentException when there is none of a number
  SequencedMap<Integer, Disk> parts(Set<Integer> numbers) {
    Set<Integer> missing = new TreeSet<>(numbers);
    SequencedMap<Integer, Disk> parts = new LinkedHashMap<>();
    for (Partition partition : cut) {
      missing.remove(partition.number());
      if (numbers.isEmpty() || numbers.contains(partition.number())) {
        parts.put(partition.number(), kept().slice(partition.start(), partition.length()));
      }
    }
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException("no partition " + missing);
    }
    return parts;
  }

  /// What is not kept of the partitions and the frame, if all of them are. What is cut.
  Disk disk() {
    return disk;
  }

  Runs unused() {
    return space.unused();
  }

  /// The numbers of the partitions that can be kept alone.
  public List<Integer> partitionNumbers() {
    return cut.stream().map(Partition::number).toList();
  }

  /// Bytes that the point will keep, holes that the disk itself has among them.
  ///
  /// @param numbers of partitions; empty for all
  public long keptBytes(Set<Integer> numbers) {
    long bytes = size - space.unused().bytes();
    for (Partition partition : cut) {
      if (!numbers.isEmpty() && !numbers.contains(partition.number())) {
        bytes -= partition.length() - space.unused().bytesIn(partition.start(), partition.length());
      }
    }
    return bytes;
  }

  /// The runs of the disk that the point will keep, ascending: all that must be read.
  ///
  /// @param numbers of partitions; empty for all
  public List<Run> keptRuns(Set<Integer> numbers) throws IOException {
    Runs.Builder holes = new Runs.Builder();
    space.unused().forEach(holes::add);
    for (Partition partition : cut) {
      if (!numbers.isEmpty() && !numbers.contains(partition.number())) {
        holes.add(partition.start(), partition.end());
      }
    }
    List<Run> kept = new ArrayList<>();
    long[] at = {0};
    holes
        .build()
        .forEach((start, end) -> {
          if (at[0] < start) {
            kept.add(new Run(at[0], start - at[0]));
          }
          at[0] = end;
        });
    if (at[0] < size) {
      kept.add(new Run(at[0], size - at[0]));
    }
    return kept;
  }

  /// What could not be told apart, one sentence each.
  public List<String> warnings() {
    return warnings;
  }

  /// What is known of the disk.
  ///
  /// @param numbers of the partitions that are kept; empty for all
  DiskFacts facts(Set<Integer> numbers) {
    List<PartitionFacts> partitions = new ArrayList<>();
    for (Partition partition : table.map(PartitionTable::partitions).orElse(List.of())) {
      boolean kept = numbers.isEmpty() || numbers.contains(partition.number());
      partitions.add(
          PartitionFacts.of(
              partition,
              space.partitions().getOrDefault(partition.number(), Content.UNKNOWN),
              kept && !partition.extended()));
    }
    return new DiskFacts(
        size,
        table.map(PartitionTable::sectorSize),
        table.map(PartitionTable::name),
        table.flatMap(PartitionTable::uuid),
        coverage,
        space.whole().kind(),
        space.whole().uuid(),
        space.whole().label(),
        space.whole().used(),
        space.leftOut(),
        partitions);
  }
}
