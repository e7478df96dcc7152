package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.engine.DemoDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// `calco demo`.
final class DemoCommand extends CommandBase {
  private final Value<Path> disk =
      words.optionalParameter("DISK", Path.class, "A machine's disk, shut off.");

  private final Value<Path> keep =
      words.option(
          "--keep", "DIR", Path.class, "Work in this new directory, and leave everything there.");

  DemoCommand() {
    super(
        "demo",
        "The whole life of an image in one command, on a disk of yours or a small built-in one.",
        "The disk is inspected, made into a sealed template, cloned, verified, in a directory "
            + "that goes afterwards; the disk itself is left as it is. The built-in one has the files "
            + "of a Debian but does not boot.");
  }

  @Override
  int run() throws IOException {
    Path work =
        keep.given() ? Files.createDirectory(keep.get()) : Files.createTempDirectory("calco-demo");
    Path source = disk.optional().orElse(work.resolve("vm.qcow2"));
    if (!disk.given()) {
      DemoDisk.unpack(source);
    }
    int exit = live(source, work.resolve("home"));
    if (!keep.given() && exit == ExitCode.DONE) {
      delete(work);
    } else {
      say("All of it is in %s; go on with --home %s".formatted(work, work.resolve("home")));
    }
    return exit;
  }

  private int live(Path source, Path home) {
    List<List<String>> life =
        List.of(
            List.of("inspect", source.toString()),
            List.of("template", "create", source.toString(), "--name", "maqueta"),
            List.of("clone", "create", "maqueta", "web1", "web2"),
            List.of("clone", "create", "maqueta", "db", "--full"),
            List.of("clone", "show", "web1"),
            List.of("clone", "reset", "web1", "--yes"),
            List.of("tree"),
            List.of("template", "verify", "maqueta"),
            List.of("doctor"),
            List.of("template", "delete", "maqueta", "--flatten-children", "--yes"),
            List.of("tree"));
    for (List<String> step : life) {
      int exit = run(step, home);
      if (exit != ExitCode.DONE) {
        return exit;
      }
    }
    return ExitCode.DONE;
  }

  private int run(List<String> step, Path home) {
    out().println();
    out().println("$ calco " + Text.safe(String.join(" ", step)));
    boolean homeless = step.getFirst().equals("inspect");
    return Main.execute(
        Stream.concat(
                step.stream(), homeless ? Stream.empty() : Stream.of("--home", home.toString()))
            .toArray(String[]::new));
  }

  /// Template disks are sealed; the last step took the seals off.
  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
