package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.engine.Calco;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.machine.CatalogueDisk;
import io.calco.engine.machine.MachineDoctor;
import io.calco.engine.machine.MachineHost;
import io.calco.engine.machine.MachineReport;
import io.calco.engine.machine.Machines;
import io.calco.engine.machine.PlainHost;
import io.calco.machine.libvirt.Connection;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// `calco machine`.
final class MachineCommand extends GroupCommand {

  MachineCommand() {
    super(
        "machine",
        "Machines of libvirt, side by side with virsh and virt-manager, or of QEMU alone.");
  }

  @Override
  List<Member> members() {
    return List.of(
        new Member("list", MachineListCommand::new),
        new Member("show", MachineShowCommand::new),
        new Member("define", MachineDefineCommand::new),
        new Member("adopt", MachineAdoptCommand::new),
        new Member("recover", MachineRecoverCommand::new),
        new Member("migrate-in", MachineMigrateInCommand::new),
        new Member("run", MachineRunCommand::new),
        new Member("test", MachineTestCommand::new),
        new Member("start", MachineStateCommand.Start::new),
        new Member("stop", MachineStateCommand.StopMachines::new),
        new Member("console", MachineConsoleCommand::new),
        new Member("screenshot", MachineScreenshotCommand::new),
        new Member("edit", MachineEditCommand::new),
        new Member("rename", MachineRenameCommand::new),
        new Member("delete", MachineDeleteCommand::new));
  }

  /// Whose machines are meant.
  static final class Connect {
    private final Value<String> uri;

    Connect(Syntax words) {
      uri =
          words.option(
              "--connect",
              "URI",
              String.class,
              "Which libvirt: qemu:///system, qemu:///session (this user's own) or"
                  + " qemu+unix:///system?socket=FILE, another host's qemu+ssh://USER@HOST/system"
                  + " (host keys in known_hosts, or ?fingerprint=SHA256:…; ?keyfile=FILE);"
                  + " qemu:plain for machines of QEMU alone,"
                  + " which Calco keeps (default: $$LIBVIRT_DEFAULT_URI, else qemu:///system, else"
                  + " qemu:plain where no libvirt listens).");
    }

    boolean given() {
      return uri.given();
    }

    /// The caller closes it.
    Connection connection() throws IOException {
      return Machines.connect(uri.optional(), System.getenv());
    }

    /// True when machines of QEMU alone are meant.
    boolean plain() {
      return MachineHost.plain(uri.optional(), System.getenv());
    }

    Machines open(Calco calco) throws IOException {
      return Machines.open(calco, uri.optional(), System.getenv());
    }

    MachineHost openHost(Calco calco) throws IOException {
      return hosts(calco).open();
    }

    MachineHost.Opening hosts(Calco calco) {
      return MachineHost.meant(calco, uri.optional(), System.getenv());
    }

    /// Looks for what is broken there.
    Optional<MachineDoctor.Examination> examine(Calco calco) throws IOException {
      return MachineDoctor.examine(calco, uri.optional(), System.getenv());
    }

    /// Where none is named, empty when none listens.
    Optional<Machines> find(Calco calco) throws IOException {
      return Machines.find(calco, uri.optional(), System.getenv());
    }
  }

  /// A command on machines, whoever keeps them.
  abstract static class OnHost extends HomeCommand {
    private final Connect connect;

    OnHost(String name, String... description) {
      super(name, description);
      connect = new Connect(words);
    }

    @Override
    int run(Calco calco) throws IOException {
      try (MachineHost host = hosts(calco).open()) {
        return run(host);
      }
    }

    final MachineHost.Opening hosts(Calco calco) {
      MachineHost.Opening meant = connect.hosts(calco);
      return () -> {
        MachineHost host = meant.open();
        if (host instanceof PlainHost && !connect.given()) {
          say("no libvirt listens here: these are machines of QEMU alone");
        }
        return host;
      };
    }

    /// Does the work; the exit code.
    abstract int run(MachineHost machines) throws IOException;
  }

  /// The same, for what QEMU alone cannot do.
  ///
  /// @throws OperationException when libvirt does not keep these machines
  static Machines libvirt(MachineHost host) {
    if (host instanceof Machines machines) {
      return machines;
    }
    throw new OperationException(
        Kind.UNSUPPORTED,
        "only machines of libvirt can do that, and these are of QEMU alone",
        "start libvirtd, or name a libvirt with --connect");
  }

  /// A command on one machine.
  abstract static class OnMachine extends OnHost {
    private final Value<String> machine =
        words.parameter("MACHINE", String.class, "The machine's name.");

    OnMachine(String name, String... description) {
      super(name, description);
    }

    final String machine() {
      return machine.get();
    }
  }

  static Json.Fields json(MachineReport machine) {
    return Json.object()
        .put("name", machine.name())
        .put("uuid", machine.uuid())
        .put("state", machine.state().code())
        .put("autostart", machine.autostart())
        .put("persistent", machine.persistent())
        .put("type", machine.type())
        .put("memory", machine.memory())
        .put("processors", machine.processors())
        .put("disks", machine.disks().stream().map(MachineCommand::json).toList())
        .put(
            "network-cards",
            machine.cards().stream()
                .map(card ->
                    Json.object()
                        .put("mac", card.mac())
                        .put("type", card.type())
                        .put("source", card.source()))
                .toList())
        .put(
            "graphics",
            machine.graphics().stream()
                .map(one ->
                    Json.object()
                        .put("type", one.type())
                        .put("listen", one.listen())
                        .put("port", one.port()))
                .toList())
        .put("addresses", machine.addresses());
  }

  private static Json.Fields json(MachineReport.Disk disk) {
    Json.Fields fields =
        Json.object()
            .put("target", disk.facts().target())
            .put("bus", disk.facts().bus())
            .put("file", disk.facts().file())
            .put("format", disk.facts().format())
            .put("read-only", disk.facts().readOnly());
    disk.owner()
        .ifPresent(owner -> {
          switch (owner) {
            case CatalogueDisk.OfTemplate(String name, int version) ->
                fields.put("template", name).put("template-version", version);
            case CatalogueDisk.OfClone(String name) -> fields.put("clone", name);
          }
        });
    return fields;
  }

  static String owners(MachineReport machine) {
    return machine.owners().isEmpty()
        ? "-"
        : machine.owners().stream().map(CatalogueDisk::toString).collect(Collectors.joining(", "));
  }
}
