package io.calco.volume;

import io.calco.disk.Disk;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// A GUID partition table. Immutable.
public final class Gpt implements PartitionTable {

  /// Which of the two copies was read.
  public enum Copy {
    /// The one behind the protective MBR.
    PRIMARY,
    /// The one at the disk's end, because the primary is damaged.
    BACKUP
  }

  private final Copy copy;
  private final GptHeader header;
  private final GptEntries entries;
  private final MbrSector protectiveMbr;
  private final boolean backupSound;
  private final List<Partition> partitions;
  private final List<TableProblem> problems;

  Gpt(
      Copy copy,
      GptHeader header,
      GptEntries entries,
      MbrSector protectiveMbr,
      boolean backupSound,
      List<Partition> partitions,
      List<TableProblem> problems) {
    this.copy = copy;
    this.header = header;
    this.entries = entries;
    this.protectiveMbr = protectiveMbr;
    this.backupSound = backupSound;
    this.partitions = List.copyOf(partitions);
    this.problems = List.copyOf(problems);
  }

  @Override
  public String name() {
    return "gpt";
  }

  @Override
  public Optional<String> uuid() {
    return Optional.of(header.diskGuid().toString());
  }

  @Override
  public int sectorSize() {
    return header.sectorSize();
  }

  @Override
  public List<Partition> partitions() {
    return partitions;
  }

  @Override
  public List<TableProblem> problems() {
    return problems;
  }

  @Override
  public boolean bootCode() {
    return protectiveMbr.bootCode();
  }

  /// Which copy this was read from.
  public Copy copy() {
    return copy;
  }

  /// True when the protective MBR also describes partitions, for firmware that does not know GPT.
  /// They are not among [#partitions], and growing leaves them alone.
  public boolean hybrid() {
    return protectiveMbr.entries().stream()
        .anyMatch(e -> e.used() && e.type() != MbrEntry.TYPE_GPT);
  }

  @Override
  public long usableEnd(long diskSize) {
    long sectors = diskSize / sectorSize();
    return Math.max(0, GptWriter.lastUsableLba(this, sectors) + 1) * sectorSize();
  }

  @Override
  public PartitionTable growToEnd(Disk disk) throws IOException {
    return new GptGrowth(disk, Growth.current(disk, Gpt.class)).grow();
  }

  @Override
  public PartitionTable moveToEnd(Disk disk) throws IOException {
    return new GptGrowth(disk, Growth.current(disk, Gpt.class)).move();
  }

  @Override
  public PartitionTable writeTo(Disk target, Disk source, List<Placement> placements)
      throws IOException {
    Placements places = new Placements(this, placements);
    if (hybrid() && places.moves()) {
      throw new UnsupportedFeatureException(
          "GPT with a hybrid MBR: its partitions are not moved, as both tables name their places");
    }
    GptWriter writer = new GptWriter(target, this);
    long sector = sectorSize();
    places.require(
        partitions, header.firstUsableLba() * sector, (writer.lastUsableLba() + 1) * sector);
    GptEntries placed = entries;
    for (Partition partition : partitions) {
      Placement place = places.of(partition);
      placed =
          placed.withLbas(partition.number() - 1, place.start() / sector, place.end() / sector - 1);
    }
    protectiveMbr.write(target);
    writer.write(placed);
    return Growth.current(target, Gpt.class);
  }

  @Override
  public PartitionTable renewIdentity(Disk disk) throws IOException {
    Gpt now = Growth.current(disk, Gpt.class);
    GptEntries renewed = now.entries;
    for (Partition partition : now.partitions) {
      renewed = renewed.withUniqueGuid(partition.number() - 1, UUID.randomUUID());
    }
    Gpt other =
        new Gpt(
            now.copy,
            now.header.withDiskGuid(UUID.randomUUID()),
            now.entries,
            now.protectiveMbr,
            now.backupSound,
            now.partitions,
            now.problems);
    new GptWriter(disk, other).write(renewed);
    return Growth.current(disk, Gpt.class);
  }

  GptHeader header() {
    return header;
  }

  GptEntries entries() {
    return entries;
  }

  /// True when this is the primary and the backup, wherever it lies, says the same.
  boolean backupSound() {
    return backupSound;
  }

  MbrSector protectiveMbr() {
    return protectiveMbr;
  }
}
