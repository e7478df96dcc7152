package io.calco.cli;

import io.calco.engine.machine.MachineReport;
import io.calco.engine.machine.MachineWatch;
import io.calco.machine.libvirt.DomainEvent;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;

/// Shows what happens to machines. Whoever reads it may go away: nobody wants to hear more then.
final class MachineWatching implements MachineWatch.Watcher, AutoCloseable {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT)
          .withZone(ZoneId.systemDefault());

  // ECMA-48: the cursor, and what is erased from it on; xterm's other screen, whose lines are cut.
  private static final String HOME = "\u001b[H";
  private static final String ERASE_LINE = "\u001b[K";
  private static final String ERASE_BELOW = "\u001b[J";
  private static final String BEGIN = "\u001b[?1049h\u001b[?7l";
  private static final String END = "\u001b[?7h\u001b[?1049l";

  private final PrintStream out;
  private final Style style;
  private final Consumer<String> remarks;
  private String last = "";
  private boolean drawn;

  /// How it is shown.
  enum Style {
    /// The table, drawn anew in its place.
    TABLE,
    /// A line for each event.
    LINES,
    /// An object for each event, one a line.
    JSON
  }

  MachineWatching(PrintStream out, Style style, Consumer<String> remarks) {
    this.out = out;
    this.style = style;
    this.remarks = remarks;
  }

  @Override
  public void told(List<DomainEvent> events, List<MachineReport> machines) {
    Instant now = Instant.now();
    switch (style) {
      case TABLE -> {
        last = events.isEmpty() ? "" : line(now, events.getLast());
        draw(machines);
      }
      case LINES -> events.forEach(event -> out.println(line(now, event)));
      case JSON -> events.forEach(event -> Json.printLine(out, json(now, event, machines)));
    }
    if (out.checkError()) {
      throw new CancellationException();
    }
  }

  private static String line(Instant time, DomainEvent event) {
    return TIME.format(time) + "  " + Text.safe(event.name()) + "  " + event.text();
  }

  private static Json.Fields json(Instant time, DomainEvent event, List<MachineReport> machines) {
    return Json.object()
        .put("time", time.truncatedTo(ChronoUnit.MILLIS))
        .put("name", event.name())
        .put("uuid", event.uuid())
        .put("event", event.what().code())
        .put("detail", event.detail())
        .put(
            "state",
            machines.stream()
                .filter(machine -> machine.uuid().equals(event.uuid()))
                .findFirst()
                .map(machine -> machine.state().code()));
  }

  private void draw(List<MachineReport> machines) {
    ByteArrayOutputStream table = new ByteArrayOutputStream();
    try (PrintStream lines = new PrintStream(table, false, StandardCharsets.UTF_8)) {
      MachineListCommand.print(machines, lines);
      lines.println();
      lines.println(last);
    }
    if (!drawn) {
      out.print(BEGIN);
      drawn = true;
    }
    out.print(HOME);
    table.toString(StandardCharsets.UTF_8).lines().forEach(line -> out.println(line + ERASE_LINE));
    out.print(ERASE_BELOW);
    out.flush();
  }

  @Override
  public void lost(String why) {
    if (style == Style.TABLE) {
      out.println(Text.safe(why) + ERASE_LINE);
    } else {
      remarks.accept(Text.safe(why) + "; it is looked for again");
    }
  }

  @Override
  public void close() {
    if (drawn) {
      out.print(END);
      out.flush();
    }
  }
}
