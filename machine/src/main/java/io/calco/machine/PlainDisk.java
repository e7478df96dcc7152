package io.calco.machine;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/// The disk of a running machine that QEMU alone runs: `block-stream`, `block-commit` and
/// `block-job-*` (`qapi/block-core.json`). The monitor, which bears one at a time, is left between
/// the questions. Safe for several threads.
final class PlainDisk implements LiveDisk {
  /// What QEMU is told to call it.
  static final String DEVICE = "disk";

  private static final String JOB = "calco";
  private static final String BACKUP_FILTER = "copy-before-write"; // while one goes on
  private static final long PAUSE_MILLIS = 20;
  private static final Pattern PROTOCOL = Pattern.compile("([a-z][a-z0-9]*)[a-z0-9+]*:.*");

  private final PlainMachines machines;
  private final PlainMachine machine;

  PlainDisk(PlainMachines machines, PlainMachine machine) {
    this.machines = machines;
    this.machine = machine;
  }

  @Override
  public String machine() {
    return machine.name();
  }

  @Override
  public String target() {
    return machine.target();
  }

  private JsonNode ask(String command, Map<String, ?> arguments) throws IOException {
    try (Qmp monitor = machines.monitor(machine.name())) {
      return monitor.execute(command, arguments);
    }
  }

  @Override
  public List<DiskLayer> layers() throws IOException {
    try (Qmp monitor = machines.monitor(machine.name())) {
      Map<List<String>, String> nodes = new HashMap<>();
      for (JsonNode node : monitor.execute("query-named-block-nodes", Map.of("flat", true))) {
        nodes.put(List.of(text(node, "drv"), text(node, "file")), text(node, "node-name"));
      }
      for (JsonNode device : monitor.execute("query-block", Map.of())) {
        if (text(device, "device").equals(DEVICE)) {
          return layers(device.path("inserted").path("image"), nodes);
        }
      }
    }
    throw new IOException("machine %s: its QEMU has no disk".formatted(machine.name()));
  }

  private static List<DiskLayer> layers(JsonNode uppermost, Map<List<String>, String> nodes) {
    List<DiskLayer> layers = new ArrayList<>();
    for (JsonNode image = uppermost;
        image.has("filename") && layers.size() < DiskLayer.LAYERS_MAX;
        image = image.path("backing-image")) {
      String file = text(image, "filename");
      String format = text(image, "format");
      if (format.equals(BACKUP_FILTER)) {
        continue;
      }
      Matcher elsewhere = PROTOCOL.matcher(file);
      layers.add(
          new DiskLayer(
              nodes.getOrDefault(List.of(format, file), file),
              file.startsWith("/") ? Optional.of(Path.of(file)) : Optional.empty(),
              Optional.of(format),
              elsewhere.matches() ? Optional.of(elsewhere.group(1)) : Optional.empty()));
    }
    return layers;
  }

  private static String text(JsonNode node, String field) {
    return node.path(field).asString("");
  }

  @Override
  public void pull(Optional<DiskLayer> base, long bytesPerSecond) throws IOException {
    Map<String, Object> arguments = new HashMap<>();
    base.ifPresent(layer -> arguments.put("base-node", layer.name()));
    begin("block-stream", arguments, bytesPerSecond);
  }

  @Override
  public void commit(DiskLayer base, long bytesPerSecond) throws IOException {
    Map<String, Object> arguments = new HashMap<>();
    arguments.put("base-node", base.name());
    begin("block-commit", arguments, bytesPerSecond);
  }

  private void begin(String command, Map<String, Object> arguments, long bytesPerSecond)
      throws IOException {
    arguments.put("job-id", JOB);
    arguments.put("device", DEVICE);
    arguments.put("speed", bytesPerSecond);
    ask(command, arguments);
  }

  @Override
  public Optional<BlockJob> job() throws IOException {
    for (JsonNode job : ask("query-block-jobs", Map.of())) {
      if (text(job, "device").equals(JOB)) {
        return Optional.of(
            new BlockJob(
                job.path("offset").asLong(0),
                job.path("len").asLong(0),
                job.path("ready").asBoolean(false)));
      }
    }
    return Optional.empty();
  }

  @Override
  public void abort() throws IOException {
    ask("block-job-cancel", Map.of("device", JOB));
    awaitEnd();
  }

  /// Notes first that the disk changes: whoever is killed in between leaves that to be asked.
  @Override
  public void pivot() throws IOException {
    machines.noteChange(machine.name());
    ask("block-job-complete", Map.of("device", JOB));
    awaitEnd();
    machines.find(machine.name());
  }

  private void awaitEnd() throws IOException {
    JobEnd.await(
        () -> job().isPresent(),
        PAUSE_MILLIS,
        "machine %s: the work on its disk does not end".formatted(machine.name()));
  }
}
