package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.engine.Inspection;
import io.calco.guest.UnmountedVolume;
import io.calco.guest.inspect.GuestFacts;
import io.calco.guest.inspect.GuestFacts.PackageFacts;
import io.calco.guest.inspect.GuestFacts.SystemFacts;
import io.calco.guest.inspect.GuestFacts.VolumeFacts;
import io.calco.guest.inspect.UniqueFact;
import io.calco.guest.inspect.WindowsFacts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/// `calco inspect`.
final class InspectCommand extends CommandBase {
  private final GuestSource source = new GuestSource(words);

  private final Value<Path> disk =
      words.parameter("DISK", Path.class, "An image file of any format.");

  private final Syntax.Flag listed =
      words.flag("--packages", "Also list the installed packages: name, version, architecture.");

  InspectCommand() {
    super(
        "inspect",
        "What is in a disk: partitions, system, users, packages, what makes it unique.",
        "Never writes: a journal that needs replay is replayed in memory.");
    words.examples(
        "calco inspect vm.qcow2",
        "calco inspect --output json vm.qcow2",
        "calco inspect --packages vm.qcow2");
  }

  @Override
  int run() throws IOException {
    Inspection found = Inspection.of(disk.get(), source.options());
    if (json()) {
      Json.print(out(), json(found));
    } else {
      InspectionPage page = new InspectionPage(out());
      page.print(found);
      if (listed.given()) {
        found.guest().system().flatMap(SystemFacts::packages).ifPresent(page::list);
      }
      page.warnings(found.guest());
    }
    return ExitCode.DONE;
  }

  private Json.Fields json(Inspection found) {
    GuestFacts guest = found.guest();
    Json.Fields all =
        Json.object()
            .put("image", DiskInfoCommand.json(found.image()))
            .put("partition-table", guest.partitionTable())
            .put("boot-mode", word(guest.bootMode()))
            .put("volumes", guest.volumes().stream().map(InspectCommand::json).toList());
    guest.system().ifPresent(system -> all.put("system", json(system)));
    guest.windows().ifPresent(windows -> all.put("windows", json(windows)));
    return all.put("uniques", guest.uniques().stream().map(InspectCommand::json).toList())
        .put("warnings", guest.warnings());
  }

  private static Json.Fields json(VolumeFacts volume) {
    return Json.object()
        .put("number", volume.number())
        .put("device", volume.device())
        .put("start", boxed(volume.start()))
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

  private Json.Fields json(SystemFacts system) {
    return Json.object()
        .put("id", system.id())
        .put("family", word(system.family()))
        .put("version", system.version())
        .put("name", system.prettyName())
        .put("hostname", system.hostname())
        .put("architecture", system.architecture())
        .put("boot-loader", system.bootLoader())
        .put("boot-entries", system.bootEntries().stream().map(InspectCommand::json).toList())
        .put("kernels", system.kernels())
        .put(
            "virtio-drivers",
            system.virtioDrivers().stream()
                .map(driver ->
                    Json.object().put("name", driver.name()).put("place", word(driver.place())))
                .toList())
        .put("init", word(system.init()))
        .put("default-target", system.defaultTarget())
        .put("last-boot", system.lastBoot().map(String::valueOf))
        .put("last-used", system.lastUsed().map(String::valueOf))
        .put("network-managers", system.networkManagers())
        .put("time-zone", system.timeZone())
        .put("locale", system.locale())
        .put("selinux", system.selinux())
        .put("encrypted", system.encrypted().stream().map(InspectCommand::json).toList())
        .put("cloud-init", system.cloudInit())
        .put("ssh-server", system.sshServer())
        .put("packages", system.packages().map(this::json))
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

  private static Json.Fields json(GuestFacts.BootEntry entry) {
    return Json.object()
        .put("path", entry.path())
        .put("title", entry.title())
        .put("version", entry.version());
  }

  private static Json.Fields json(GuestFacts.EncryptedVolume volume) {
    return Json.object()
        .put("name", volume.name())
        .put("device", volume.device())
        .put("key-file", volume.keyFile())
        .put("options", volume.options());
  }

  private Json.Fields json(PackageFacts packages) {
    Json.Fields fields =
        Json.object().put("manager", packages.manager()).put("count", boxed(packages.count()));
    if (listed.given()) {
      fields.put(
          "packages",
          packages.installed().stream()
              .map(installed ->
                  Json.object()
                      .put("name", installed.name())
                      .put("epoch", boxed(installed.epoch()))
                      .put("version", installed.version())
                      .put("release", installed.release())
                      .put("architecture", installed.architecture()))
              .toList());
    }
    return fields;
  }

  private static Json.Fields json(WindowsFacts windows) {
    return Json.object()
        .put("product", windows.product())
        .put("edition", windows.edition())
        .put("version", windows.version())
        .put("build", windows.build())
        .put("display-version", windows.displayVersion())
        .put("architecture", windows.architecture())
        .put("hostname", windows.computerName())
        .put("machine-sid", windows.machineSid())
        .put("time-zone", windows.timeZone())
        .put("last-shutdown", windows.lastShutdown().map(String::valueOf))
        .put("generalised", windows.sysprep().generalised())
        .put("image-state", windows.sysprep().imageState())
        .put("generalization-state", windows.sysprep().generalizationState())
        .put("setup-in-progress", windows.sysprep().setupInProgress())
        .put("clone-tag", windows.sysprep().cloneTag())
        .put("cloudbase-init", windows.cloudbaseInit())
        .put(
            "drivers",
            windows.drivers().stream()
                .map(driver ->
                    Json.object()
                        .put("service", driver.service())
                        .put("start", word(driver.start())))
                .toList())
        .put("static-addresses", windows.staticAddresses())
        .put("users", windows.users());
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

  static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static String describe(UnmountedVolume volume) {
    return "%s on %s: %s".formatted(volume.device(), volume.mountPoint(), volume.reason());
  }
}
