package io.calco.guest.operation;

import io.calco.guest.Draft;
import io.calco.guest.GuestTree;
import io.calco.guest.OsRelease;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/// An operation that takes settings out of Red Hat's `ifcfg-*` files.
abstract class InterfaceFiles extends Operation {
  private final List<String> settings;

  InterfaceFiles(String name, String help, String... settings) {
    super(name, Default.ON, help);
    this.settings = List.of(settings);
  }

  @Override
  public boolean applies(GuestTree tree) throws IOException {
    return OsRelease.of(tree).family() == OsRelease.Family.RED_HAT;
  }

  @Override
  public void plan(Draft draft, Settings unused) throws IOException {
    for (String path : draft.glob("/etc/sysconfig/network-scripts/ifcfg-*")) {
      draft.edit(path, this::without);
    }
  }

  private String without(String text) {
    if (text.lines().noneMatch(this::isTaken)) {
      return text;
    }
    return text.lines()
        .filter(line -> !isTaken(line))
        .map(line -> line + "\n")
        .collect(Collectors.joining());
  }

  private boolean isTaken(String line) {
    return settings.stream().anyMatch(setting -> line.startsWith(setting + "="));
  }
}
