package io.calco.testkit;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.opentest4j.TestAbortedException;

/// lvm(8) on files, by loop devices, without the device-mapper.
public final class LvmTool implements AutoCloseable {
  private static final Pattern RANGE = Pattern.compile("(\\S+)\\s+(\\d+)\\s+(\\S+?):(\\d+)-(\\d+)");

  private final List<Path> files;
  private final List<String> devices = new ArrayList<>();

  /// Makes loop devices of the files; without root the test is skipped.
  public LvmTool(List<Path> files) throws IOException {
    this.files = List.copyOf(files);
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

  /// The device of a file, by the file's place in the list.
  public String device(int number) {
    return devices.get(number);
  }

  /// Runs a command; it must succeed.
  public Oracle.Run run(String command, Object... arguments) {
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
  public List<String> report(String command, String column) {
    return run(command, "--noheadings", "--nosuffix", "--units", "b", "-o", column)
        .out()
        .lines()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("WARNING"))
        .toList();
  }

  /// LVM2 finds nothing to complain about.
  public void check() {
    for (String device : devices) {
      Oracle.Run run = run("pvck", device);
      if ((run.out() + run.err()).toLowerCase(Locale.ROOT).contains("bad")) {
        throw new AssertionError(run.toString());
      }
    }
    Oracle.Run run = run("vgck");
    if (run.err().replaceAll("(?m)^ *WARNING: Activation disabled.*$", "").contains("WARNING")) {
      throw new AssertionError(run.toString());
    }
  }

  /// Every linear volume's bytes from where LVM2 says that they lie, by name.
  public Map<String, byte[]> volumes() throws IOException {
    Map<String, byte[]> volumes = new TreeMap<>();
    for (String line : report("lvs", "lv_name,lv_size")) {
      String[] words = line.split("\\s+");
      volumes.put(words[0], new byte[Integer.parseInt(words[1])]);
    }
    int start = Integer.parseInt(report("pvs", "pe_start").getFirst());
    int extent = Integer.parseInt(report("vgs", "vg_extent_size").getFirst());
    Matcher range =
        RANGE.matcher(
            run("lvs", "--segments", "--noheadings", "-o", "lv_name,seg_start_pe,seg_pe_ranges")
                .out());
    while (range.find()) {
      Path file = files.get(devices.indexOf(range.group(3)));
      int first = Integer.parseInt(range.group(4));
      int count = Integer.parseInt(range.group(5)) - first + 1;
      byte[] bytes = Objects.requireNonNull(volumes.get(range.group(1)));
      try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "r")) {
        raw.seek(start + (long) first * extent);
        raw.readFully(bytes, Integer.parseInt(range.group(2)) * extent, count * extent);
      }
    }
    return volumes;
  }

  @Override
  public void close() {
    devices.forEach(device -> Oracle.named("losetup").run("--detach", device).succeeds());
    devices.clear();
  }
}
