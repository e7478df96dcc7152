package io.calco.disk;

import io.calco.sys.FileNames;
import io.calco.sys.OpenFile;
import io.calco.sys.ProcessMark;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A file in the making: written beside its target under another name, then published whole.
///
/// ```java
/// try (BesideFile part = BesideFile.of(target)) {
///   Image.create(part.path(), "qcow2", options);
///   …
///   part.publish();
/// }
/// ```
///
/// Whatever happens, and wherever the power goes, the target's name leads to nothing (or, when it
/// is replaced, to the old file) or to the complete new one: its bytes are on the medium before it
/// gets the name, and the name is when [#publish] returns. What was not published is deleted on
/// close; what a killed process could not delete, [#sweep] does.
///
/// Thread rule: confined.
public final class BesideFile implements AutoCloseable {
  private static final Pattern NAME = Pattern.compile("\\..*\\.([^.]+)\\.[0-9]+\\.part");

  /// Enough of the target's name to know it by; a file name may have 255 bytes.
  private static final int NAME_CHARS = 50;

  /// How long the file of a process that we know nothing of is left alone after its last write.
  private static final Duration STRANGERS_REST = Duration.ofDays(1);

  private static final AtomicLong COUNT = new AtomicLong();

  private final Path target;
  private final Path path;
  private boolean published;

  private BesideFile(Path target, Path path) {
    this.target = target;
    this.path = path;
  }

  /// A name beside `target`, in the same directory; makes no file.
  public static BesideFile of(Path target) {
    String name = target.toAbsolutePath().normalize().getFileName().toString();
    String shown = name.substring(0, Math.min(name.length(), NAME_CHARS));
    String beside = ".%s.%s.%d.part".formatted(shown, ProcessMark.self(), COUNT.incrementAndGet());
    return new BesideFile(target, target.resolveSibling(beside));
  }

  /// Where to write; the caller creates the file.
  public Path path() {
    return path;
  }

  /// Gives the file its name, which must be free. The file must be closed by its writers.
  ///
  /// @throws FileAlreadyExistsException when something has the name
  public void publish() throws IOException {
    syncFile();
    FileNames.move(path, target);
    published = true;
    FileNames.sync(directory());
  }

  /// Whether publishing waits for the medium.
  public enum Durability {
    /// Bytes and name are on the medium when it returns.
    SYNCED,
    /// The system brings them there in its own time, as with `cp`; a loss of power may lose them.
    LEFT_TO_THE_SYSTEM
  }

  /// Gives the file its name, in place of the file that has it.
  public void publishReplacing() throws IOException {
    publishReplacing(Durability.SYNCED);
  }

  /// As [#publishReplacing()], waiting for the medium or not.
  public void publishReplacing(Durability durability) throws IOException {
    if (durability == Durability.SYNCED) {
      syncFile();
    }
    FileNames.replace(path, target);
    published = true;
    if (durability == Durability.SYNCED) {
      FileNames.sync(directory());
    }
  }

  /// Publishes several files, each as [#publish] does, but none before the bytes of all are on the
  /// medium. A failure in between leaves those published that came before it.
  public static void publishAll(List<BesideFile> parts) throws IOException {
    for (BesideFile part : parts) {
      part.syncFile();
    }
    Set<Path> directories = new LinkedHashSet<>();
    for (BesideFile part : parts) {
      FileNames.move(part.path, part.target);
      part.published = true;
      directories.add(part.directory());
    }
    for (Path directory : directories) {
      FileNames.sync(directory);
    }
  }

  private void syncFile() throws IOException {
    try (OpenFile file = OpenFile.open(path, OpenFile.Access.READ)) {
      file.sync();
    }
  }

  private Path directory() {
    return target.toAbsolutePath().resolveSibling("");
  }

  /// Deletes the file unless it was published.
  @Override
  public void close() throws IOException {
    if (!published) {
      Files.deleteIfExists(path);
    }
  }

  /// Deletes what processes that have ended left unpublished in a directory: those of this machine
  /// at once, others' (the directory may be shared, or the machine restarted) a day after their
  /// last write.
  ///
  /// @return what was deleted
  public static List<Path> sweep(Path directory) throws IOException {
    List<Path> swept = new ArrayList<>();
    try (DirectoryStream<Path> parts = Files.newDirectoryStream(directory, ".*.part")) {
      for (Path part : parts) {
        if (abandoned(part) && Files.deleteIfExists(part)) {
          swept.add(part);
        }
      }
    }
    return swept;
  }

  private static boolean abandoned(Path part) throws IOException {
    Matcher name = NAME.matcher(part.getFileName().toString());
    if (!name.matches()) {
      return false;
    }
    return switch (ProcessMark.parse(name.group(1)).map(ProcessMark::state).orElse(null)) {
      case RUNNING -> false;
      case ENDED -> true;
      case UNKNOWN -> restedLong(part);
      case null -> false;
    };
  }

  private static boolean restedLong(Path part) throws IOException {
    try {
      Instant written = Files.getLastModifiedTime(part).toInstant();
      return written.plus(STRANGERS_REST).isBefore(Instant.now());
    } catch (NoSuchFileException gone) {
      return false;
    }
  }
}
