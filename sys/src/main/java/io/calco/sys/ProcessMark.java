package io.calco.sys;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Names a process so that a later one can tell whether it still runs: what a file it left behind
/// carries. A process number alone would be taken for a living process when the number is used
/// again, and means nothing on another machine or in another container.
///
/// @param host this boot of this machine, and this container: 8 hexadecimal digits
/// @param pid the process's number there
/// @param start when it started, in the kernel's ticks since boot; 0 when unknown
public record ProcessMark(String host, long pid, long start) {
  private static final Pattern TEXT =
      Pattern.compile("([0-9a-f]{8})-([0-9]{1,10})-([0-9a-f]{1,16})");

  /// What is known of a marked process.
  public enum State {
    /// It runs.
    RUNNING,
    /// It has ended.
    ENDED,
    /// It is another machine's, another container's, or from before this machine was started.
    UNKNOWN
  }

  /// The mark of this process.
  public static ProcessMark self() {
    return of(ProcessHandle.current().pid());
  }

  /// The mark of a process of this machine that runs.
  public static ProcessMark of(long pid) {
    return new ProcessMark(thisHost(), pid, startOf(pid));
  }

  /// The mark that [#toString] wrote, or empty.
  public static Optional<ProcessMark> parse(String text) {
    Matcher parts = TEXT.matcher(text);
    return parts.matches()
        ? Optional.of(
            new ProcessMark(
                parts.group(1),
                Long.parseLong(parts.group(2)),
                Long.parseUnsignedLong(parts.group(3), 16)))
        : Optional.empty();
  }

  /// What is known of the process now.
  public State state() {
    if (!host.equals(thisHost())) {
      return State.UNKNOWN;
    }
    boolean runs = ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
    return runs && startOf(pid) == start ? State.RUNNING : State.ENDED;
  }

  private static String thisHost() {
    String names =
        text(Path.of("/proc/sys/kernel/random/boot_id"))
            + link(Path.of("/proc/self/ns/pid"))
            + System.getProperty("os.name");
    return HexFormat.of().toHexDigits(names.hashCode());
  }

  /// Field 22 of `/proc/PID/stat`, counted behind the command's name, which may hold anything but
  /// ends with the last parenthesis. Unlike a time of day it never shifts when the clock is set.
  private static long startOf(long pid) {
    String stat = text(Path.of("/proc", Long.toString(pid), "stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 1).strip().split(" ");
    return fields.length > 19 ? Long.parseLong(fields[19]) : 0;
  }

  private static String text(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
    } catch (IOException notLinux) {
      return "";
    }
  }

  private static String link(Path file) {
    try {
      return Files.readSymbolicLink(file).toString();
    } catch (IOException | UnsupportedOperationException notLinux) {
      return "";
    }
  }

  /// As [#parse] reads it; fit for a file name.
  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%s-%d-%x", host, pid, start);
  }
}
