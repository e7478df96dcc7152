package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.disk.BackingReference;
import io.calco.disk.FormatInfo;
import io.calco.disk.Image;
import io.calco.disk.ami.MachineImage;
import io.calco.engine.DiskImages;
import io.calco.engine.NamedImages;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `calco disk info`.
final class DiskInfoCommand extends CommandBase {
  private final Value<Path> file =
      words.parameter(
          "FILE",
          Path.class,
          "The image file, a directory, or what an NBD server serves: nbd://….");

  private final Flag chain = words.flag("--backing-chain", "Also the images below it, top down.");

  private final DiskCommand.Source source = new DiskCommand.Source(words);

  DiskInfoCommand() {
    super(
        "info",
        "What an image file says of itself: format, sizes, backing image, snapshots.",
        "Also of a disc image, and of a directory with a machine image in three files: file system, "
            + "kernel, RAM disk.");
    words.examples(
        "calco disk info vm.qcow2", "calco disk info --output json --backing-chain clone.qcow2");
  }

  @Override
  int run() throws IOException {
    if (Files.isDirectory(file.get()) && !Image.isInDirectory(file.get())) {
      return runOnDirectory();
    }
    List<DiskImages.Report> reports =
        chain.given()
            ? DiskImages.chainInfo(file.get(), source.options())
            : List.of(DiskImages.info(file.get(), source.options()));
    if (json()) {
      List<Json.Fields> all = reports.stream().map(DiskInfoCommand::json).toList();
      Json.print(out(), chain.given() ? all : all.getFirst());
    } else {
      for (int i = 0; i < reports.size(); i++) {
        if (i > 0) {
          out().println();
        }
        print(out(), reports.get(i), Detail.ALL);
      }
    }
    return ExitCode.DONE;
  }

  private int runOnDirectory() throws IOException {
    List<MachineImage> machines = DiskImages.machines(file.get());
    if (json()) {
      Json.print(
          out(),
          Json.object()
              .put("filename", file.get())
              .put("machine-images", machines.stream().map(ContentText::json).toList()));
    } else {
      out().println("directory: " + DiskCommand.name(file.get()));
      machines.forEach(machine -> ContentText.print(out(), machine));
    }
    return ExitCode.DONE;
  }

  static Json.Fields json(DiskImages.Report report) {
    FormatInfo info = report.info();
    Json.Fields all =
        Json.object()
            .put("filename", NamedImages.address(report.file()).orElseGet(report.file()::toString))
            .put("format", report.format())
            .put("virtual-size", report.virtualSize())
            .put("actual-size", report.allocatedSize())
            .put("file-size", report.fileSize())
            .put("cluster-size", info.clusterSize())
            .put("dirty-flag", info.dirty());
    if (info.encrypted()) {
      all.put("encrypted", true);
    }
    if (info.compressed()) {
      all.put("compressed", true);
    }
    all.put("backing-filename", info.backing().map(BackingReference::name))
        .put("full-backing-filename", report.backingFile())
        .put("backing-filename-format", info.backing().flatMap(BackingReference::format));
    if (!info.snapshots().isEmpty()) {
      all.put("snapshots", info.snapshots().stream().map(DiskInfoCommand::json).toList());
    }
    if (!report.wrappers().isEmpty()) {
      all.put("packed-in", report.wrappers());
    }
    if (!info.specific().isEmpty()) {
      all.put(
          "format-specific",
          Json.object().put("type", report.format()).put("data", info.specific()));
    }
    return all.put("content", report.disc().map(ContentText::json))
        .put("machine-image", report.machine().map(ContentText::json));
  }

  static Json.Fields json(FormatInfo.Snapshot snapshot) {
    Instant taken = snapshot.taken();
    Json.Fields fields =
        Json.object()
            .put("id", snapshot.id())
            .put("name", snapshot.name())
            .put("vm-state-size", snapshot.vmStateSize())
            .put("date-sec", taken.getEpochSecond())
            .put("date-nsec", taken.getNano())
            .put("vm-clock-sec", snapshot.vmClockNanos() / 1_000_000_000L)
            .put("vm-clock-nsec", snapshot.vmClockNanos() % 1_000_000_000L);
    if (snapshot.icount() >= 0) {
      fields.put("icount", snapshot.icount());
    }
    return fields;
  }

  /// How much to tell of an image.
  enum Detail {
    SHORT,
    ALL
  }

  static void print(PrintStream out, DiskImages.Report report, Detail detail) {
    FormatInfo info = report.info();
    out.println("image: " + DiskCommand.name(report.file()));
    out.println("file format: " + report.format());
    long bytes = report.virtualSize();
    out.println("virtual size: " + Text.size(bytes) + " (" + bytes + " bytes)");
    if (!report.wrappers().isEmpty()) {
      out.println("packed in: " + String.join(", ", report.wrappers()));
    }
    out.println("disk size: " + Text.size(report.allocatedSize()));
    if (detail == Detail.SHORT) {
      return;
    }
    info.clusterSize().ifPresent(size -> out.println("cluster_size: " + size));
    if (info.encrypted()) {
      out.println("encrypted: yes");
    }
    if (info.dirty()) {
      out.println("cleanly shut down: no");
    }
    if (info.corrupt()) {
      out.println("marked corrupt: yes");
    }
    info.backing().ifPresent(backing -> printBacking(out, backing, report.backingFile()));
    if (!info.snapshots().isEmpty()) {
      printSnapshots(out, info.snapshots());
    }
    if (!info.specific().isEmpty()) {
      out.println("Format specific information:");
      print(out, info.specific(), "    ");
    }
    report.disc().ifPresent(disc -> ContentText.print(out, disc, bytes));
    report.machine().ifPresent(machine -> ContentText.print(out, machine));
  }

  private static void printBacking(
      PrintStream out, BackingReference backing, Optional<Path> leadsTo) {
    String name = Text.safe(backing.name());
    String full = leadsTo.map(DiskCommand::name).orElse(name);
    out.println(
        "backing file: " + name + (full.equals(name) ? "" : " (actual path: " + full + ")"));
    backing.format().ifPresent(format -> out.println("backing file format: " + Text.safe(format)));
  }

  static void printSnapshots(PrintStream out, List<FormatInfo.Snapshot> snapshots) {
    out.println("Snapshot list:");
    out.printf("%-8s %-20s %10s %s%n", "ID", "TAG", "VM SIZE", "DATE");
    snapshots.forEach(snapshot -> print(out, snapshot));
  }

  private static void print(PrintStream out, FormatInfo.Snapshot snapshot) {
    String taken =
        DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss")
            .format(snapshot.taken().atZone(ZoneId.systemDefault()));
    out.printf(
        "%-8s %-20s %10s %s%n",
        Text.safe(snapshot.id()),
        Text.safe(snapshot.name()),
        Text.size(snapshot.vmStateSize()),
        taken);
  }

  private static void print(PrintStream out, Map<?, ?> facts, String indent) {
    facts.forEach((name, value) -> print(out, name.toString().replace('-', ' '), value, indent));
  }

  /// A fact, whose value may be a list or hold more facts.
  private static void print(PrintStream out, String name, Object value, String indent) {
    String label = indent + Text.safe(name) + ":";
    switch (value) {
      case Map<?, ?> nested -> {
        out.println(label);
        print(out, nested, indent + "    ");
      }
      case List<?> list -> {
        out.println(label);
        for (int i = 0; i < list.size(); i++) {
          print(out, "[" + i + "]", list.get(i), indent + "    ");
        }
      }
      default -> out.println(label + " " + Text.safe(value.toString()));
    }
  }
}
