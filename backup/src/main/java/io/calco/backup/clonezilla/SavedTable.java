package io.calco.backup.clonezilla;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.volume.Partition;
import io.calco.volume.PartitionTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// A disk's partition table as an image directory keeps it: which partitions there are, and the
/// bytes of the disk outside them.
///
/// The binary copies of the table count, as they are what the disk had; logical partitions, whose
/// boot records are not kept, come from sfdisk's dump. A dump that contradicts the copy is refused:
/// somebody changed it since, and there is no telling which of the two is meant.
final class SavedTable {
  private static final int SECTOR = 512;
  private static final int HEAD_MAX = 8 << 20; // ours; Clonezilla's has 17,408 bytes
  private static final int HIDDEN_MAX = 1 << 30; // Clonezilla's

  private final ImageDirectory directory;
  private final DeviceName disk;
  private final List<Part> parts = new ArrayList<>();
  private Optional<String> kind = Optional.empty();
  private int sectorSize = SECTOR;
  private OptionalLong size = OptionalLong.empty();
  private Optional<GptHead> gpt = Optional.empty();
  private byte[] head = new byte[0];
  private Map<Long, byte[]> bootRecords = Map.of();

  /// A partition.
  ///
  /// @param number Linux's
  /// @param start first byte on the disk
  /// @param length in bytes
  /// @param extended it holds no data but other partitions
  record Part(int number, long start, long length, boolean extended) {
    long end() {
      return start + length;
    }
  }

  private SavedTable(ImageDirectory directory, DeviceName disk) {
    this.directory = directory;
    this.disk = disk;
  }

  /// Reads what is kept of a disk's table.
  static SavedTable read(ImageDirectory directory, DeviceName disk) throws IOException {
    SavedTable table = new SavedTable(directory, disk);
    table.read();
    return table;
  }

  private void read() throws IOException {
    Optional<PartedPrint> parted =
        directory.lines(disk.file() + "-pt.parted").flatMap(PartedPrint::parse);
    String dumpName = disk.file() + "-pt.sf";
    Optional<List<String>> dumpLines = directory.lines(dumpName);
    Optional<SfdiskDump> dump =
        dumpLines.isPresent()
            ? Optional.of(SfdiskDump.parse(directory.nameOf(dumpName), dumpLines.get()))
            : Optional.empty();
    sectorSize =
        parted.map(PartedPrint::sectorSize).orElse(dump.map(SfdiskDump::sectorSize).orElse(SECTOR));
    size = parted.isPresent() ? OptionalLong.of(parted.get().size()) : OptionalLong.empty();
    gpt = readGpt();
    if (gpt.isPresent()) {
      kind = Optional.of("gpt");
      readGptParts(dump);
    } else if (directory.has(disk.file() + "-mbr") && (dump.isPresent() || isMbr(parted))) {
      readMbr(dump);
    }
    requireWithin();
  }

  private static boolean isMbr(Optional<PartedPrint> parted) {
    return parted.flatMap(PartedPrint::label).filter("msdos"::equals).isPresent();
  }

  private Optional<GptHead> readGpt() throws IOException {
    String first = disk.file() + "-gpt-1st";
    String backup = disk.file() + "-gpt.gdisk";
    Optional<GptHead> found =
        directory.has(first)
            ? GptHead.ofFirstSectors(directory.bytes(first, HEAD_MAX))
            : Optional.empty();
    if (found.isEmpty() && directory.has(backup)) {
      found = GptHead.ofBackup(directory.bytes(backup, HEAD_MAX), sectorSize);
    }
    if (found.isEmpty() && (directory.has(first) || directory.has(backup))) {
      throw new CorruptImageException(
          "%s: GPT header at 0x200: its checksums fit neither this copy nor the one of sgdisk, %s"
              .formatted(directory.nameOf(first), backup));
    }
    return found;
  }

  private void readGptParts(Optional<SfdiskDump> dump) throws IOException {
    GptHead table = gpt.orElseThrow();
    sectorSize = table.sectorSize();
    if (size.isEmpty()) {
      size = OptionalLong.of((table.lastLba() + 1) * sectorSize);
    }
    if (table.backupOffset() < 2L * sectorSize
        || (table.lastLba() + 1) * sectorSize > size.getAsLong()) {
      throw new CorruptImageException(
          "%s: GPT header at 0x%x: AlternateLBA: found %d, expected it within the disk's %d bytes"
              .formatted(
                  directory.nameOf(disk.file() + "-gpt-1st"),
                  sectorSize,
                  table.lastLba(),
                  size.getAsLong()));
    }
    Splice tables = new Splice(disk.text(), size.getAsLong());
    tables.add("MBR", 0, table.mbr());
    tables.add("GPT header", sectorSize, table.header());
    tables.add("GPT entries", table.entriesOffset(), table.entries());
    for (Partition partition : find(tables.disk())) {
      parts.add(new Part(partition.number(), partition.start(), partition.length(), false));
    }
    if (dump.isPresent() && dump.get().label().filter("gpt"::equals).isPresent()) {
      compare(dump.get(), disk.file() + "-gpt-1st");
    }
    byte[] saved =
        directory.has(disk.file() + "-gpt-1st")
            ? directory.bytes(disk.file() + "-gpt-1st", HEAD_MAX)
            : table.mbr();
    head = saved;
  }

  private static List<Partition> find(Disk tables) throws IOException {
    return PartitionTable.find(tables).map(PartitionTable::partitions).orElse(List.of());
  }

  private void readMbr(Optional<SfdiskDump> dump) throws IOException {
    String mbrName = disk.file() + "-mbr";
    byte[] mbr = directory.bytes(mbrName, SECTOR);
    if (mbr.length < SECTOR) {
      throw new CorruptImageException(
          "%s: has %d bytes, expected %d".formatted(directory.nameOf(mbrName), mbr.length, SECTOR));
    }
    head = mbr;
    List<Partition> primary = find(sectorAlone(mbr));
    for (Partition partition : primary) {
      parts.add(
          new Part(
              partition.number(), partition.start(), partition.length(), partition.extended()));
    }
    if (dump.isPresent() && dump.get().label().orElse("dos").equals("dos")) {
      compare(dump.get(), mbrName);
      readLogical(dump.get());
    }
    if (!parts.isEmpty() || dump.isPresent() && dump.get().label().isPresent()) {
      kind = Optional.of("dos");
    }
    if (size.isEmpty() && kind.isPresent()) {
      size = OptionalLong.of(parts.stream().mapToLong(Part::end).max().orElse(SECTOR));
    }
  }

  /// A disk with a boot record and nothing else, larger than its entries can tell.
  private static Disk sectorAlone(byte[] mbr) throws CorruptImageException {
    Splice alone = new Splice("MBR", 1L << 42);
    alone.add("MBR", 0, mbr);
    return alone.disk();
  }

  private void readLogical(SfdiskDump dump) throws IOException {
    Optional<SfdiskDump.Entry> extended =
        dump.entries().stream().filter(e -> e.extended() && number(e) <= 4).findFirst();
    if (extended.isEmpty()) {
      return;
    }
    List<SfdiskDump.Entry> logical =
        dump.entries().stream()
            .filter(e -> number(e) > 4)
            .sorted(java.util.Comparator.comparingInt(this::number))
            .toList();
    for (SfdiskDump.Entry entry : logical) {
      parts.add(new Part(number(entry), entry.start() * SECTOR, entry.size() * SECTOR, false));
    }
    String record = extended.get().device().file() + "-ebr";
    Optional<byte[]> first =
        directory.has(record) ? Optional.of(directory.bytes(record, SECTOR)) : Optional.empty();
    bootRecords =
        new ExtendedChain(directory.nameOf(disk.file() + "-pt.sf"), extended.get(), logical, first)
            .records();
  }

  private int number(SfdiskDump.Entry entry) {
    return entry.device().numberOn(disk).orElse(0);
  }

  /// Refuses a dump whose partitions are not those of the binary table; logical ones are only here.
  private void compare(SfdiskDump dump, String table) throws CorruptImageException {
    List<Part> dumped = new ArrayList<>();
    for (SfdiskDump.Entry entry : dump.entries()) {
      if (number(entry) == 0) {
        throw new CorruptImageException(
            "%s: found %s, expected partitions of %s"
                .formatted(directory.nameOf(disk.file() + "-pt.sf"), entry.device(), disk));
      }
      boolean logical = number(entry) > 4 && gpt.isEmpty();
      if (!logical) {
        dumped.add(
            new Part(
                number(entry),
                Math.multiplyExact(entry.start(), sectorSize),
                Math.multiplyExact(entry.size(), sectorSize),
                gpt.isEmpty() && entry.extended()));
      }
    }
    for (Part part : parts) {
      if (!dumped.contains(part)) {
        throw contradiction(table, part, "no such partition");
      }
    }
    for (Part part : dumped) {
      if (!parts.contains(part)) {
        throw contradiction(table, part, "one");
      }
    }
  }

  private CorruptImageException contradiction(String table, Part part, String inDump) {
    return new CorruptImageException(
        "%s: partition %d at 0x%x of %d bytes: found %s here, %s tells otherwise"
            .formatted(
                directory.nameOf(disk.file() + "-pt.sf"),
                part.number(),
                part.start(),
                part.length(),
                inDump,
                table));
  }

  private void requireWithin() throws CorruptImageException {
    for (Part part : parts) {
      if (part.end() > size.orElse(0)) {
        throw new CorruptImageException(
            "%s: partition %d: ends at byte 0x%x, beyond the disk's end 0x%x"
                .formatted(
                    directory.nameOf(disk.file() + "-pt.sf"),
                    part.number(),
                    part.end(),
                    size.orElse(0)));
      }
    }
  }

  /// `gpt` or `dos`; empty when the disk has no table.
  Optional<String> kind() {
    return kind;
  }

  /// In bytes; empty when nothing says so.
  OptionalLong size() {
    return size;
  }

  /// The bytes of a sector.
  int sectorSize() {
    return sectorSize;
  }

  /// The partitions, an extended one among them.
  List<Part> parts() {
    return List.copyOf(parts);
  }

  /// Where data begins: a table's bytes end here at the latest.
  private long firstData() {
    return parts.stream().mapToLong(Part::start).min().orElse(Long.MAX_VALUE);
  }

  /// Adds the disk's bytes outside its partitions that were kept.
  ///
  /// @param opened where files that were opened go, to be closed after use
  void addTo(Splice splice, Resources opened) throws IOException {
    if (gpt.isPresent()) {
      addGpt(splice, gpt.get());
    } else if (kind.isPresent()) {
      splice.add("MBR", 0, head);
      addHidden(splice, opened);
      for (Map.Entry<Long, byte[]> record : bootRecords.entrySet()) {
        splice.add("extended boot record", record.getKey() * SECTOR, record.getValue());
      }
    }
  }

  /// What was saved of the first sectors, as far as no partition is there; the entries complete.
  private void addGpt(Splice splice, GptHead table) throws CorruptImageException {
    long entriesEnd = table.entriesOffset() + table.entries().length;
    long end = Math.min(Math.max(head.length, entriesEnd), firstData());
    if (entriesEnd > end) {
      throw new CorruptImageException(
          "%s: a partition begins at 0x%x, in the entries of the GPT, which end at 0x%x"
              .formatted(directory.nameOf(disk.file() + "-gpt-1st"), end, entriesEnd));
    }
    byte[] first = Arrays.copyOf(head, Math.toIntExact(end));
    System.arraycopy(table.mbr(), 0, first, 0, SECTOR);
    System.arraycopy(table.header(), 0, first, sectorSize, sectorSize);
    System.arraycopy(
        table.entries(), 0, first, (int) table.entriesOffset(), table.entries().length);
    splice.add("primary GPT", 0, first);
    splice.add("backup GPT", table.backupOffset(), table.backup());
  }

  private void addHidden(Splice splice, Resources opened) throws IOException {
    String hidden = disk.file() + "-hidden-data-after-mbr";
    if (!directory.has(hidden)) {
      return;
    }
    long length = directory.size(hidden);
    if (length > HIDDEN_MAX || length + SECTOR > Math.min(firstData(), size.orElse(0))) {
      throw new CorruptImageException(
          "%s: has %d bytes, expected at most the %d before the first partition"
              .formatted(
                  directory.nameOf(hidden),
                  length,
                  Math.min(firstData(), size.orElse(0)) - SECTOR));
    }
    Image image =
        opened.add(
            Image.openOwning(directory.open(hidden), ImageOptions.reading().withFormat("raw")));
    splice.add("hidden data after the MBR", SECTOR, image.disk());
  }
}
