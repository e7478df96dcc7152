package io.calco.fs.guestfish;

import io.calco.disk.LimitExceededException;
import io.calco.fs.FileSystem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// An image file opened for writing by libguestfs: a small Linux in a virtual machine, which has
/// drivers for all that Linux has. It takes seconds to start, without hardware virtualisation half
/// a minute.
///
/// Nobody else may have the image open. Thread rule: confined, with its file systems.
public final class Guestfish implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(10);
  private static final Duration ANSWER = Duration.ofMinutes(5);
  private static final Duration WORK = Duration.ofHours(2);

  /// How file systems are mounted.
  static final String OPTIONS = "noatime";

  private static final int LIST_MAX = 64 << 20; // ours: bytes of a directory's names

  private final Path scratch;
  private final GuestfishProcess process;
  private int mounts;
  private boolean closed;

  private Guestfish(Path scratch, GuestfishProcess process) {
    this.scratch = scratch;
    this.process = process;
  }

  /// True when the program is on the PATH.
  public static boolean isInstalled() {
    return find().isPresent();
  }

  static Optional<Path> find() {
    String path = System.getenv().getOrDefault("PATH", "/usr/bin:/bin");
    return Arrays.stream(path.split(":"))
        .filter(directory -> !directory.isEmpty())
        .map(directory -> Path.of(directory, "guestfish"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /// Starts the machine with the image as its one disk, which is `/dev/sda` there. The
  /// environment's LIBGUESTFS variables hold.
  ///
  /// @param image left as it is until something is written
  /// @param format QEMU's name of it, such as `qcow2`; backing images are followed
  /// @throws io.calco.disk.UnsupportedFeatureException when guestfish is not installed, telling
  ///   which package has it
  /// @throws IOException when the machine does not start
  public static Guestfish open(Path image, String format) throws IOException {
    Path scratch = Files.createTempDirectory("calco-guestfish");
    GuestfishProcess process = null;
    try {
      process = GuestfishProcess.start(scratch);
      Guestfish guestfish = new Guestfish(scratch, process);
      guestfish.process.run(
          START,
          List.of(
              Command.of("add-drive")
                  .file(image)
                  .word("format:" + format)
                  .word("discard:besteffort"),
              Command.of("run")));
      return guestfish;
    } catch (IOException | RuntimeException e) {
      try {
        if (process != null) {
          process.close();
        }
        delete(scratch);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  /// The file system on a device of the machine's, for writing; one with subvolumes is a
  /// [io.calco.fs.SubvolumeFileSystem]. It lives no longer than this.
  ///
  /// @param device `/dev/sda3`, `/dev/vg0/root`
  public FileSystem openFileSystem(String device) throws IOException {
    boolean btrfs = line(Command.of("vfs-type").word(device)).equals("btrfs");
    String mount = newMountPoint();
    return btrfs
        ? new GuestfishBtrfs(this, device, mount, OPTIONS)
        : new GuestfishFileSystem(this, device, mount, OPTIONS);
  }

  String newMountPoint() throws IOException {
    String mount = "/v" + mounts;
    run(Command.of("mkmountpoint").word(mount));
    mounts++;
    return mount;
  }

  byte[] run(Command... commands) throws IOException {
    return process.run(ANSWER, List.of(commands));
  }

  /// As [#run], for what may take long on a large file system.
  byte[] work(Command... commands) throws IOException {
    return process.run(WORK, List.of(commands));
  }

  /// What a command prints, a line.
  String line(Command command) throws IOException {
    return new String(run(command), StandardCharsets.UTF_8).strip();
  }

  /// A file with that content, until the next call.
  Path holding(byte[] content) throws IOException {
    return Files.write(scratch.resolve("content"), content);
  }

  /// What a command writes into a file, the name of which is its last word.
  byte[] written(Command command) throws IOException {
    Path file = scratch.resolve("list");
    run(command.file(file));
    if (Files.size(file) > LIST_MAX) {
      throw new LimitExceededException("libguestfs: a directory with more than 64 MiB of names");
    }
    return Files.readAllBytes(file);
  }

  /// A message as it is told to others: without where in our input it arose.
  static String message(String line) {
    int at = line.indexOf("error: ");
    String text = at < 0 ? line : line.substring(at + "error: ".length());
    StringBuilder printable = new StringBuilder();
    text.chars().map(c -> c < ' ' || c == 0x7f ? '?' : c).forEach(c -> printable.append((char) c));
    return printable.toString().strip();
  }

  /// Shuts the machine down: all that was written is in the image. A second call does nothing.
  ///
  /// @throws IOException when something may not have been written
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try (process) {
      work(Command.of("umount-all"), Command.of("sync"), Command.of("shutdown"));
    } finally {
      delete(scratch);
    }
  }

  private static void delete(Path scratch) throws IOException {
    for (String name : List.of("content", "list", "errors")) {
      Files.deleteIfExists(scratch.resolve(name));
    }
    Files.deleteIfExists(scratch);
  }
}
