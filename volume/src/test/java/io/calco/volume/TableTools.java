package io.calco.volume;

import io.calco.disk.Disk;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;

/// Raw disk files, and what other tools make of them.
final class TableTools {
  private TableTools() {}

  /// A partition as libblkid sees it; type and name as partx prints them.
  record Seen(int number, long start, long length, String uuid, String type) {
    static Seen of(Partition partition) {
      return new Seen(
          partition.number(),
          partition.start(),
          partition.length(),
          partition.uuid().orElse(""),
          partition.type().code().replaceFirst("^0x0?", "0x"));
    }
  }

  static Image open(Path file, ImageOptions.Access access) throws IOException {
    return Image.open(file, ImageOptions.reading().withFormat("raw").with(access));
  }

  static PartitionTable read(Path file) throws IOException {
    try (Image image = open(file, ImageOptions.Access.READ)) {
      return PartitionTable.find(image.disk()).orElseThrow();
    }
  }

  static PartitionTable grow(Path file) throws IOException {
    try (Image image = open(file, ImageOptions.Access.WRITE)) {
      Disk disk = image.disk();
      return PartitionTable.find(disk).orElseThrow().growToEnd(disk);
    }
  }

  /// Makes a sparse file of that size, or changes its size.
  static Path resize(Path file, long bytes) throws IOException {
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.setLength(bytes);
    }
    return file;
  }

  /// Lays out a table by an sfdisk script.
  static void sfdisk(Path file, String script) {
    Oracle.named("sfdisk");
    Oracle.named("bash")
        .run("-c", "sfdisk --quiet --no-reread --no-tell-kernel \"$0\" <<< \"$1\"", file, script)
        .succeeds();
  }

  static List<Seen> partx(Path file, int sectorSize) {
    return Oracle.named("partx")
        .run(
            "--raw",
            "--noheadings",
            "--sector-size",
            sectorSize,
            "--output",
            "NR,START,SECTORS,UUID,TYPE",
            file)
        .succeeds()
        .out()
        .lines()
        .map(line -> line.split(" ", -1))
        .map(f ->
            new Seen(
                Integer.parseInt(f[0]),
                Long.parseLong(f[1]) * 512,
                Long.parseLong(f[2]) * 512,
                f[3],
                f[4]))
        .toList();
  }

  static List<Seen> ours(PartitionTable table) {
    return table.partitions().stream().map(Seen::of).toList();
  }

  /// Asserts that sgdisk and sfdisk find nothing to complain about.
  static void verifyGpt(Path file) {
    Oracle.named("sgdisk").run("-v", file).succeeds().says("No problems found");
    verify(file);
  }

  static void verify(Path file) {
    Oracle.Run run = Oracle.named("sfdisk").run("--verify", file).succeeds();
    if ((run.out() + run.err()).toLowerCase(java.util.Locale.ROOT).contains("corrupt")
        || (run.out() + run.err()).contains("mismatch")) {
      throw new AssertionError(run.toString());
    }
    Oracle.Run parted = Oracle.named("parted").run("--script", file, "unit", "s", "print");
    parted.succeeds();
    if (parted.err().contains("Warning") || parted.err().contains("Error")) {
      throw new AssertionError(parted.toString());
    }
  }
}
