package io.calco.testkit;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/// Tests that share a libvirtd of their own, which each leaves as it found it: without machines and
/// pools.
public abstract class WithLibvirt {
  @TempDir private static @Nullable Path place;
  private static @Nullable LibvirtServer server;

  @BeforeAll
  static void startLibvirt() throws IOException {
    server = LibvirtServer.start(Objects.requireNonNull(place));
  }

  @AfterAll
  static void stopLibvirt() {
    if (server != null) {
      server.close();
      server = null;
    }
  }

  @AfterEach
  final void clearLibvirt() {
    for (String machine : machines()) {
      server().virsh("destroy", machine);
      server()
          .virsh(
              "undefine",
              "--nvram",
              "--managed-save",
              "--snapshots-metadata",
              "--checkpoints-metadata",
              machine);
    }
    for (String pool : names("pool-list")) {
      server().virsh("pool-destroy", pool);
      server().virsh("pool-undefine", pool);
    }
  }

  /// The libvirtd.
  protected static LibvirtServer server() {
    return Objects.requireNonNull(server);
  }

  /// The names of its machines, as virsh sees them.
  protected static List<String> machines() {
    return names("list");
  }

  private static List<String> names(String what) {
    return server()
        .virsh(what, "--all", "--name")
        .out()
        .lines()
        .map(String::strip)
        .filter(name -> !name.isEmpty())
        .toList();
  }
}
