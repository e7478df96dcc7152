package io.calco.store.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.testkit.Seeds;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A directory keeps the contract.
class LocalDirectoryTest extends BackendContract {
  @TempDir private Path directory;

  @Override
  protected Backend open() throws IOException {
    return LocalDirectory.create(directory.resolve("a/b"));
  }

  /// Pages of any length, put together, are the listing.
  @Test
  void listsPageByPage() throws IOException {
    Seeds.run(
        30,
        random -> {
          Path root = directory.resolve("p" + random.nextLong());
          LocalDirectory objects = LocalDirectory.create(root);
          String[] parts = {"a", "a-", "a.b", "a0", "b", "b_"};
          for (int i = 0; i < 40; i++) {
            Path file = root;
            for (int depth = random.nextInt(3); depth >= 0; depth--) {
              file = file.resolve(parts[random.nextInt(parts.length)]);
            }
            if (!Files.exists(file) && isFree(root, file)) {
              Files.createDirectories(file.getParent());
              Files.write(file, new byte[random.nextInt(9)]);
            }
          }
          for (String prefix : List.of("", "a/", "a/a-/", "b_/")) {
            List<StoredObject> paged = new ArrayList<>();
            int most = 1 + random.nextInt(5);
            List<StoredObject> page = objects.page(prefix, "", most);
            while (!page.isEmpty()) {
              paged.addAll(page);
              page = objects.page(prefix, page.getLast().name(), most);
            }
            assertThat(paged).isEqualTo(objects.list(prefix));
            try (Stream<Path> files = Files.walk(root)) {
              assertThat(paged)
                  .extracting(StoredObject::name)
                  .containsExactlyInAnyOrderElementsOf(
                      files
                          .filter(Files::isRegularFile)
                          .map(file -> root.relativize(file).toString())
                          .filter(name -> name.startsWith(prefix))
                          .toList());
            }
          }
        });
  }

  private static boolean isFree(Path root, Path file) {
    for (Path above = file.getParent(); !above.equals(root); above = above.getParent()) {
      if (Files.isRegularFile(above)) {
        return false;
      }
    }
    return true;
  }

  @Test
  void takesInWhatComesAsAStream() throws IOException {
    try (LocalDirectory objects = LocalDirectory.create(directory)) {
      assertThat(putNew(objects, "abc")).isTrue();
      assertThat(putNew(objects, "abc")).as("the same").isTrue();
      assertThat(putNew(objects, "abd")).isFalse();
      assertThat(putNew(objects, "ab")).isFalse();
      assertThat(objects.get("x/y", 9)).isEqualTo("abc".getBytes(StandardCharsets.UTF_8));
      try (IncomingObject fresh = receive(objects, "abd")) {
        fresh.publishReplacing();
      }
      assertThat(objects.get("x/y", 9)).isEqualTo("abd".getBytes(StandardCharsets.UTF_8));
      receive(objects, "nobody publishes it").close();
      assertThatThrownBy(() -> objects.receive("x/z", new ByteArrayInputStream(new byte[9]), 10))
          .isInstanceOf(EOFException.class);
      assertThat(objects.list("")).containsExactly(new StoredObject("x/y", 3));
      try (Stream<Path> files = Files.list(directory.resolve("x"))) {
        assertThat(files).hasSize(1);
      }
    }
  }

  @Test
  void deletesMany() throws IOException {
    try (LocalDirectory objects = LocalDirectory.create(directory)) {
      List<String> names = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        names.add("d" + i % 7 + "/" + i);
        objects.put(names.getLast(), List.of());
        names.add("none/" + i);
      }
      objects.put("d1/kept", List.of());
      objects.deleteAll(names);
      assertThat(objects.list("")).containsExactly(new StoredObject("d1/kept", 0));
      assertThatThrownBy(() -> objects.deleteAll(List.of("d1")))
          .isInstanceOf(DirectoryNotEmptyException.class);
      objects.deleteAll(List.of());
    }
  }

  private static IncomingObject receive(LocalDirectory objects, String content) throws IOException {
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    return objects.receive("x/y", new ByteArrayInputStream(bytes), bytes.length);
  }

  private static boolean putNew(LocalDirectory objects, String content) throws IOException {
    try (IncomingObject fresh = receive(objects, content)) {
      return fresh.publishNew();
    }
  }
}
