package io.calco.volume.lvm;

import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.opentest4j.TestAbortedException;

/// lvm(8) on files, by loop devices, without the device-mapper.
final class LvmTool implements AutoCloseable {
  private final List<String> devices = new ArrayList<>();

  LvmTool(List<Path> files) throws IOException {
    if (!"root".equals(System.getProperty("user.name"))) {
      throw new TestAbortedException("skipped: loop devices need root");
    }
    Oracle.named("lvm");
    for (Path file : files) {
      Oracle.Run run = Oracle.named("losetup").run("--find", "--show", file);
      if (run.exit() != 0) {
        close();
        throw new TestAbortedException("skipped: no loop device here: " + run);
      }
      devices.add(run.out().strip());
    }
  }

  String device(int number) {
    return devices.get(number);
  }

  /// Runs a command; it must succeed.
  Oracle.Run run(String command, Object... arguments) {
    StringBuilder filter = new StringBuilder();
    for (String device : devices) {
      filter.append("\"a|^").append(device).append("$|\",");
    }
    List<Object> words = new ArrayList<>();
    words.add(command);
    words.add("--driverloaded");
    words.add("n");
    words.add("--config");
    words.add(
        "devices{use_devicesfile=0 scan_lvs=0 filter=[%s\"r|.*|\"]} activation{udev_sync=0 udev_rules=0} backup{backup=0 archive=0}"
            .formatted(filter));
    words.addAll(List.of(arguments));
    return Oracle.named("lvm").run(words.toArray()).succeeds();
  }

  /// One column of a report, trimmed lines.
  List<String> report(String command, String column) {
    return run(command, "--noheadings", "--nosuffix", "--units", "b", "-o", column)
        .out()
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("WARNING"))
        .toList();
  }

  /// LVM2 finds nothing to complain about.
  void check() {
    for (String device : devices) {
      Oracle.Run run = run("pvck", device);
      if ((run.out() + run.err()).toLowerCase(java.util.Locale.ROOT).contains("bad")) {
        throw new AssertionError(run.toString());
      }
    }
    Oracle.Run run = run("vgck");
    if (run.err().replaceAll("(?m)^ *WARNING: Activation disabled.*$", "").contains("WARNING")) {
      throw new AssertionError(run.toString());
    }
  }

  @Override
  public void close() {
    devices.forEach(device -> Oracle.named("losetup").run("--detach", device));
    devices.clear();
  }
}
