package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A repository in which a bit was flipped: what a user sees, and what can be done.
class BackupDamageTest {
  @TempDir private Path directory;
  private Path repo = Path.of("");
  private Path copy = Path.of("");

  @BeforeEach
  void fill() throws IOException {
    repo = directory.resolve("repo");
    copy = directory.resolve("copy");
    calco("repo", "init", repo).exits(0);
    calco("repo", "init", copy).exits(0);
    Random random = new Random(1);
    for (String machine : List.of("web1", "web2", "gone")) {
      byte[] content = new byte[1 << 20];
      random.nextBytes(content);
      Path disk = Files.write(directory.resolve(machine + ".img"), content);
      on("backup", "create", "--machine", machine, disk).exits(0);
    }
    on("backup", "copy", "--to", copy).exits(0);
    on("backup", "forget", "gone@latest", "--yes").exits(0);
  }

  private Command.Answer on(Object... words) {
    Object[] all = Arrays.copyOf(words, words.length + 2);
    all[words.length] = "--repo";
    all[words.length + 1] = repo;
    return calco(all);
  }

  private List<Path> files(String kind) throws IOException {
    try (Stream<Path> files = Files.walk(repo.resolve(kind))) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static void flip(Path file, int bit) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bit / 8] ^= (byte) (1 << (bit % 8));
    Files.write(file, bytes);
  }

  private static int anyBit(Path file, Random random) throws IOException {
    return random.nextInt(Math.toIntExact(Files.size(file) * 8));
  }

  private void allIsWell() {
    assertThat(on("backup", "verify").exits(0).out()).contains("all is as it was written");
    assertThat(on("backup", "list").exits(0).out()).contains("web1", "web2");
  }

  @Test
  void theOthersAreListedAndTheDamagedOneIsNamed() throws IOException {
    Path root = files("roots").getFirst();
    flip(root, 777);
    String object = "roots/" + root.getFileName();
    Command.Answer listed = on("backup", "list").exits(1);
    assertThat(listed.out().lines()).hasSize(2);
    assertThat(listed.err())
        .contains(
            object, "SHA-256", "calco backup copy --repo COPY", "calco backup forget " + object);
    on("backup", "show", "latest").exits(0);
    assertThat(on("backup", "show", "web9@latest").exits(3).err())
        .contains("1 that cannot be read may be it");
    assertThat(on("backup", "prune").exits(5).err())
        .contains(object, "nothing is collected", "calco backup list");
    on("backup", "prune", "--dry-run").exits(5);
    assertThat(on("backup", "verify").exits(1).out()).contains(object);
    assertThat(on("repo", "status").exits(0).out()).contains("DAMAGED");

    calco("backup", "copy", "--repo", copy, "--to", repo).exits(0);
    on("backup", "forget", "gone@latest", "--yes").exits(0);
    on("backup", "prune").exits(0);
    allIsWell();
  }

  @Test
  void whatIsDamagedIsGivenUp() throws IOException {
    Path root = files("roots").getFirst();
    String object = "roots/" + root.getFileName();
    assertThat(on("backup", "forget", object, "--yes").exits(4).err())
        .contains("is as it was written");
    flip(root, 777);
    assertThat(on("backup", "forget", object, "latest", "--yes").exits(2).err())
        .contains("for themselves");
    on("backup", "forget", object, "--yes").exits(0);
    on("backup", "forget", object, "--yes").exits(3);
    assertThat(on("backup", "list").exits(0).out().lines()).hasSize(2);
    on("backup", "prune").exits(0);
    assertThat(on("backup", "verify").exits(0).out()).contains("all is as it was written");
  }

  @Test
  void aDamagedIndexHindersNobodyButPrune() throws IOException {
    for (Path index : files("index")) {
      flip(index, 777);
    }
    assertThat(on("backup", "list").exits(0).out()).contains("web1", "web2");
    Path back = directory.resolve("back.img");
    on("restore", "web1@latest", back).exits(0);
    assertThat(Files.mismatch(back, directory.resolve("web1.img"))).isNegative();
    assertThat(on("backup", "prune").exits(5).err())
        .contains("index/", "nothing is collected", "calco store rebuild-index --store " + repo);
    calco("store", "rebuild-index", "--store", repo, "--home", directory.resolve("home")).exits(0);
    on("backup", "prune").exits(0);
    allIsWell();
  }

  @Test
  void whatIsLostIsTakenFromACopy() throws IOException {
    on("backup", "hold", "web1@latest", "--reason", "the exam").exits(0);
    flip(files("roots").getFirst(), 777);
    for (Path pack : files("packs")) {
      flip(pack, 8 * 1000);
    }
    assertThat(on("backup", "verify").exits(1).out()).contains("calco repo repair --from");
    assertThat(on("repo", "repair").exits(1).out()).contains("lost content");
    assertThat(on("repo", "repair", "--from", copy).exits(0).out())
        .contains("all is as it was written");
    allIsWell();
    assertThat(on("backup", "list").exits(0).out().lines()).as("what was forgotten").hasSize(3);
    for (String machine : List.of("web1", "web2")) {
      Path back = directory.resolve("back.img");
      on("restore", machine + "@latest", back, "--yes").exits(0);
      assertThat(Files.mismatch(back, directory.resolve(machine + ".img"))).isNegative();
    }
  }

  @Test
  void byDifferencesNothingIsReadThatTheTargetHas() throws IOException {
    byte[] saved = new byte[4 << 20];
    new Random(2).nextBytes(saved);
    Path target = Files.write(directory.resolve("large.img"), saved);
    on("backup", "create", "--machine", "large", target).exits(0);
    flip(target, 8 * 1_800_000);
    on("restore", "large@latest", target, "--delta", "--yes").exits(0);
    assertThat(target).hasBinaryContent(saved);
    for (Path pack : files("packs")) {
      flip(pack, Math.toIntExact(Files.size(pack) * 8 * 3 / 4)); // not in the first mebibyte
    }
    on("restore", "large@latest", directory.resolve("new.img")).exits(5);
    on("restore", "large@latest", target, "--delta", "--yes", "--verify").exits(0);
    assertThat(target).hasBinaryContent(saved);
  }

  @Test
  void theCopyMayHaveAnotherPassphrase() throws IOException {
    Path passphrase = Files.writeString(directory.resolve("passphrase"), "off-site");
    Path offsite = directory.resolve("offsite");
    calco("repo", "init", "--repo-passphrase-file", passphrase, offsite).exits(0);
    on("backup", "copy", "--to", offsite, "--to-passphrase-file", passphrase).exits(0);
    on("backup", "hold", "web1@latest", "--reason", "the exam").exits(0);
    for (Path pack : files("packs")) {
      flip(pack, 8 * 1000);
    }
    assertThat(on("repo", "repair", "--from", offsite).exit()).as("no passphrase").isNotZero();
    on("repo", "repair", "--from", offsite, "--from-passphrase-file", passphrase).exits(0);
    allIsWell();
    assertThat(on("backup", "show", "web1@latest").exits(0).out()).contains("the exam");
  }

  @Test
  void whateverBitIsFlippedPruneTakesNothingThatIsNeeded() {
    Seeds.run(
        2,
        random -> {
          for (String kind : List.of("config", "index", "packs", "roots")) {
            List<Path> all = files(kind);
            Path file = all.get(random.nextInt(all.size()));
            byte[] sound = Files.readAllBytes(file);
            flip(file, anyBit(file, random));
            int listed = on("backup", "list").exit();
            assertThat(listed).as(kind).isIn(kind.equals("config") ? List.of(5, 7) : List.of(0, 1));
            on("backup", "prune");
            if (Files.exists(file)) {
              Files.write(file, sound);
            }
            allIsWell();
          }
        });
  }
}
