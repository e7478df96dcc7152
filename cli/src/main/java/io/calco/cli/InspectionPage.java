package io.calco.cli;

import io.calco.engine.Inspection;
import io.calco.guest.inspect.GuestFacts;
import io.calco.guest.inspect.GuestFacts.DriverFacts;
import io.calco.guest.inspect.GuestFacts.DriverPlace;
import io.calco.guest.inspect.GuestFacts.EncryptedVolume;
import io.calco.guest.inspect.GuestFacts.PackageFacts;
import io.calco.guest.inspect.GuestFacts.SystemFacts;
import io.calco.guest.inspect.GuestFacts.VolumeFacts;
import io.calco.guest.inspect.UniqueFact;
import io.calco.guest.inspect.WindowsFacts;
import io.calco.guest.inspect.packages.InstalledPackage;
import java.io.PrintStream;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What is in a disk, as a page that a person reads. What a guest does not have takes no line, but
/// for what one would look for.
final class InspectionPage {
  private final PrintStream out;

  InspectionPage(PrintStream out) {
    this.out = out;
  }

  /// Everything but packages' names and warnings.
  void print(Inspection found) {
    GuestFacts guest = found.guest();
    DiskInfoCommand.print(out, found.image(), DiskInfoCommand.Detail.SHORT);
    out.println(
        "partition table: "
            + guest.partitionTable().orElse("none")
            + ", boots by "
            + bootMode(guest.bootMode()));
    out.println();
    volumes(guest);
    guest.system().ifPresent(this::system);
    guest.windows().ifPresent(this::windows);
    uniques(guest);
  }

  private void volumes(GuestFacts guest) {
    Table volumes = new Table("PART", "SIZE", "USED", "CONTENT", "MOUNTED", "TYPE");
    for (VolumeFacts volume : guest.volumes()) {
      volumes.add(
          volume.number().map(String::valueOf).or(volume::device).orElse("disk"),
          Text.size(volume.size()),
          volume.used().isPresent() ? Text.size(volume.used().getAsLong()) : "-",
          volume.content().orElse("-"),
          volume.mountPoint().orElse("-"),
          volume.type().orElse("-"));
    }
    volumes.print(out);
    closed(guest);
  }

  private void closed(GuestFacts guest) {
    List<VolumeFacts> closed =
        guest.volumes().stream()
            .filter(volume -> volume.content().equals(Optional.of("crypto_LUKS")))
            .filter(volume -> volume.unreadable().isPresent())
            .toList();
    for (VolumeFacts volume : closed) {
      String place =
          volume.number().map(n -> "partition " + n).or(volume::device).orElse("whole disk");
      out.println();
      out.println(Text.safe(place + ": " + volume.unreadable().orElseThrow()));
    }
    if (!closed.isEmpty()) {
      out.println("To look inside, give its passphrase with --passphrase-file FILE.");
    }
  }

  private void uniques(GuestFacts guest) {
    if (guest.uniques().isEmpty()) {
      return;
    }
    out.println();
    out.println("What makes this machine itself:");
    Table uniques = new Table("WHAT", "WHERE", "VALUE");
    for (UniqueFact unique : guest.uniques()) {
      uniques.add(unique.kind(), unique.path(), unique.value().orElse(""));
    }
    uniques.print(out);
  }

  /// The packages' table, and how many they are.
  void list(PackageFacts packages) {
    out.println();
    if (packages.count().isEmpty()) {
      out.println(count(packages) + ".");
      return;
    }
    Table table = new Table("PACKAGE", "VERSION", "ARCHITECTURE");
    for (InstalledPackage installed : packages.installed()) {
      table.add(installed.name(), installed.fullVersion(), installed.architecture().orElse("-"));
    }
    table.print(out);
    out.println();
    out.println(Text.count(packages.count().getAsLong(), "package") + ".");
  }

  void warnings(GuestFacts guest) {
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

  private void system(SystemFacts system) {
    out.println();
    line("system", system.prettyName().orElse(system.id()));
    line("hostname", system.hostname().orElse("-"));
    line("architecture", system.architecture().orElse("-"));
    int entries = system.bootEntries().size();
    line(
        "boot loader",
        system.bootLoader().orElse("-")
            + switch (entries) {
              case 0 -> "";
              case 1 -> ", 1 entry";
              default -> ", " + entries + " entries";
            });
    line("kernels", list(system.kernels()));
    if (!system.virtioDrivers().isEmpty()) {
      line("virtio", virtio(system.virtioDrivers()));
    }
    line(
        "init",
        InspectCommand.word(system.init())
            + system.defaultTarget().map(target -> ", " + target).orElse(""));
    line("network", list(system.networkManagers()));
    line("time zone", system.timeZone());
    line("locale", system.locale());
    line("SELinux", system.selinux());
    system.encrypted().forEach(volume -> line("encrypted", encrypted(volume)));
    line("last boot", system.lastBoot().map(time -> time.truncatedTo(ChronoUnit.SECONDS) + ""));
    line("last used", system.lastUsed().map(time -> time.truncatedTo(ChronoUnit.SECONDS) + ""));
    line("cloud-init", system.cloudInit() ? "yes" : "no");
    line("SSH server", system.sshServer() ? "yes" : "no");
    line("packages", system.packages().map(InspectionPage::count));
    line("users", list(system.users().stream().map(GuestFacts.UserFacts::name).toList()));
    system.unmounted().forEach(volume -> line("not mounted", InspectCommand.describe(volume)));
  }

  private static String count(PackageFacts packages) {
    return packages.count().isPresent()
        ? packages.count().getAsLong() + " (" + packages.manager() + ")"
        : "the database of " + packages.manager() + " cannot be read";
  }

  /// `pci (built-in); blk, scsi (initramfs)`.
  private static String virtio(List<DriverFacts> drivers) {
    List<String> places = new ArrayList<>();
    for (DriverPlace place : DriverPlace.values()) {
      List<String> there =
          drivers.stream()
              .filter(driver -> driver.place() == place && place != DriverPlace.NONE)
              .map(driver -> driver.name().replaceFirst("^virtio_", ""))
              .toList();
      if (!there.isEmpty()) {
        places.add(list(there) + " (" + InspectCommand.word(place) + ")");
      }
    }
    return places.isEmpty() ? "none" : String.join("; ", places);
  }

  private static String encrypted(EncryptedVolume volume) {
    return "%s from %s, %s"
        .formatted(
            volume.name(),
            volume.device(),
            volume.keyFile().map(file -> "key " + file).orElse("passphrase"));
  }

  private void windows(WindowsFacts windows) {
    out.println();
    line(
        "system",
        windows.product().orElse("Windows")
            + windows.displayVersion().map(v -> " " + v).orElse("")
            + windows.build().map(build -> ", build " + build).orElse(""));
    line("hostname", windows.computerName().orElse("-"));
    line("architecture", windows.architecture().orElse("-"));
    line("machine SID", windows.machineSid().orElse("-"));
    line("time zone", windows.timeZone().orElse("-"));
    line("shut down", windows.lastShutdown().map(String::valueOf).orElse("-"));
    line(
        "sysprep",
        (windows.sysprep().generalised() ? "generalised" : "not generalised")
            + windows.sysprep().imageState().map(state -> " (" + state + ")").orElse(""));
    line("cloudbase-init", windows.cloudbaseInit() ? "yes" : "no");
    line(
        "drivers",
        list(
            windows.drivers().stream()
                .map(driver -> driver.service() + " (" + InspectCommand.word(driver.start()) + ")")
                .toList()));
    line("static IP", list(windows.staticAddresses()));
    line("users", list(windows.users()));
  }

  private static String list(List<String> values) {
    return values.isEmpty() ? "-" : String.join(", ", values);
  }

  private void line(String label, Optional<String> value) {
    value.ifPresent(present -> line(label, present));
  }

  private void line(String label, String value) {
    out.printf("%-14s%s%n", label + ":", Text.safe(value));
  }
}
