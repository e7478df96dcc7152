package io.calco.server.watch;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import io.calco.server.http.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.slf4j.event.KeyValuePair;

/// How an event of the log becomes bytes. Control characters in what is told do not reach the
/// reader's terminal, nor make a line of their own.
final class LogLines extends EncoderBase<ILoggingEvent> {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS", Locale.ROOT);

  private final Shape shape;

  /// How a line looks.
  enum Shape {
    /// For people, with time and level.
    TEXT,
    /// For systemd's journal, which has the time itself and takes the level as `<6>`.
    JOURNAL,
    /// An object.
    JSON
  }

  LogLines(Shape shape) {
    this.shape = shape;
  }

  @Override
  public byte[] headerBytes() {
    return new byte[0];
  }

  @Override
  public byte[] footerBytes() {
    return new byte[0];
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    String line = shape == Shape.JSON ? json(event) : text(event);
    return line.getBytes(StandardCharsets.UTF_8);
  }

  private static List<KeyValuePair> pairs(ILoggingEvent event) {
    List<KeyValuePair> pairs = event.getKeyValuePairs();
    return pairs == null ? List.of() : pairs;
  }

  private static String json(ILoggingEvent event) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("time", event.getInstant().toString());
    line.put("level", event.getLevel().toString().toLowerCase(Locale.ROOT));
    line.put("logger", event.getLoggerName());
    line.put("message", event.getFormattedMessage());
    pairs(event).forEach(pair -> line.put(pair.key, pair.value));
    IThrowableProxy failure = event.getThrowableProxy();
    if (failure != null) {
      line.put("trace", ThrowableProxyUtil.asString(failure));
    }
    return Json.text(line) + "\n";
  }

  private String text(ILoggingEvent event) {
    StringBuilder line = new StringBuilder();
    if (shape == Shape.JOURNAL) {
      line.append('<').append(priority(event.getLevel())).append('>');
    } else {
      Instant at = event.getInstant();
      line.append(TIME.format(at.atZone(ZoneId.systemDefault())));
      line.append(String.format(Locale.ROOT, " %-5s ", event.getLevel()));
    }
    line.append(plain(event.getFormattedMessage()));
    for (KeyValuePair pair : pairs(event)) {
      line.append(' ').append(pair.key).append('=').append(plain(String.valueOf(pair.value)));
    }
    line.append('\n');
    IThrowableProxy failure = event.getThrowableProxy();
    if (failure != null) {
      ThrowableProxyUtil.asString(failure)
          .lines()
          .forEach(each -> line.append("  ").append(plain(each)).append('\n'));
    }
    return line.toString();
  }

  /// As syslog(3) counts.
  private static int priority(Level level) {
    return switch (level.toInt()) {
      case Level.ERROR_INT -> 3;
      case Level.WARN_INT -> 4;
      case Level.INFO_INT -> 6;
      default -> 7;
    };
  }

  private static String plain(String text) {
    StringBuilder plain = new StringBuilder(text.length());
    text.codePoints()
        .forEach(point ->
            plain.appendCodePoint(Character.isISOControl(point) && point != '\t' ? '?' : point));
    return plain.toString();
  }
}
