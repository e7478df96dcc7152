package io.calco.server.web.machine;

import io.calco.engine.machine.CatalogueDisk;
import io.calco.engine.machine.MachineReport;
import io.calco.machine.libvirt.DomainState;
import io.calco.server.web.Text;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// A machine, in words.
///
/// @param report what is known of it
/// @param text the reader's language
record MachineView(MachineReport report, Text text) {
  /// The path of a machine's page, below the pages' root.
  static String path(String name) {
    return "/machines/" + URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }

  String path() {
    return path(report.name());
  }

  String state() {
    return text.of("machines.state." + report.state().code());
  }

  String mark() {
    return mark(report.state());
  }

  /// The class that colours a state.
  static String mark(DomainState state) {
    return switch (state) {
      case RUNNING, BLOCKED -> "good";
      case PAUSED, SHUTTING_DOWN, SUSPENDED -> "busy";
      case CRASHED -> "bad";
      case SHUT_OFF, UNKNOWN -> "";
    };
  }

  boolean active() {
    return report.state().active();
  }

  /// The template whose sealed disk it has, so that it cannot be started.
  Optional<String> sealed() {
    return report.owners().stream()
        .flatMap(owner ->
            owner instanceof CatalogueDisk.OfTemplate(String name, int _)
                ? Optional.of(name).stream()
                : Optional.<String>empty().stream())
        .findFirst();
  }

  /// The clone that it runs.
  Optional<String> cloneName() {
    return report.owners().stream()
        .flatMap(owner ->
            owner instanceof CatalogueDisk.OfClone(String name)
                ? Optional.of(name).stream()
                : Optional.<String>empty().stream())
        .findFirst();
  }

  boolean startable() {
    return !active() && sealed().isEmpty();
  }

  /// True when it can hear that it should shut down.
  boolean stoppable() {
    return report.state() == DomainState.RUNNING || report.state() == DomainState.BLOCKED;
  }

  /// True when there is something to be seen of it.
  boolean shown() {
    return active() && !report.graphics().isEmpty();
  }

  String memory() {
    return text.size(report.memory());
  }

  /// Without the lengths of their networks.
  List<String> addresses() {
    return report.addresses().stream().map(address -> address.replaceFirst("/.*", "")).toList();
  }
}
