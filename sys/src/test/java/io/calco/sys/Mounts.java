package io.calco.sys;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A file system made for a test, mounted through a loop device; needs root and the tools, and
/// skips the test with a word where they are missing.
final class Mounts implements AutoCloseable {
  private final Path directory;

  private Mounts(Path directory) {
    this.directory = directory;
  }

  /// @param mkfs the command that makes it, to which the image's name is added
  static Mounts mount(Path work, long size, String... mkfs) throws IOException {
    assumeTrue("root".equals(System.getProperty("user.name")), "mounting needs root");
    Path image = work.resolve(mkfs[0] + ".img");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(size);
    }
    List<String> make = new java.util.ArrayList<>(List.of(mkfs));
    make.add(image.toString());
    assumeTrue(run(make).ok(), mkfs[0] + " is not here or fails");
    Path directory = Files.createDirectory(work.resolve(mkfs[0]));
    Output mounted = run(List.of("mount", "-o", "loop", image.toString(), directory.toString()));
    assumeTrue(mounted.ok(), "no loop mounts here: " + mounted.text());
    return new Mounts(directory);
  }

  Path directory() {
    return directory;
  }

  @Override
  public void close() throws IOException {
    Output output = run(List.of("umount", directory.toString()));
    if (!output.ok()) {
      throw new IOException(output.text());
    }
  }

  /// What a command said, both streams together.
  record Output(boolean ok, String text) {}

  static Output run(List<String> command) throws IOException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Output(process.waitFor() == 0, text.strip());
    } catch (InterruptedException e) {
      throw new IOException(e);
    } catch (IOException missing) {
      return new Output(false, missing.toString());
    }
  }
}
