package io.calco.server.watch;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import io.calco.server.settings.Setting;
import io.calco.server.settings.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/// The log of a process that serves: of this program, which logs by [System.Logger], and of its
/// libraries, which do by slf4j. It goes to standard error.
public final class ServerLog {
  private ServerLog() {}

  /// Where standard error goes.
  public enum Reader {
    /// A terminal.
    PERSON,
    /// systemd's journal.
    JOURNAL,
    /// A file, or another program.
    PROGRAM;

    private static final Path STANDARD_ERROR = Path.of("/proc/self/fd/2");

    /// Whoever reads this process's. The journal names itself in `JOURNAL_STREAM`, by device and
    /// inode (systemd.exec(5)); what was inherited and led elsewhere since does not count.
    ///
    /// @param environment of the process
    public static Reader ofStandardError(Map<String, String> environment) {
      try {
        String stream =
            Files.getAttribute(STANDARD_ERROR, "unix:dev")
                + ":"
                + Files.getAttribute(STANDARD_ERROR, "unix:ino");
        if (stream.equals(environment.getOrDefault("JOURNAL_STREAM", ""))) {
          return JOURNAL;
        }
        String target = Files.readSymbolicLink(STANDARD_ERROR).toString();
        return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") ? PERSON : PROGRAM;
      } catch (IOException | UnsupportedOperationException e) {
        return PROGRAM;
      }
    }
  }

  /// Begins to log, in the whole process, as the settings say.
  ///
  /// @throws io.calco.engine.OperationException of kind USAGE when they cannot be understood
  public static void begin(Settings settings, Reader reader) {
    Level level = Level.toLevel(settings.choice(Setting.LOG_LEVEL));
    LogLines.Shape shape = shape(settings, reader);
    // Read when the first logger is made, which is about to happen.
    System.setProperty("java.util.logging.manager", LastingLogManager.class.getName());
    if (!(LoggerFactory.getILoggerFactory() instanceof LoggerContext context)) {
      return; // a program that embeds the server, and logs elsewhere
    }
    context.reset();
    LogLines lines = new LogLines(shape);
    lines.setContext(context);
    lines.start();
    ConsoleAppender<ILoggingEvent> out = new ConsoleAppender<>();
    out.setContext(context);
    out.setTarget("System.err");
    out.setEncoder(lines);
    out.start();
    ch.qos.logback.classic.Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.addAppender(out);
    // Libraries tell of their starting and stopping; we do.
    root.setLevel(level.isGreaterOrEqual(Level.WARN) ? level : Level.WARN);
    context.getLogger("io.calco").setLevel(level);
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    java.util.logging.Logger.getLogger("io.calco").setLevel(julLevel(level));
    SLF4JBridgeHandler.install();
  }

  private static java.util.logging.Level julLevel(Level level) {
    return level == Level.DEBUG ? java.util.logging.Level.FINE : java.util.logging.Level.INFO;
  }

  private static LogLines.Shape shape(Settings settings, Reader reader) {
    boolean journal = reader == Reader.JOURNAL;
    return switch (settings.choice(Setting.LOG_FORMAT)) {
      case "json" -> LogLines.Shape.JSON;
      case "text" -> journal ? LogLines.Shape.JOURNAL : LogLines.Shape.TEXT;
      default ->
          switch (reader) {
            case PERSON -> LogLines.Shape.TEXT;
            case JOURNAL -> LogLines.Shape.JOURNAL;
            case PROGRAM -> LogLines.Shape.JSON;
          };
    };
  }
}
