package io.calco.server.web.audit;

import io.calco.catalog.AuditEvent;
import io.calco.catalog.AuditEvent.Outcome;
import io.calco.catalog.AuditQuery;
import io.calco.engine.audit.Action;
import io.calco.engine.audit.AuditLog;
import io.calco.server.web.MenuItem;
import io.calco.server.web.Page;
import io.calco.server.web.PageRoutes;
import io.calco.server.web.Text;
import io.calco.server.web.View;
import io.calco.server.web.Visit;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// `/audit`: who did what, to what, when, from where, and what came of it.
public final class AuditPage implements Page {
  private static final int PAGE = 50;

  private final AuditLog log;

  /// Shows this log.
  public AuditPage(AuditLog log) {
    this.log = log;
  }

  /// What is asked for; each is empty for all.
  ///
  /// @param since the first day
  /// @param until the last day
  record Filter(
      String user, String action, String target, String outcome, String since, String until) {
    static Filter of(Visit visit) {
      return new Filter(
          visit.query("user").strip(),
          visit.query("action"),
          visit.query("target").strip(),
          visit.query("outcome"),
          visit.query("since"),
          visit.query("until"));
    }

    boolean narrow() {
      return !(user + action + target + outcome + since + until).isEmpty();
    }

    AuditQuery query(Optional<Long> below) {
      return new AuditQuery(
          some(user),
          some(action),
          some(target),
          Arrays.stream(Outcome.values()).filter(each -> each.text().equals(outcome)).findFirst(),
          day(since, 0),
          day(until, 1),
          below,
          PAGE + 1);
    }

    private static Optional<String> some(String text) {
      return Optional.of(text).filter(value -> !value.isEmpty());
    }

    /// What is no day is as nothing.
    private static Optional<Instant> day(String text, int later) {
      try {
        return text.isEmpty()
            ? Optional.empty()
            : Optional.of(
                LocalDate.parse(text).plusDays(later).atStartOfDay(ZoneOffset.UTC).toInstant());
      } catch (DateTimeParseException e) {
        return Optional.empty();
      }
    }

    /// The address of the page that goes on below an event.
    String next(long below) {
      return "/audit?user=%s&action=%s&target=%s&outcome=%s&since=%s&until=%s&below=%d"
          .formatted(
              coded(user),
              coded(action),
              coded(target),
              coded(outcome),
              coded(since),
              coded(until),
              below);
    }

    private static String coded(String text) {
      return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
  }

  /// What the page shows.
  ///
  /// @param events a page of them
  /// @param filter which
  /// @param paged whether it is not the first page
  /// @param next the address of the next page
  record Model(List<AuditEvent> events, Filter filter, boolean paged, Optional<String> next) {
    Model {
      events = List.copyOf(events);
    }

    List<String> kinds() {
      return List.of(
          "login",
          "image",
          "user",
          "project",
          "role",
          "credential",
          "template",
          "clone",
          "class",
          "machine",
          "job",
          "store",
          "backup",
          "plan",
          "server");
    }

    List<String> outcomes() {
      return Arrays.stream(Outcome.values()).map(Outcome::text).toList();
    }

    static String action(Text text, AuditEvent event) {
      String key = "audit.action." + event.action();
      return text.has(key) ? text.of(key) : event.action();
    }

    static String address(Text text, AuditEvent event) {
      String key = "audit.address." + event.address();
      return text.has(key) ? text.of(key) : event.address();
    }

    static String mark(AuditEvent event) {
      return event.outcome() == Outcome.DONE ? "good" : "bad";
    }

    /// Every action that there is, for a test of the words.
    static List<String> actions() {
      return Arrays.stream(Action.values()).map(Action::text).toList();
    }
  }

  @Override
  public List<MenuItem> menu() {
    return List.of(MenuItem.forAdmins("/audit", "audit.title"));
  }

  @Override
  public void addTo(PageRoutes routes) {
    routes.get("/audit", this::show);
  }

  private View show(Visit visit) throws IOException {
    visit.admin();
    Filter filter = Filter.of(visit);
    OptionalLong below = visit.number("below");
    Optional<Long> from = below.isPresent() ? Optional.of(below.getAsLong()) : Optional.empty();
    List<AuditEvent> found = new ArrayList<>(log.list(filter.query(from)));
    Optional<String> next = Optional.empty();
    if (found.size() > PAGE) {
      found.removeLast();
      next = Optional.of(filter.next(found.getLast().number()));
    }
    return View.page("audit/list", new Model(found, filter, from.isPresent(), next));
  }
}
