package io.calco.volume;

import io.calco.disk.Disk;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/// A master boot record's partitions, the logical ones among them. Immutable.
public final class Mbr implements PartitionTable {
  private final long diskSignature;
  private final boolean bootCode;
  private final List<MbrSlot> slots;
  private final List<TableProblem> problems;

  Mbr(long diskSignature, boolean bootCode, List<MbrSlot> slots, List<TableProblem> problems) {
    this.diskSignature = diskSignature;
    this.bootCode = bootCode;
    this.slots = List.copyOf(slots);
    this.problems = List.copyOf(problems);
  }

  @Override
  public String name() {
    return "dos";
  }

  @Override
  public Optional<String> uuid() {
    return diskSignature == 0 ? Optional.empty() : Optional.of("%08x".formatted(diskSignature));
  }

  @Override
  public int sectorSize() {
    return MbrSector.BYTES;
  }

  @Override
  public List<Partition> partitions() {
    return slots.stream().map(MbrSlot::partition).toList();
  }

  @Override
  public List<TableProblem> problems() {
    return problems;
  }

  @Override
  public boolean bootCode() {
    return bootCode;
  }

  @Override
  public long usableEnd(long diskSize) {
    return Math.min(diskSize, MbrEntry.MAX * MbrSector.BYTES) / MbrSector.BYTES * MbrSector.BYTES;
  }

  @Override
  public long lead(Partition partition) {
    return slots.stream()
        .filter(slot -> slot.partition().equals(partition))
        .filter(slot -> partition.number() > MbrSector.ENTRY_COUNT)
        .mapToLong(slot -> partition.start() - slot.entry().sector())
        .findFirst()
        .orElse(0);
  }

  @Override
  public PartitionTable growToEnd(Disk disk) throws IOException {
    return new MbrGrowth(disk, Growth.current(disk, Mbr.class)).run();
  }

  @Override
  public PartitionTable writeTo(Disk target, Disk source, List<Placement> placements)
      throws IOException {
    return new MbrWriter(this, source, target, new Placements(this, placements)).run();
  }

  @Override
  public PartitionTable moveToEnd(Disk disk) {
    return this;
  }

  @Override
  public PartitionTable renewIdentity(Disk disk) throws IOException {
    Growth.current(disk, Mbr.class);
    MbrSector sector = MbrSector.read(disk, 0);
    sector.setDiskSignature(new SecureRandom().nextInt(1, Integer.MAX_VALUE));
    sector.write(disk);
    disk.sync();
    return Growth.current(disk, Mbr.class);
  }

  List<MbrSlot> slots() {
    return slots;
  }
}
