package io.calco.machine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/// What a guest writes on a console: read as it comes, shown to the [Sightings], its end kept.
/// Thread rule: safe.
final class Console {
  private static final int KEPT_CHARS = 64 << 10; // ours
  private static final int WINDOW_CHARS = 2048; // ours: what may be parted between two pieces

  private final Consumer<String> seen;
  private final StringBuilder text = new StringBuilder();

  private Console(Consumer<String> seen) {
    this.seen = seen;
  }

  /// Reads from now on, in a thread that ends with the stream.
  static Console reading(String name, InputStream stream, Consumer<String> seen) {
    Console console = new Console(seen);
    Thread.ofPlatform().daemon().name(name).start(() -> console.read(stream));
    return console;
  }

  private void read(InputStream stream) {
    byte[] piece = new byte[4096];
    try (stream) {
      int count;
      while ((count = stream.read(piece)) >= 0) {
        seen.accept(add(new String(piece, 0, count, StandardCharsets.ISO_8859_1)));
      }
    } catch (IOException e) {
      // It ends with its machine.
    }
  }

  private synchronized String add(String more) {
    text.append(more);
    if (text.length() > KEPT_CHARS) {
      text.delete(0, text.length() - KEPT_CHARS);
    }
    return text.substring(Math.max(0, text.length() - more.length() - WINDOW_CHARS));
  }

  /// Its last lines without what moves a cursor or sets colours; only printable ASCII.
  synchronized String lastLines(int count) {
    String plain =
        text.toString()
            .replaceAll("\u001b\\[[0-9;?]{0,40}[ -/]?[@-~]|\u001b[@-_(][0-9A-Za-z]?", "")
            .replace('\r', '\n')
            .replaceAll("[^\n\t -~]", "");
    String[] lines =
        plain
            .lines()
            .filter(line -> !line.isBlank())
            .map(String::stripTrailing)
            .toArray(String[]::new);
    StringBuilder last = new StringBuilder();
    for (int i = Math.max(0, lines.length - count); i < lines.length; i++) {
      String line = lines[i];
      last.append(line.length() > 200 ? line.substring(0, 200) : line).append('\n');
    }
    return last.toString();
  }
}
