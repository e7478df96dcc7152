package io.calco.sys;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A process that has a file open, as far as `/proc` lets us see: of other users' processes only
/// root sees the files. A value.
///
/// @param pid the process
/// @param command its short name, control characters replaced
/// @param writing it has the file open for writing
/// @param machine which machine it runs, when it is QEMU and was told (`-name`)
public record FileHolder(long pid, String command, boolean writing, Optional<String> machine) {
  private static final int O_ACCMODE = 3;
  private static final int ARGUMENTS_MAX = 1 << 16; // ours: libvirt names the machine first

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
      String command = command(process);
      holders.add(new FileHolder(pid, command, writing, machine(process, command)));
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

  private static String command(Path process) {
    return printable(firstLine(process.resolve("comm")));
  }

  /// Anybody may name a process anything.
  private static String printable(String name) {
    StringBuilder printable = new StringBuilder();
    name.codePoints()
        .forEach(c -> printable.appendCodePoint(Character.isISOControl(c) ? '\uFFFD' : c));
    return printable.toString();
  }

  /// Of `-name web1` and `-name guest=web1,debug-threads=on`.
  private static Optional<String> machine(Path process, String command) {
    if (!command.startsWith("qemu-system")) {
      return Optional.empty();
    }
    try (InputStream file = Files.newInputStream(process.resolve("cmdline"))) {
      String text = new String(file.readNBytes(ARGUMENTS_MAX), StandardCharsets.UTF_8);
      List<String> arguments = List.of(text.split("\0"));
      int name = arguments.indexOf("-name") + 1;
      return name == 0 || name == arguments.size()
          ? Optional.empty()
          : Optional.of(printable(arguments.get(name).split(",")[0].replaceFirst("^guest=", "")));
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  /// As a message names it: `qemu-system-x86 (process 4711, machine web1)`.
  @Override
  public String toString() {
    return "%s (process %d%s)"
        .formatted(command, pid, machine.map(", machine "::concat).orElse(""));
  }
}
