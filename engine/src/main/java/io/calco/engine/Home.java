package io.calco.engine;

import java.nio.file.Path;
import java.util.Map;

/// Where Calco keeps its state.
///
/// @param directory holds everything
public record Home(Path directory) {

  /// The directory that `$CALCO_HOME` names; else `/var/lib/calco` for root and
  /// `~/.local/share/calco` for others.
  public static Home locate(Map<String, String> environment) {
    String stated = environment.getOrDefault("CALCO_HOME", "");
    if (!stated.isEmpty()) {
      return new Home(Path.of(stated).toAbsolutePath().normalize());
    }
    if (System.getProperty("user.name", "").equals("root")) {
      return new Home(Path.of("/var/lib/calco"));
    }
    String data = environment.getOrDefault("XDG_DATA_HOME", "");
    Path base =
        data.isEmpty()
            ? Path.of(System.getProperty("user.home", "."), ".local", "share")
            : Path.of(data);
    return new Home(base.resolve("calco").toAbsolutePath());
  }

  /// Disk files that hypervisors open: templates and clones.
  public Path pool() {
    return directory.resolve("pool");
  }

  /// Machines that QEMU alone runs.
  public Path machines() {
    return directory.resolve("machines");
  }

  /// Content of images, deduplicated.
  public Path store() {
    return directory.resolve("store");
  }

  /// Content that comes in parts and is not complete yet.
  public Path uploads() {
    return directory.resolve("uploads");
  }

  /// The first state of each clone, to go back to.
  public Path first() {
    return directory.resolve("first");
  }

  /// The first state of the clone of that name.
  Path firstOf(String clone) {
    return first().resolve(clone + ".qcow2");
  }
}
