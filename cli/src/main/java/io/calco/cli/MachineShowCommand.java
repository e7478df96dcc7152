package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.engine.machine.MachineHost;
import io.calco.engine.machine.MachineReport;
import io.calco.machine.libvirt.DomainXml.Card;
import io.calco.machine.libvirt.DomainXml.Graphics;
import java.io.IOException;

/// `calco machine show`.
final class MachineShowCommand extends MachineCommand.OnMachine {
  private final Flag xml =
      words.flag("--xml", "Its description as libvirt keeps it, secrets included; QEMU's is JSON.");

  MachineShowCommand() {
    super(
        "show", "One machine: its disks, what of the catalogue they are, its network, its screen.");
    words.examples("calco machine show web1", "calco machine show web1 --xml");
  }

  @Override
  int run(MachineHost machines) throws IOException {
    if (xml.given()) {
      out().print(machines.record(machine()));
      return ExitCode.DONE;
    }
    MachineReport machine = machines.show(machine());
    if (json()) {
      Json.print(out(), MachineCommand.json(machine));
    } else {
      print(machine);
    }
    return ExitCode.DONE;
  }

  private void print(MachineReport machine) {
    line("name", machine.name());
    line("uuid", machine.uuid());
    line("state", machine.state().label());
    line("autostart", machine.autostart() ? "yes" : "no");
    line("type", machine.type());
    line("memory", Text.size(machine.memory()));
    line("processors", machine.processors());
    for (MachineReport.Disk disk : machine.disks()) {
      line(
          "disk " + disk.facts().target(),
          disk.facts().file().map(Object::toString).orElse("-")
              + disk.owner().map(owner -> " (" + owner + ")").orElse(""));
    }
    for (Card card : machine.cards()) {
      line(
          "network card",
          "%s %s %s"
              .formatted(card.mac().orElse("-"), card.type(), card.source().orElse(""))
              .strip());
    }
    machine.addresses().forEach(address -> line("address", address));
    for (Graphics one : machine.graphics()) {
      line(
          "screen",
          one.port() == 0
              ? one.type()
              : "%s %s:%d".formatted(one.type(), one.listen(), one.port()));
    }
  }

  private void line(String name, Object value) {
    TemplateCommand.line(out(), name, value);
  }
}
