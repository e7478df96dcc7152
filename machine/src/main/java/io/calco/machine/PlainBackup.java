package io.calco.machine;

import io.calco.disk.CreateOptions;
import io.calco.disk.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// A backup of a running machine of QEMU's alone: its disk as it was when this began, served by NBD
/// at [PlainMachines#backupSocket] under the disk's place in the guest. What the guest overwrites
/// meanwhile goes to a qcow2 file first (`blockdev-backup`, `sync=none`), which has no name any
/// more. Specification: `docs/interop/bitmaps.rst`, `docs/interop/live-block-operations.rst`.
///
/// It lasts until it is [ended][#end], whatever becomes of whoever began it. Safe for several
/// threads with different machines; of one machine's, one may be at it.
public final class PlainBackup {
  private static final String JOB = "calco-backup";
  private static final String EXPORT = "calco-backup";
  private static final String SCRATCH = "calco-scratch";
  private static final String SCRATCH_FORMAT = "qcow2";
  private static final long PAUSE_MILLIS = 5;

  private final PlainMachines machines;
  private final PlainMachine machine;

  /// One of a machine that runs; nothing is begun yet.
  public PlainBackup(PlainMachines machines, PlainMachine machine) {
    this.machines = machines;
    this.machine = machine;
  }

  private Qmp monitor() throws IOException {
    return machines.monitor(machine.name());
  }

  /// Begins it.
  ///
  /// @param scratch a file that is not there, where QEMU may keep what the guest overwrites
  /// @param since a bitmap of the disk; what it has marked is told by NBD as a bitmap with the
  ///   export's name
  /// @param made a bitmap that is made at the same instant, and kept with the disk
  /// @throws IOException when QEMU refuses any of it; nothing is begun then, though the bitmap may
  ///   be there
  public void begin(Path scratch, Optional<String> since, Optional<String> made)
      throws IOException {
    try (Qmp monitor = monitor()) {
      JsonNode disk = disk(monitor);
      try {
        addScratch(monitor, disk, scratch);
        begin(monitor, disk.path("node-name").asString(""), since, made);
      } catch (IOException e) {
        try {
          end(monitor);
        } catch (IOException more) {
          e.addSuppressed(more);
        }
        throw e;
      }
    }
  }

  /// The disk itself: while there is a backup, the device is a filter above it.
  private JsonNode disk(Qmp monitor) throws IOException {
    for (JsonNode node : monitor.execute("query-named-block-nodes", Map.of())) {
      if (node.path("drv").asString("").equals(machine.format())
          && node.path("file").asString("").equals(machine.disk().toString())) {
        return node;
      }
    }
    throw new IOException(
        "machine %s: its QEMU has no disk %s".formatted(machine.name(), machine.disk()));
  }

  private static void addScratch(Qmp monitor, JsonNode disk, Path scratch) throws IOException {
    long size = disk.path("image").path("virtual-size").asLong(0);
    Image.create(scratch, SCRATCH_FORMAT, CreateOptions.ofSize(size));
    try {
      monitor.execute(
          "blockdev-add",
          Map.of(
              "driver",
              SCRATCH_FORMAT,
              "node-name",
              SCRATCH,
              "file",
              Map.of("driver", "file", "filename", scratch.toString()),
              "backing",
              disk.path("node-name").asString("")));
    } finally {
      Files.delete(scratch); // QEMU has it open: it goes with the backup, or with QEMU
    }
  }

  private void begin(Qmp monitor, String node, Optional<String> since, Optional<String> made)
      throws IOException {
    String name = machine.target();
    monitor.execute(
        "nbd-server-start",
        Map.of(
            "addr",
            Map.of(
                "type",
                "unix",
                "data",
                Map.of("path", machines.backupSocket(machine.name()).toString()))));
    List<Map<String, ?>> actions = new ArrayList<>();
    made.ifPresent(bitmap ->
        actions.add(
            action(
                "block-dirty-bitmap-add",
                Map.of("node", node, "name", bitmap, "persistent", true))));
    since.ifPresent(bitmap -> {
      actions.add(
          action(
              "block-dirty-bitmap-add", Map.of("node", SCRATCH, "name", name, "disabled", true)));
      actions.add(
          action(
              "block-dirty-bitmap-merge",
              Map.of(
                  "node",
                  SCRATCH,
                  "target",
                  name,
                  "bitmaps",
                  List.of(Map.of("node", node, "name", bitmap)))));
    });
    actions.add(
        action(
            "blockdev-backup",
            Map.of("job-id", JOB, "device", node, "target", SCRATCH, "sync", "none")));
    monitor.execute("transaction", Map.of("actions", actions));
    monitor.execute(
        "block-export-add",
        Map.of(
            "type",
            "nbd",
            "id",
            EXPORT,
            "node-name",
            SCRATCH,
            "name",
            name,
            "bitmaps",
            since.isPresent() ? List.of(name) : List.of()));
  }

  private static Map<String, ?> action(String type, Map<String, ?> data) {
    return Map.of("type", type, "data", data);
  }

  /// Ends it; nobody may read the disk any more. Does nothing when there is none.
  public void end() throws IOException {
    try (Qmp monitor = monitor()) {
      end(monitor);
    }
  }

  private void end(Qmp monitor) throws IOException {
    if (isThere(monitor, "query-block-exports", "id", EXPORT)) {
      monitor.execute("block-export-del", Map.of("id", EXPORT, "mode", "hard"));
      awaitGone(monitor, "query-block-exports", "id", EXPORT);
    }
    if (isThere(monitor, "query-block-jobs", "device", JOB)) {
      monitor.execute("block-job-cancel", Map.of("device", JOB, "force", true));
      awaitGone(monitor, "query-block-jobs", "device", JOB);
    }
    if (Files.exists(machines.backupSocket(machine.name()))) {
      monitor.execute("nbd-server-stop", Map.of());
      Files.deleteIfExists(machines.backupSocket(machine.name()));
    }
    if (isThere(monitor, "query-named-block-nodes", "node-name", SCRATCH)) {
      monitor.execute("blockdev-del", Map.of("node-name", SCRATCH));
    }
  }

  private static boolean isThere(Qmp monitor, String query, String field, String name)
      throws IOException {
    for (JsonNode one : monitor.execute(query, Map.of())) {
      if (one.path(field).asString("").equals(name)) {
        return true;
      }
    }
    return false;
  }

  private void awaitGone(Qmp monitor, String query, String field, String name) throws IOException {
    JobEnd.await(
        () -> isThere(monitor, query, field, name),
        PAUSE_MILLIS,
        "machine %s: its backup does not end".formatted(machine.name()));
  }

  /// The names of the disk's bitmaps.
  public List<String> bitmaps() throws IOException {
    try (Qmp monitor = monitor()) {
      List<String> names = new ArrayList<>();
      for (JsonNode bitmap : disk(monitor).path("dirty-bitmaps")) {
        names.add(bitmap.path("name").asString(""));
      }
      return names;
    }
  }

  /// Takes a bitmap away; does nothing when there is none of that name.
  public void remove(String bitmap) throws IOException {
    if (bitmaps().contains(bitmap)) {
      try (Qmp monitor = monitor()) {
        monitor.execute(
            "block-dirty-bitmap-remove",
            Map.of("node", disk(monitor).path("node-name").asString(""), "name", bitmap));
      }
    }
  }
}
