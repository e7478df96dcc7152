package io.calco.backup.rescue;

import io.calco.backup.rescue.RescueMap.Block;
import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A map as ddrescue writes and reads it: `Mapfile structure` in its manual.
final class MapText {
  private static final Pattern STATUS =
      Pattern.compile("(\\w{1,20})\\s+([?*/\\-FG+])(?:\\s+([0-9]{1,9}))?");
  private static final Pattern BLOCK = Pattern.compile("(\\w{1,20})\\s+(\\w{1,20})\\s+([?*/\\-+])");
  private static final Pattern COMMENT = Pattern.compile("(?:^|\\s)#.*");
  private static final int LINE_MAX = 4096; // ours; ddrescue puts its command line into one

  private MapText() {}

  /// What is being done, as the map's status line has it.
  ///
  /// @param position byte that is being tried
  /// @param letter of the phase
  /// @param pass in the phase, from 1
  record Phase(long position, char letter, int pass) {
    static final Phase FINISHED = new Phase(0, '+', 1);
  }

  /// Writes a map.
  static String encode(RescueMap map, Phase phase) {
    StringBuilder text = new StringBuilder(64 + 32 * map.blocks().size());
    text.append("# Mapfile. Created by Calco, in the format of GNU ddrescue\n")
        .append("# current_pos  current_status  current_pass\n")
        .append(line("0x%08X     %c               %d", phase.position, phase.letter, phase.pass))
        .append("#      pos        size  status\n");
    for (Block block : map.blocks()) {
      text.append(
          line("0x%08X  0x%08X  %c", block.start(), block.length(), block.status().letter()));
    }
    return text.toString();
  }

  private static String line(String format, Object... values) {
    return String.format(Locale.ROOT, format, values) + "\n";
  }

  /// Reads a map. What it says nothing of is non-tried.
  ///
  /// @param name the file's, for messages
  /// @param size of the disk, in bytes
  /// @throws CorruptImageException when it is no map, or one of a larger disk
  /// @throws LimitExceededException when it has more blocks than can be told apart
  static RescueMap decode(String name, Reader text, long size) throws IOException {
    RescueMap map = new RescueMap(size);
    BufferedReader lines = new BufferedReader(text);
    boolean status = false;
    Optional<Long> end = Optional.empty();
    int blocks = 0;
    int number = 0;
    for (Optional<String> line = next(lines, name, number);
        line.isPresent();
        line = next(lines, name, number)) {
      number++;
      String bare = COMMENT.matcher(line.get()).replaceAll("").strip();
      if (bare.isEmpty()) {
        continue;
      }
      if (!status) {
        if (!STATUS.matcher(bare).matches()) {
          throw wrong(name, number, bare, "a status line: 0x00120000 ? 1");
        }
        status = true;
        continue;
      }
      if (++blocks > RescueMap.MOST) {
        throw new LimitExceededException(
            "%s: has more than %d blocks (our limit)".formatted(name, RescueMap.MOST));
      }
      end = Optional.of(block(map, name, number, bare, end));
    }
    if (!status && number > 0) {
      throw new CorruptImageException(name + ": is no map of ddrescue's: it has no status line");
    }
    return map;
  }

  /// A line, of which no more than is bearable was read.
  private static Optional<String> next(BufferedReader lines, String name, int number)
      throws IOException {
    StringBuilder line = new StringBuilder();
    int letter = lines.read();
    if (letter < 0) {
      return Optional.empty();
    }
    for (; letter >= 0 && letter != '\n'; letter = lines.read()) {
      line.append((char) letter);
      if (line.length() > LINE_MAX) {
        throw wrong(name, number + 1, line.substring(0, 40), "a line of ddrescue's map");
      }
    }
    return Optional.of(line.toString());
  }

  /// Enters a block; where it ends.
  private static long block(
      RescueMap map, String name, int number, String line, Optional<Long> before)
      throws CorruptImageException {
    Matcher block = BLOCK.matcher(line);
    if (!block.matches()) {
      throw wrong(name, number, line, "a block: 0x00117000 0x00000200 -");
    }
    long start;
    long end;
    try {
      start = number(block.group(1));
      end = Math.addExact(start, number(block.group(2)));
    } catch (ArithmeticException | NumberFormatException e) {
      throw wrong(name, number, line, "numbers below 2^63");
    }
    if (before.isPresent() && start != before.get()) {
      throw wrong(name, number, line, "the block at 0x%x".formatted(before.get()));
    }
    BlockStatus status = BlockStatus.of(block.group(3)).orElseThrow();
    if (end > map.size() && status == BlockStatus.FINISHED) {
      throw wrong(
          name, number, line, "a map of this disk, which has 0x%x bytes".formatted(map.size()));
    }
    long cut = Math.min(end, map.size());
    if (start < cut) {
      map.set(start, cut, status);
    }
    return end;
  }

  /// An integer constant of C++'s.
  private static long number(String text) {
    return Long.decode(text);
  }

  private static CorruptImageException wrong(
      String name, int number, String line, String expected) {
    String shown = line.replaceAll("\\p{Cntrl}", "?");
    return new CorruptImageException(
        "%s: line %d: found \"%s\", expected %s"
            .formatted(name, number, shown.substring(0, Math.min(80, shown.length())), expected));
  }
}
