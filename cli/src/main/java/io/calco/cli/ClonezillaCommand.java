package io.calco.cli;

import io.calco.backup.clonezilla.ClonezillaReport;
import io.calco.backup.clonezilla.SavedDisk;
import io.calco.backup.clonezilla.SavedPartition;
import io.calco.cli.Syntax.Value;
import io.calco.engine.clonezilla.ClonezillaSets;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// `calco clonezilla`.
final class ClonezillaCommand extends GroupCommand {
  private static final DateTimeFormatter SAVED =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm", Locale.ROOT);

  ClonezillaCommand() {
    super("clonezilla", "Clonezilla's image directories: look at them, check them, make them.");
  }

  @Override
  List<Member> members() {
    return List.of(
        new Member("list", ListImages::new),
        new Member("show", Show::new),
        new Member("verify", Verify::new),
        new Member("create", ClonezillaCreateCommand::new));
  }

  private static String saved(Optional<LocalDateTime> created) {
    return created.map(SAVED::format).orElse("");
  }

  /// `calco clonezilla list`.
  static final class ListImages extends CommandBase {
    private final Value<Path> directory =
        words.parameter(
            "DIR", Path.class, "A directory that holds images, such as /home/partimag.");

    ListImages() {
      super("list", "The images in a directory.");
      words.examples("calco clonezilla list /home/partimag");
    }

    @Override
    int run() throws IOException {
      List<ClonezillaSets.Found> found = ClonezillaSets.list(directory.get());
      if (json()) {
        Json.print(out(), found.stream().map(ListImages::json).toList());
        return ExitCode.DONE;
      }
      Table table = new Table("IMAGE", "SAVED", "SIZE", "DISKS");
      for (ClonezillaSets.Found image : found) {
        table.add(
            name(image.directory()),
            image.facts().map(facts -> saved(facts.created())).orElse(""),
            image.facts().map(facts -> Text.size(facts.packedSize())).orElse(""),
            image
                .facts()
                .map(facts -> disks(facts.disks()))
                .orElseGet(() -> "unreadable: " + image.unreadable().orElse("")));
      }
      table.print(out());
      return ExitCode.DONE;
    }

    private static Path name(Path directory) {
      Path name = directory.getFileName();
      return name == null ? directory : name;
    }

    private static String disks(List<SavedDisk> disks) {
      return disks.stream()
          .map(disk ->
              "%s %s%s"
                  .formatted(
                      disk.name(), Text.size(disk.size()), disk.whole() ? "" : " (partitions)"))
          .collect(Collectors.joining(", "));
    }

    private static Json.Fields json(ClonezillaSets.Found image) {
      Json.Fields fields = Json.object().put("directory", image.directory().toString());
      image.facts().ifPresent(facts -> facts(fields, facts));
      return fields.put("unreadable", image.unreadable());
    }
  }

  /// `calco clonezilla show`.
  static final class Show extends CommandBase {
    private final Value<Path> directory =
        words.parameter("DIR", Path.class, "The image's directory.");

    Show() {
      super(
          "show",
          "What is in an image: its disks, partitions and logical volumes, and how they are kept.",
          "Reads texts alone. Each disk and each partition can be named as an image to all commands"
              + " that read images: DIR#sda, DIR#sda1.");
      words.examples(
          "calco clonezilla show /home/partimag/web1",
          "calco disk convert -O qcow2 /home/partimag/web1#sda web1.qcow2");
    }

    @Override
    int run() throws IOException {
      ClonezillaSets.Facts facts = ClonezillaSets.show(directory.get());
      if (json()) {
        Json.print(
            out(), facts(Json.object().put("directory", facts.directory().toString()), facts));
      } else {
        print(out(), facts);
      }
      return ExitCode.DONE;
    }

    private static void print(PrintStream out, ClonezillaSets.Facts facts) {
      facts.created().ifPresent(created -> out.println("saved: " + SAVED.format(created)));
      out.println("size: " + Text.size(facts.packedSize()));
      if (!facts.sumFiles().isEmpty()) {
        out.println("sums: " + String.join(", ", facts.sumFiles()));
      }
      for (SavedDisk disk : facts.disks()) {
        out.printf(
            "%ndisk %s: %s, %s%s%n",
            Text.safe(disk.name()),
            Text.size(disk.size()),
            disk.table().map(table -> table.equals("gpt") ? "GPT" : "MBR").orElse("no table"),
            disk.whole() ? "" : ", some of its partitions");
        print(out, disk.partitions());
      }
      if (!facts.logicalVolumes().isEmpty()) {
        out.printf("%nlogical volumes%n");
        print(out, facts.logicalVolumes());
      }
    }

    private static void print(PrintStream out, List<SavedPartition> partitions) {
      Table table = new Table("DEVICE", "SIZE", "HOLDS", "KEPT AS", "PACKED");
      for (SavedPartition partition : partitions) {
        table.add(
            partition.device(),
            Text.size(partition.length()),
            partition.fileSystem().orElse(""),
            partition.unreadable().orElseGet(() -> kept(partition.content())),
            partition.files().isEmpty()
                ? ""
                : "%s, %s, %s"
                    .formatted(
                        Text.size(partition.packedSize()),
                        partition.compression().orElse("as it is"),
                        Text.count(partition.files().size(), "file")));
      }
      table.print(out);
    }
  }

  /// How a partition's bytes are kept, for a person.
  static String kept(SavedPartition.Content content) {
    return switch (content) {
      case USED_BLOCKS -> "used blocks";
      case ALL_BYTES -> "all bytes";
      case SWAP -> "UUID and label";
      case PHYSICAL_VOLUME -> "its logical volumes";
      case EXTENDED -> "extended partition";
      case NOTHING -> "not saved";
      case UNREADABLE -> "unreadable";
    };
  }

  private static Json.Fields facts(Json.Fields fields, ClonezillaSets.Facts facts) {
    return fields
        .put("created", facts.created().map(LocalDateTime::toString))
        .put("packed-size", facts.packedSize())
        .put("sums", facts.sumFiles())
        .put("disks", facts.disks().stream().map(ClonezillaCommand::json).toList())
        .put(
            "logical-volumes",
            facts.logicalVolumes().stream().map(ClonezillaCommand::json).toList());
  }

  private static Json.Fields json(SavedDisk disk) {
    return Json.object()
        .put("name", disk.name())
        .put("size", disk.size())
        .put("sector-size", disk.sectorSize())
        .put("table", disk.table())
        .put("whole", disk.whole())
        .put("partitions", disk.partitions().stream().map(ClonezillaCommand::json).toList());
  }

  private static Json.Fields json(SavedPartition partition) {
    return Json.object()
        .put("device", partition.device())
        .put("number", partition.number())
        .put("start", partition.start())
        .put("length", partition.length())
        .put("content", name(partition.content()))
        .put("file-system", partition.fileSystem())
        .put("compression", partition.compression())
        .put("files", partition.files())
        .put("packed-size", partition.packedSize())
        .put("unreadable", partition.unreadable());
  }

  /// A way of keeping as JSON has it.
  static String name(SavedPartition.Content content) {
    return content.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// `calco clonezilla verify`.
  static final class Verify extends CommandBase {
    private final Value<Path> directory =
        words.parameter("DIR", Path.class, "The image's directory.");

    Verify() {
      super(
          "verify",
          "Read all of an image and compare it with its sums; names the files that are broken.",
          "Compares each file with MD5SUMS, SHA1SUMS, B2SUMS and their like where they are, each"
              + " packed stream with its own checksums, and the tables with each other.");
      words.examples("calco clonezilla verify /home/partimag/web1");
      words.exitCodes("0:all is as it was saved", "5:something is broken");
    }

    @Override
    int run() throws IOException {
      ClonezillaReport report;
      try (Progress progress = progress()) {
        report = ClonezillaSets.verify(directory.get(), progress);
      }
      if (json()) {
        Json.print(out(), json(report));
      } else {
        print(out(), report);
      }
      return report.sound() ? ExitCode.DONE : ExitCode.CORRUPT;
    }

    private static Json.Fields json(ClonezillaReport report) {
      List<Json.Fields> findings = new ArrayList<>();
      for (ClonezillaReport.Finding finding : report.findings()) {
        findings.add(Json.object().put("file", finding.file()).put("what", finding.text()));
      }
      return Json.object()
          .put("sound", report.sound())
          .put("sums", report.sumFiles())
          .put("files", report.files())
          .put("contents", report.contents())
          .put("findings", findings);
    }

    private static void print(PrintStream out, ClonezillaReport report) {
      for (ClonezillaReport.Finding finding : report.findings()) {
        out.println(Text.safe(finding.file() + ": " + finding.text()));
      }
      out.printf(
          "%s%s: %s.%n",
          Text.count(report.contents(), "content"),
          report.sumFiles().isEmpty()
              ? ", no sums of files"
              : ", %s with %s"
                  .formatted(
                      Text.count(report.files(), "file"), String.join(", ", report.sumFiles())),
          report.sound()
              ? "all is as it was saved"
              : Text.count(report.findings().size(), "finding"));
    }
  }
}
