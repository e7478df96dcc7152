package io.calco.cli;

import io.calco.engine.Inspection;
import io.calco.guest.UnmountedVolume;
import io.calco.guest.inspect.GuestFacts;
import io.calco.guest.inspect.GuestFacts.SystemFacts;
import io.calco.guest.inspect.GuestFacts.VolumeFacts;
import io.calco.guest.inspect.UniqueFact;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `calco inspect`.
@Command(
    name = "inspect",
    description = {
      "What is in a disk: partitions, system, users, packages, what makes it unique.",
      "Never writes: a journal that needs replay is replayed in memory."
    },
    footer = {
      "",
      "Examples:",
      "  calco inspect vm.qcow2",
      "  calco inspect --output json vm.qcow2"
    })
final class InspectCommand extends CommandBase {
  @Mixin private DiskCommand.Source source = new DiskCommand.Source();

  @Parameters(paramLabel = "DISK", description = "An image file of any format.")
  private Path disk = Path.of("");

  @Override
  int run() throws IOException {
    Inspection found = Inspection.of(disk, source.options());
    if (json()) {
      Json.print(out(), json(found));
    } else {
      print(out(), found);
    }
    return ExitCode.DONE;
  }

  private static Json.Fields json(Inspection found) {
    GuestFacts guest = found.guest();
    Json.Fields all =
        Json.object()
            .put("image", DiskInfoCommand.json(found.image()))
            .put("partition-table", guest.partitionTable())
            .put("boot-mode", word(guest.bootMode()))
            .put("volumes", guest.volumes().stream().map(InspectCommand::json).toList());
    guest.system().ifPresent(system -> all.put("system", json(system)));
    return all.put("uniques", guest.uniques().stream().map(InspectCommand::json).toList())
        .put("warnings", guest.warnings());
  }

  private static Json.Fields json(VolumeFacts volume) {
    return Json.object()
        .put("number", volume.number())
        .put("start", volume.start())
        .put("size", volume.size())
        .put("type", volume.type())
        .put("content", volume.content())
        .put("uuid", volume.uuid())
        .put("label", volume.label())
        .put("used", boxed(volume.used()))
        .put("partition-uuid", volume.partitionUuid())
        .put("mount-point", volume.mountPoint())
        .put("unreadable", volume.unreadable());
  }

  private static Json.Fields json(SystemFacts system) {
    return Json.object()
        .put("id", system.id())
        .put("version", system.version())
        .put("name", system.prettyName())
        .put("hostname", system.hostname())
        .put("architecture", system.architecture())
        .put("boot-loader", system.bootLoader())
        .put("kernels", system.kernels())
        .put("init", word(system.init()))
        .put("network-managers", system.networkManagers())
        .put("cloud-init", system.cloudInit())
        .put("ssh-server", system.sshServer())
        .put(
            "packages",
            system
                .packages()
                .map(packages ->
                    Json.object()
                        .put("manager", packages.manager())
                        .put("count", boxed(packages.count()))))
        .put(
            "users",
            system.users().stream()
                .map(user ->
                    Json.object()
                        .put("name", user.name())
                        .put("uid", user.uid())
                        .put("home", user.home())
                        .put("shell", user.shell()))
                .toList())
        .put("unmounted", system.unmounted().stream().map(InspectCommand::describe).toList());
  }

  private static Json.Fields json(UniqueFact unique) {
    return Json.object()
        .put("kind", unique.kind())
        .put("path", unique.path())
        .put("value", unique.value())
        .put("removed-by", unique.operation());
  }

  private static Optional<Long> boxed(OptionalLong value) {
    return value.isPresent() ? Optional.of(value.getAsLong()) : Optional.empty();
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String describe(UnmountedVolume volume) {
    return "%s on %s: %s".formatted(volume.device(), volume.mountPoint(), volume.reason());
  }

  private static void print(PrintStream out, Inspection found) {
    GuestFacts guest = found.guest();
    DiskInfoCommand.print(out, found.image(), DiskInfoCommand.Detail.SHORT);
    out.println(
        "partition table: "
            + guest.partitionTable().orElse("none")
            + ", boots by "
            + bootMode(guest.bootMode()));
    out.println();
    Table volumes = new Table("PART", "SIZE", "USED", "CONTENT", "MOUNTED", "TYPE");
    for (VolumeFacts volume : guest.volumes()) {
      volumes.add(
          volume.number().map(String::valueOf).orElse("disk"),
          Text.size(volume.size()),
          volume.used().isPresent() ? Text.size(volume.used().getAsLong()) : "-",
          volume.content().orElse("-"),
          volume.mountPoint().orElse("-"),
          volume.type().orElse("-"));
    }
    volumes.print(out);
    guest.system().ifPresent(system -> print(out, system));
    if (!guest.uniques().isEmpty()) {
      out.println();
      out.println("What makes this machine itself:");
      Table uniques = new Table("WHAT", "WHERE", "VALUE");
      for (UniqueFact unique : guest.uniques()) {
        uniques.add(unique.kind(), unique.path(), unique.value().orElse(""));
      }
      uniques.print(out);
    }
    guest.warnings().forEach(warning -> out.println("warning: " + Text.safe(warning)));
  }

  private static String bootMode(GuestFacts.BootMode mode) {
    return switch (mode) {
      case NONE -> "nothing that was found";
      case BIOS -> "BIOS";
      case UEFI -> "UEFI";
      case BIOS_AND_UEFI -> "BIOS and UEFI";
    };
  }

  private static void print(PrintStream out, SystemFacts system) {
    out.println();
    line(out, "system", system.prettyName().orElse(system.id()));
    line(out, "hostname", system.hostname().orElse("-"));
    line(out, "architecture", system.architecture().orElse("-"));
    line(out, "boot loader", system.bootLoader().orElse("-"));
    line(out, "kernels", list(system.kernels()));
    line(out, "init", word(system.init()));
    line(out, "network", list(system.networkManagers()));
    line(out, "cloud-init", system.cloudInit() ? "yes" : "no");
    line(out, "SSH server", system.sshServer() ? "yes" : "no");
    system
        .packages()
        .ifPresent(packages ->
            line(
                out,
                "packages",
                (packages.count().isPresent() ? packages.count().getAsLong() + " " : "")
                    + "("
                    + packages.manager()
                    + ")"));
    line(out, "users", list(system.users().stream().map(GuestFacts.UserFacts::name).toList()));
    system.unmounted().forEach(volume -> line(out, "not mounted", describe(volume)));
  }

  private static String list(List<String> values) {
    return values.isEmpty() ? "-" : String.join(", ", values);
  }

  private static void line(PrintStream out, String label, String value) {
    out.printf("%-14s%s%n", label + ":", Text.safe(value));
  }
}
