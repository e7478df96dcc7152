package io.calco.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.JobContext;
import io.calco.store.backend.LocalDirectory;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two processes at a time on one store in a directory, killed in the middle of whatever they do.
class KillTest {
  private static final int PROCESSES = 2;

  @TempDir private Path directory;

  @Test
  void whatWasAcknowledgedIsThere() {
    int rounds = Integer.getInteger("calco.store.kills", 2);
    Seeds.run(
        1,
        random -> {
          Path place = directory.resolve("store");
          LocalDirectory backend = LocalDirectory.create(place);
          Stores.create(backend).close();
          Set<String> wanted = new HashSet<>();
          for (int round = 0; round < rounds; round++) {
            List<Process> victims = new ArrayList<>();
            List<Path> outputs = new ArrayList<>();
            for (int p = 0; p < PROCESSES; p++) {
              Path output = directory.resolve("out-" + round + "-" + p);
              outputs.add(output);
              victims.add(start(place, "r" + round + "p" + p + "n", output));
            }
            for (int i = 0; i < PROCESSES; i++) {
              waitForFirst(outputs.get(i), victims.get(i));
            }
            Thread.sleep(random.nextInt(1500));
            for (Process victim : victims) {
              assertThat(victim.isAlive()).as("the process lives").isTrue();
              victim.destroyForcibly().waitFor();
            }
            check(backend, outputs, wanted);
          }
        });
  }

  private static Process start(Path place, String prefix, Path output) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            Victim.class.getName(),
            place.toString(),
            prefix,
            output.toString())
        .inheritIO()
        .start();
  }

  private static void waitForFirst(Path output, Process victim) throws Exception {
    while (!Files.exists(output) || Files.size(output) == 0) {
      assertThat(victim.isAlive()).as("the process lives").isTrue();
      Thread.sleep(20);
    }
  }

  /// @param wanted what must be there from earlier rounds; changed to what must be now
  private static void check(LocalDirectory backend, List<Path> outputs, Set<String> wanted)
      throws IOException {
    for (Path output : outputs) {
      for (String line : Files.readAllLines(output)) {
        assertThat(line).matches("[+-]r\\d+p\\dn\\d+");
        String name = line.substring(1);
        if (line.startsWith("+")) {
          wanted.add(name);
        } else {
          wanted.remove(name);
        }
      }
    }
    StoreReport report = Store.verify(backend, StoreKey.none(), JobContext.SILENT);
    assertThat(report.damages()).isEmpty();
    assertThat(report.losses()).isEmpty();
    try (Store store = Store.open(backend, StoreKey.none(), StoreOptions.defaults())) {
      CollectionReport collected = store.collect(JobContext.SILENT);
      assertThat(collected.awaitedSessions()).isZero();
      Set<String> found = new HashSet<>();
      for (Root root : store.listRoots()) {
        found.add(root.name());
        assertThat(Stores.read(store, root)).isEqualTo(Victim.content(root.name()));
      }
      assertThat(found).containsAll(wanted);
      wanted.addAll(found);
    }
    assertThat(backend.list("sessions/")).isEmpty();
    assertThat(backend.list("condemned/")).isEmpty();
  }
}
