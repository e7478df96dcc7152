package io.calco.fs.ntfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.fs.FileAttributes;
import io.calco.fs.InMemory;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Directories that grow to several levels and become empty again.
class BTreeTest {
  private static final FileAttributes ATTRIBUTES =
      FileAttributes.root(0755, Instant.ofEpochSecond(1_700_000_000));

  @TempDir(factory = InMemory.class)
  Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"-c 4096", "-c 512"})
  void growsAndShrinks(String options) {
    Seeds.run(
        1,
        random -> {
          NtfsImage image = NtfsImage.make(directory, 16, options.split(" "));
          TreeSet<String> model = new TreeSet<>();
          for (int round = 0; round < 4; round++) {
            change(image, model, random, round == 3 ? 0 : 1500);
            image.check();
            image.compare();
          }
        });
  }

  private static void change(NtfsImage image, SortedSet<String> model, Random random, int made)
      throws IOException {
    image.write(fs -> {
      for (int i = 0; i < made; i++) {
        String name = "x".repeat(1 + random.nextInt(random.nextInt(8) == 0 ? 200 : 30));
        if (model.add(name + i % 1000)) {
          fs.write("/" + name + i % 1000, new byte[0], ATTRIBUTES);
        }
      }
      List<String> names = new ArrayList<>(model);
      if (random.nextBoolean()) {
        Collections.shuffle(names, random);
      }
      for (String name : names.subList(0, made == 0 ? names.size() : names.size() * 3 / 4)) {
        fs.delete("/" + name);
        model.remove(name);
      }
      assertThat(fs.list("/").stream().map(entry -> entry.name()))
          .containsExactlyInAnyOrderElementsOf(model);
    });
  }
}
