package io.calco.volume;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The partition table of a disk, as it was when it was read.
public sealed interface PartitionTable permits Mbr, Gpt {

  /// A partition's end is laid on a multiple of this when it grows, in bytes: every tool's choice
  /// since 2009.
  long ALIGNMENT = 1L << 20;

  /// Reads the disk's partition table.
  ///
  /// @return empty when there is none: an empty disk, or a file system on the bare disk
  /// @throws CorruptImageException when the disk claims a GPT and neither copy can be read
  static Optional<PartitionTable> find(Disk disk) throws IOException {
    if (disk.size() < MbrSector.BYTES) {
      return Optional.empty();
    }
    MbrSector sector = MbrSector.read(disk, 0);
    if (!sector.signed()) {
      return Optional.empty();
    }
    if (sector.protective()) {
      Optional<Gpt> gpt = GptReader.read(disk, sector);
      if (gpt.isPresent()) {
        return Optional.of(gpt.get());
      }
      if (BareFileSystem.isIn(sector, disk)) {
        return Optional.empty();
      }
      throw new CorruptImageException(
          "GPT: the protective MBR announces one, but there is no \"EFI PART\" header at 0x200,"
              + " 0x1000 or in the last sector");
    }
    if (!sector.bootIndicatorsValid() || BareFileSystem.isIn(sector, disk)) {
      return Optional.empty();
    }
    return Optional.of(MbrReader.read(disk, sector));
  }

  /// The kind of table as blkid names it: `dos` or `gpt`.
  String name();

  /// PTUUID as blkid prints it; empty when an MBR has no disk signature.
  Optional<String> uuid();

  /// The bytes of a sector, the unit of the table.
  int sectorSize();

  /// The partitions, ascending by number, an extended one among them.
  List<Partition> partitions();

  /// What contradicts the rules.
  List<TableProblem> problems();

  /// True when sector 0 begins with a boot program.
  boolean bootCode();

  /// The partition of that number.
  default Optional<Partition> find(int number) {
    return partitions().stream().filter(p -> p.number() == number).findFirst();
  }

  /// The partition that ends last and holds data, which [#growToEnd] grows; an extended one only
  /// when it contains no other.
  default Optional<Partition> last() {
    Optional<Partition> last = partitions().stream().max(Comparator.comparingLong(Partition::end));
    if (last.isEmpty() || !last.get().extended()) {
      return last;
    }
    Partition extended = last.get();
    return partitions().stream()
        .filter(p -> !p.extended() && p.start() > extended.start())
        .max(Comparator.comparingLong(Partition::end))
        .or(() -> last);
  }

  /// The first byte that no partition may use on a disk of that size: a GPT's backup lies behind
  /// it, an MBR counts no further.
  ///
  /// @param diskSize in bytes
  long usableEnd(long diskSize);

  /// Bytes before a partition that go with it: a logical partition's boot record and the gap behind
  /// that; else 0.
  default long lead(Partition partition) {
    return 0;
  }

  /// Fits the table to the disk's end, after the disk has grown: a GPT's backup moves there, and
  /// the last partition grows up to the last multiple of [#ALIGNMENT] that it may use. Nothing else
  /// changes; nothing is written when there is nothing to do. What is in the partition stays as it
  /// was, so its file system is to be grown next.
  ///
  /// The order of writing, and what a crash leaves, stand in the package's text.
  ///
  /// @param disk the disk this table was read from
  /// @return the table as it stands on the disk now
  /// @throws CorruptImageException when a problem refuses writing; nothing was written
  PartitionTable growToEnd(Disk disk) throws IOException;

  /// Writes this table to a disk, of another size perhaps, with partitions in other places; what is
  /// in them is the caller's to move. All else of the table stays as it is: identities, types,
  /// names, boot program. A GPT's backup comes to the disk's end. An MBR's extended partition
  /// begins at its first logical one's boot record, and ends where it did or where the last one
  /// does.
  ///
  /// A crash may leave the target with neither table: it is one that is being made.
  ///
  /// @param source the disk this table was read from
  /// @param placements of partitions that are to lie elsewhere; all others stay where they are
  /// @return the table as it stands on the target
  /// @throws IllegalArgumentException when a placement is of no partition, or no multiple of the
  ///   sector
  /// @throws CorruptImageException when a place is not free on the target, or a problem refuses
  ///   writing; nothing was written
  PartitionTable writeTo(Disk target, Disk source, List<Placement> placements) throws IOException;

  /// Fits the table to the disk's end, as [#growToEnd] does, and grows no partition: a GPT's backup
  /// moves there; an MBR has nothing to move.
  ///
  /// @param disk the disk this table was read from
  /// @return the table as it stands on the disk now
  /// @throws CorruptImageException when a problem refuses writing; nothing was written
  PartitionTable moveToEnd(Disk disk) throws IOException;

  /// Gives the disk and its partitions other identities, random ones: a GPT's disk GUID and unique
  /// partition GUIDs, an MBR's disk signature. Nothing else changes, and what names the old ones is
  /// the caller's to mend. A crash leaves the old table or the new one.
  ///
  /// @param disk the disk this table was read from
  /// @return the table as it stands on the disk now
  /// @throws CorruptImageException when a problem refuses writing; nothing was written
  PartitionTable renewIdentity(Disk disk) throws IOException;
}
