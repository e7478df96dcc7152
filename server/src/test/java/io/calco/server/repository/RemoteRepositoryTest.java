package io.calco.server.repository;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.engine.repository.hosted.Hosting;
import io.calco.store.backend.Backend;
import io.calco.store.backend.BackendContract;
import io.calco.store.backend.StoredObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What every backend does, of a server's repositories.
class RemoteRepositoryTest extends BackendContract {
  @TempDir private static Path directory;

  private static Hosted hosted;

  private final String name = UUID.randomUUID().toString();

  @BeforeAll
  static void serve() throws IOException {
    hosted = new Hosted(directory, Hosting.Deleting.MEMBERS);
  }

  @AfterAll
  static void end() throws IOException {
    hosted.close();
  }

  @Override
  protected Backend open() throws IOException {
    return hosted.open(name, "lab-member");
  }

  /// More than are told at a time.
  @Test
  void listsPageByPage() throws IOException {
    try (Backend backend = open()) {
      Path place = hosted.place("lab", name);
      Set<StoredObject> made = new HashSet<>();
      for (int i = 0; i < 2500; i++) {
        String object = "packs/%02x/a%d".formatted(i % 7, i);
        Path file = place.resolve(object);
        Files.createDirectories(file.getParent());
        Files.write(file, new byte[i % 3]);
        made.add(new StoredObject(object, i % 3));
      }
      Files.write(place.resolve("config"), new byte[9]);
      assertThat(backend.list("packs/")).hasSize(2500).containsExactlyInAnyOrderElementsOf(made);
      made.add(new StoredObject("config", 9));
      assertThat(backend.list("")).containsExactlyInAnyOrderElementsOf(made);
    }
  }
}
