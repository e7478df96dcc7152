package io.calco.volume;

import io.calco.disk.Disk;
import java.io.IOException;
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
  public PartitionTable growToEnd(Disk disk) throws IOException {
    return new MbrGrowth(disk, Growth.current(disk, Mbr.class)).run();
  }

  List<MbrSlot> slots() {
    return slots;
  }
}
