package io.calco.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The folder `shared` beside the repository (or `$CALCO_SHARED`): real images that no one here
/// made, and scripts that build and boot real guests. Not every machine has it: without it a test
/// is skipped with a word, unless `CALCO_SHARED` promised it.
public final class Shared {
  private Shared() {}

  /// The repository's root: the directory that holds `.mvn`.
  public static Path repository() {
    for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
      if (Files.isDirectory(at.resolve(".mvn"))) {
        return at;
      }
    }
    throw new IllegalStateException("not run from inside the repository");
  }

  /// A file or directory of the shared folder; skips the test if it is not there.
  public static Path path(String relative) {
    return find(relative)
        .orElseThrow(
            () -> Missing.optional("no " + relative + " in a folder shared beside the repository"));
  }

  /// As [#path], without an opinion about its absence.
  public static Optional<Path> find(String relative) {
    String asked = System.getenv().getOrDefault("CALCO_SHARED", "");
    if (!asked.isEmpty()) {
      Path promised = Path.of(asked, relative).toAbsolutePath();
      if (!Files.exists(promised)) {
        throw new AssertionError("CALCO_SHARED is set, but there is no " + promised);
      }
      return Optional.of(promised);
    }
    return Optional.of(repository().resolveSibling("shared").resolve(relative))
        .filter(Files::exists);
  }

  /// A real image out of `samples/samples.tar.zst`, such as `dfvfs/ext2-a.qcow2`. Not to be written
  /// to.
  public static Path sample(String name) {
    Path archive = path("samples/samples.tar.zst");
    Path samples =
        TestCache.get(
            "samples-" + stamp(archive),
            target -> {
              Oracle.named("zstd");
              Files.createDirectory(target);
              Oracle.named("tar")
                  .run("--zstd", "--no-same-owner", "-xf", archive, "-C", target)
                  .succeeds();
            });
    Path sample = samples.resolve(name);
    if (!Files.exists(sample)) {
      throw new AssertionError("no sample of the name " + name);
    }
    return sample;
  }

  /// A real, bootable Debian disk in raw format, built once per machine by `guests/make-guest.sh`.
  /// That takes about a minute, root, loop devices and apt; where one of them is missing, the test
  /// is skipped. Not to be written to.
  ///
  /// @param options of the script, such as `--table`, `mbr`
  public static Path guest(String... options) {
    Path script = path("guests/make-guest.sh");
    List<String> words = new ArrayList<>(Arrays.asList(options));
    String name = "guest-" + stamp(script) + String.join("", words) + ".raw";
    return TestCache.get(
        name,
        target -> {
          if (!"root".equals(System.getProperty("user.name"))) {
            throw Missing.optional("building a guest disk needs root");
          }
          List<String> arguments = new ArrayList<>();
          arguments.add(script.toString());
          arguments.addAll(words);
          arguments.add(target.toString());
          Oracle.Run built = Oracle.named("bash").run(arguments.toArray());
          if (built.exit() != 0) {
            throw Missing.optional("no guest disk could be built here: " + built);
          }
        });
  }

  // What a cached file was made from, for its name: the length and the date say when it changes.
  private static String stamp(Path file) {
    try {
      return Long.toHexString(Files.size(file))
          + "-"
          + Long.toHexString(Files.getLastModifiedTime(file).toMillis());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
