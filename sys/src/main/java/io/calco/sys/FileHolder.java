package io.calco.sys;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// A process that has a file open, as far as `/proc` lets us see: of other users' processes only
/// root sees the files. A value.
///
/// @param pid the process
/// @param command its short name, control characters replaced
/// @param writing it has the file open for writing
public record FileHolder(long pid, String command, boolean writing) {
  private static final int O_ACCMODE = 3;

  /// Looks through `/proc` for everybody who has the file open, this process too; nobody where
  /// there is no `/proc`. Takes a few milliseconds to a few hundred, by the number of open files.
  public static List<FileHolder> of(Path file) throws IOException {
    Map<String, Object> identity = identity(file);
    List<FileHolder> holders = new ArrayList<>();
    Path proc = Path.of("/proc");
    if (identity.isEmpty() || !Files.isDirectory(proc.resolve("self"))) {
      return holders;
    }
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
      for (Path process : processes) {
        addHolder(process, identity, holders);
      }
    }
    return holders;
  }

  /// The loop devices of this host that rest on the file, `loop0` …: the kernel itself has it open
  /// then, and no process.
  public static List<String> loopDevices(Path file) throws IOException {
    Path devices = Path.of("/sys/block");
    if (!Files.isDirectory(devices)) {
      return List.of();
    }
    String name = file.toRealPath().toString();
    List<String> found = new ArrayList<>();
    try (DirectoryStream<Path> loops = Files.newDirectoryStream(devices, "loop*")) {
      for (Path loop : loops) {
        if (firstLine(loop.resolve("loop/backing_file")).equals(name)) {
          found.add(loop.getFileName().toString());
        }
      }
    }
    return found;
  }

  private static String firstLine(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).strip();
    } catch (IOException gone) {
      return "";
    }
  }

  /// A process may end or be hidden from us at any step.
  private static void addHolder(
      Path process, Map<String, Object> identity, List<FileHolder> holders) {
    boolean reading = false;
    boolean writing = false;
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path descriptor : descriptors) {
        if (isFile(descriptor, identity)) {
          reading = true;
          writing |= opensForWriting(process, descriptor.getFileName().toString());
        }
      }
    } catch (IOException | java.nio.file.DirectoryIteratorException hiddenOrGone) {
      return;
    }
    if (reading) {
      long pid = Long.parseLong(process.getFileName().toString());
      holders.add(new FileHolder(pid, command(process), writing));
    }
  }

  private static boolean isFile(Path descriptor, Map<String, Object> identity) {
    try {
      return Files.readSymbolicLink(descriptor).isAbsolute()
          && identity(descriptor).equals(identity);
    } catch (IOException gone) {
      return false;
    }
  }

  private static Map<String, Object> identity(Path file) throws IOException {
    if (!file.getFileSystem().supportedFileAttributeViews().contains("unix")) {
      return Map.of();
    }
    return Files.readAttributes(file, "unix:dev,ino");
  }

  /// The `flags:` line of `/proc/PID/fdinfo/N`, in octal.
  private static boolean opensForWriting(Path process, String descriptor) {
    try {
      for (String line : Files.readAllLines(process.resolve("fdinfo").resolve(descriptor))) {
        if (line.startsWith("flags:")) {
          return (Long.parseLong(line.substring(6).strip(), 8) & O_ACCMODE) != 0;
        }
      }
      return false;
    } catch (IOException | NumberFormatException gone) {
      return false;
    }
  }

  /// Anybody may name a process anything.
  private static String command(Path process) {
    StringBuilder printable = new StringBuilder();
    firstLine(process.resolve("comm"))
        .codePoints()
        .forEach(c -> printable.appendCodePoint(Character.isISOControl(c) ? '\uFFFD' : c));
    return printable.toString();
  }

  /// As a message names it: `qemu-system-x86 (process 4711)`.
  @Override
  public String toString() {
    return "%s (process %d)".formatted(command, pid);
  }
}
