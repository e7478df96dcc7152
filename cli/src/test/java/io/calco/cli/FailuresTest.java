package io.calco.cli;

import static io.calco.cli.Command.calco;
import static org.assertj.core.api.Assertions.assertThat;

import io.calco.cli.Command.Answer;
import io.calco.engine.DemoDisk;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What cannot be done is said in one line, has its exit code, and leaves everything as it was.
class FailuresTest {
  @TempDir private Path directory;
  private Path disk;
  private Path home;

  @BeforeEach
  void open() throws IOException {
    disk = directory.resolve("vm.qcow2");
    home = directory.resolve("home");
    DemoDisk.unpack(disk);
  }

  @AfterEach
  void close() {
    Command.unlock(directory);
  }

  /// One line, and perhaps a second, set in, that says what to do.
  private static void fails(int code, String words, Answer answer) {
    answer.exits(code);
    assertThat(answer.out()).as(answer.toString()).isEmpty();
    List<String> lines = answer.err().lines().toList();
    assertThat(lines).as(answer.toString()).hasSizeBetween(1, 2);
    assertThat(lines.getFirst()).startsWith("calco: ").contains(words);
    if (lines.size() == 2) {
      assertThat(lines.get(1)).startsWith("       ");
    }
    assertThat(answer.err()).doesNotContain("Exception").doesNotContain("null");
  }

  private List<String> files(Path where) throws IOException {
    try (Stream<Path> files = Files.list(where)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void ofTheCommandLine() {
    fails(ExitCode.USAGE, "--frob", calco("disk", "info", "--frob", disk));
    fails(ExitCode.USAGE, "frob", calco("frob"));
    fails(ExitCode.USAGE, "frob", calco("template", "frob"));
    fails(ExitCode.USAGE, "", calco("disk", "info"));
    fails(ExitCode.USAGE, "--output", calco("disk", "info", "--output", "xml", disk));
    fails(ExitCode.USAGE, "a disk and a name", calco("template", "create", disk, "--home", home));
    fails(ExitCode.USAGE, "not a size", calco("disk", "create", directory.resolve("x"), "much"));
    fails(
        ExitCode.USAGE,
        "--full",
        calco("clone", "create", "t", "x", "--full", "--linked", "--home", home));
  }

  @Test
  void ofThingsThatAreNotThere() throws IOException {
    Path missing = directory.resolve("missing");
    fails(ExitCode.NOT_FOUND, "missing", calco("disk", "info", missing));
    fails(ExitCode.NOT_FOUND, "missing", calco("inspect", missing));
    fails(
        ExitCode.NOT_FOUND,
        "missing",
        calco("template", "create", missing, "--name", "t", "--home", home));
    fails(
        ExitCode.NOT_FOUND,
        "missing",
        calco("disk", "convert", missing, directory.resolve("target")));
    fails(ExitCode.NOT_FOUND, "no template t", calco("template", "show", "t", "--home", home));
    fails(ExitCode.NOT_FOUND, "no clone c", calco("clone", "show", "c", "--home", home));
    assertThat(files(directory)).containsExactly("home", "vm.qcow2");
    assertThat(files(home.resolve("pool"))).isEmpty();
  }

  @Test
  void ofFilesThatAreNoMachinesDisk() throws IOException {
    Path text = Files.writeString(directory.resolve("notes.txt"), "not an image\n");
    Path empty = Files.createFile(directory.resolve("empty"));
    for (Path file : List.of(directory, text, empty)) {
      Answer created = calco("template", "create", file, "--name", "t", "--home", home);
      assertThat(created.exit()).as(created.toString()).isBetween(2, 8);
      fails(created.exit(), file.getFileName().toString(), created);
    }
    Answer info = calco("disk", "info", directory);
    fails(info.exit(), "directory", info);
    fails(ExitCode.CORRUPT, "notes.txt", calco("disk", "info", "-f", "qcow2", text));
    fails(ExitCode.CORRUPT, "empty", calco("disk", "info", "-f", "qcow2", empty));
    assertThat(files(home.resolve("pool"))).isEmpty();
    assertThat(calco("template", "list", "--quiet", "--home", home).exits(0).out()).isEmpty();
  }

  @Test
  void ofImagesThatAreBroken() throws IOException {
    byte[] image = Files.readAllBytes(disk);
    Path target = directory.resolve("target.raw");
    Path cut = Files.write(directory.resolve("cut.qcow2"), Arrays.copyOf(image, image.length / 2));
    fails(ExitCode.CORRUPT, "cut.qcow2", calco("disk", "convert", "-O", "raw", cut, target));
    Answer created = calco("template", "create", cut, "--name", "t", "--home", home);
    fails(ExitCode.CORRUPT, "", created);
    int[][] damages = {{7, 9}, {23, 63}, {24, 0xff}, {36, 0x7f}, {40, 0xff}, {72, 0x80}};
    for (int[] damage : damages) {
      byte[] bad = image.clone();
      bad[damage[0]] = (byte) damage[1];
      Path file = Files.write(directory.resolve("bad.qcow2"), bad);
      Answer answer = calco("disk", "convert", "-f", "qcow2", "-O", "raw", file, target);
      assertThat(answer.exit()).as(answer.toString()).isIn(ExitCode.CORRUPT, ExitCode.UNSUPPORTED);
      fails(answer.exit(), "bad.qcow2", answer);
    }
    assertThat(files(directory)).containsExactly("bad.qcow2", "cut.qcow2", "home", "vm.qcow2");
    assertThat(files(home.resolve("pool"))).isEmpty();
    Answer verbose = calco("disk", "info", "--verbose", "-f", "qcow2", directory.resolve("home"));
    assertThat(verbose.err()).contains("\tat ");
  }

  @Test
  void ofReferencesThatLeadOutside() throws IOException {
    Path inside = Files.createDirectory(directory.resolve("inside"));
    Path overlay = inside.resolve("overlay.qcow2");
    Oracle.named("qemu-img")
        .run("create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", disk, overlay)
        .succeeds();
    Path target = directory.resolve("target.raw");

    fails(
        ExitCode.DENIED,
        "--allow " + directory,
        calco("disk", "convert", "-O", "raw", overlay, target));

    assertThat(target).doesNotExist();
    calco("disk", "convert", "-O", "raw", "--allow", directory, overlay, target).exits(0);
  }

  @Test
  void ofPermissions() throws IOException {
    Assumptions.assumeTrue("root".equals(System.getProperty("user.name")), "asks root");
    String classes = Command.readable(directory.resolve("classes"));
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setPosixFilePermissions(disk, PosixFilePermissions.fromString("rw-------"));
    calco("template", "list", "--home", home).exits(0);

    fails(ExitCode.DENIED, "vm.qcow2", Command.asNobody(classes, "disk", "info", disk));
    Answer list = Command.asNobody(classes, "template", "list", "--home", home);
    fails(list.exit(), home.toString(), list);
    Answer open =
        Command.asNobody(classes, "template", "list", "--home", directory.resolve("home2"));
    fails(ExitCode.DENIED, "home2", open);
    Files.setPosixFilePermissions(disk, PosixFilePermissions.fromString("rw-r--r--"));
    fails(
        ExitCode.DENIED,
        "target",
        Command.asNobody(classes, "disk", "convert", disk, directory.resolve("target")));
    assertThat(files(directory)).containsExactly("classes", "home", "vm.qcow2");
  }

  @Test
  void ofSpace() throws IOException {
    Path small = Files.createDirectory(directory.resolve("small"));
    Oracle.Run mounted = Oracle.named("mount").run("-t", "tmpfs", "-o", "size=1m", "tmpfs", small);
    Assumptions.assumeTrue(mounted.exit() == 0, "a file system of 1 MiB could not be mounted");
    try {
      Path target = small.resolve("target.qcow2");
      fails(
          ExitCode.SYSTEM,
          "space",
          calco("disk", "convert", "-O", "qcow2", "-S", "0", disk, target));
      assertThat(files(small)).isEmpty();
      Path there = Files.writeString(small.resolve("target.qcow2"), "what was there");
      fails(
          ExitCode.SYSTEM, "space", calco("disk", "convert", "-O", "raw", "-S", "0", disk, target));
      assertThat(Files.readString(there)).isEqualTo("what was there");

      calco("template", "create", disk, "--name", "t", "--home", home).exits(0);
      fails(
          ExitCode.SYSTEM,
          "space",
          calco(
              "clone", "create", "t", "c{1..9}", "--full", "--output-dir", small, "--home", home));
      assertThat(files(small)).containsExactly("target.qcow2");
      assertThat(files(home.resolve("first"))).isEmpty();
      calco("doctor", "--home", home).exits(0);

      Path full = small.resolve("home");
      Answer created = calco("template", "create", disk, "--name", "t", "--home", full);
      fails(ExitCode.SYSTEM, "", created);
    } finally {
      Oracle.named("umount").run(small).succeeds();
    }
  }

  @Test
  void ofTheHome() throws Exception {
    Path file = Files.writeString(directory.resolve("file"), "x");
    Answer noDirectory = calco("template", "list", "--home", file);
    fails(noDirectory.exit(), "file", noDirectory);
    calco("template", "create", disk, "--name", "t", "--home", home).exits(0);
    Path database = home.resolve("calco.db");
    byte[] sound = Files.readAllBytes(database);

    Files.write(database, "garbage".repeat(1000).getBytes(StandardCharsets.UTF_8));
    Answer garbage = calco("template", "list", "--home", home);
    fails(garbage.exit(), "calco.db", garbage);
    assertThat(Files.size(database)).isEqualTo(7000);

    Files.write(database, sound);
    try (var connection = DriverManager.getConnection("jdbc:sqlite:" + database);
        var statement = connection.createStatement()) {
      statement.executeUpdate("update flyway_schema_history set version = '99'");
    }
    fails(ExitCode.UNSUPPORTED, "calco.db", calco("template", "list", "--home", home));
    assertThat(home.resolve("pool/t.v1.qcow2")).exists();
  }
}
