package io.calco.server.web.plan;

import io.calco.backup.Coverage;
import io.calco.engine.backup.BackupRequest.Look;
import io.calco.engine.backup.BackupRequest.Tracking;
import io.calco.engine.backup.BackupRequest.Use;
import io.calco.engine.backup.MachineBackupRequest.Quiesce;
import io.calco.engine.plan.PlanDraft;
import io.calco.engine.plan.PlanEditor;
import io.calco.engine.plan.PlanEditor.Read;
import io.calco.engine.plan.PlanNotices.Language;
import io.calco.engine.plan.PlanNotices.When;
import io.calco.engine.plan.PlanProblem;
import io.calco.engine.plan.PlanRepository.Filling;
import io.calco.engine.plan.PlanRepository.Place;
import io.calco.engine.plan.PlanRepository.Plainness;
import io.calco.engine.plan.RestoreTrial;
import io.calco.server.web.Page;
import io.calco.server.web.PageRoutes;
import io.calco.server.web.Text;
import io.calco.server.web.View;
import io.calco.server.web.Visit;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `/plans/new`, `/plans/{name}/change`, `/plans/{name}/delete`: plans are made, changed and taken
/// away. A form has as many lines of disks and repositories as it was asked for; beside it stands
/// what the plan would come to, which follows while it is filled in.
public final class PlanFormPage implements Page {
  private static final String CHANGE = "/plans/{name}/change";
  private static final String DELETE = "/plans/{name}/delete";
  private static final List<Integer> DAYS = List.of(60, 365, 1095);
  private static final List<String> FORMATS =
      List.of("", "raw", "qcow2", "vmdk", "vpc", "vhdx", "vdi");

  /// Ours: no form has more lines.
  private static final int LINES_MAX = 100;

  private final PlanEditor editor;

  /// For these plans.
  public PlanFormPage(PlanEditor editor) {
    this.editor = editor;
  }

  /// The form.
  ///
  /// @param draft as it was filled in
  /// @param changing whether the plan is there
  /// @param sources disks that may be named
  /// @param repositories likewise
  /// @param sourcesAllowed whether the settings allow any disk
  /// @param mailed whether somebody sends mail
  /// @param problems by their field
  /// @param preview of what it would come to
  record Form(
      PlanDraft draft,
      boolean changing,
      List<String> sources,
      List<String> repositories,
      boolean sourcesAllowed,
      boolean mailed,
      Map<String, PlanProblem> problems,
      PreviewModel preview) {
    Form {
      sources = List.copyOf(sources);
      repositories = List.copyOf(repositories);
      problems = Map.copyOf(problems);
    }

    /// Where it is sent to.
    String path() {
      return changing ? "/plans/" + draft.name() + "/change" : "/plans/new";
    }

    /// What is wrong with a field, in words; empty for nothing.
    String wrong(String field, Text text) {
      PlanProblem problem = problems.get(field);
      return problem == null ? "" : say(problem, text);
    }

    /// True when nothing can be chosen for want of settings.
    boolean nothing() {
      return !changing && (repositories.isEmpty() || !sourcesAllowed);
    }

    /// Repositories to choose from: those of the settings, and the one that is there.
    List<String> choices(String address) {
      List<String> all = new ArrayList<>(repositories);
      if (!address.isEmpty() && !all.contains(address)) {
        all.add(address);
      }
      return all;
    }

    /// Formats likewise.
    List<String> formats(String format) {
      List<String> all = new ArrayList<>(FORMATS);
      if (!all.contains(format)) {
        all.add(format);
      }
      return all;
    }
  }

  /// What a plan would come to.
  ///
  /// @param next its next times
  /// @param calendars a repository each
  /// @param days how far was looked ahead
  /// @param state the key of what is said besides; empty for nothing
  record PreviewModel(List<Instant> next, List<PlanCalendar> calendars, int days, String state) {
    PreviewModel {
      next = List.copyOf(next);
      calendars = List.copyOf(calendars);
    }

    List<Integer> choices() {
      return DAYS;
    }
  }

  @Override
  public void addTo(PageRoutes routes) {
    routes
        .get("/plans/new", this::fresh)
        .post("/plans/new", this::create)
        .post("/plans/preview", this::preview)
        .get(CHANGE, this::there)
        .post(CHANGE, this::change)
        .get(DELETE, this::ask)
        .post(DELETE, this::delete);
  }

  private View fresh(Visit visit) throws IOException {
    visit.admin();
    PlanDraft draft = PlanDraft.empty(language(visit));
    return form(visit, HttpStatus.OK, draft, read(visit, draft, false), false, List.of());
  }

  private View there(Visit visit) throws IOException {
    PlanDraft draft = editor.draft(visit.admin(), visit.path("name"), language(visit));
    return form(visit, HttpStatus.OK, draft, read(visit, draft, true), true, List.of());
  }

  private static Language language(Visit visit) {
    return Language.of(visit.text().language().tag());
  }

  private Read read(Visit visit, PlanDraft draft, boolean changing) throws IOException {
    return editor.read(
        visit.admin(), draft, changing ? Optional.of(draft.name()) : Optional.empty());
  }

  private View create(Visit visit) throws IOException {
    return done(visit, draft(visit, visit.field("name")), false);
  }

  private View change(Visit visit) throws IOException {
    return done(visit, draft(visit, visit.path("name")), true);
  }

  /// Keeps the plan; or shows its form again, with a line more or less, or with what is wrong.
  private View done(Visit visit, PlanDraft draft, boolean changing) throws IOException {
    String deed = visit.field("do");
    if (!deed.isEmpty() && !deed.equals("save")) {
      PlanDraft other = relined(draft, deed);
      return form(visit, HttpStatus.OK, other, read(visit, other, changing), changing, List.of());
    }
    Read read = changing ? editor.change(visit.admin(), draft) : editor.add(visit.admin(), draft);
    if (read.good()) {
      return View.redirect(
          "/plans/" + draft.name(), changing ? "plans.changed" : "plans.added", draft.name());
    }
    return form(visit, HttpStatus.UNPROCESSABLE_CONTENT, draft, read, changing, read.problems());
  }

  private static PlanDraft relined(PlanDraft draft, String deed) {
    if (deed.matches("remove-(source|repository)-[0-9]{1,3}")) {
      int index = Integer.parseInt(deed.replaceFirst(".*-", ""));
      return deed.startsWith("remove-source")
          ? draft.withoutSource(index)
          : draft.withoutRepository(index);
    }
    return switch (deed) {
      case "add-source" -> draft.withSource();
      case "add-backup" -> draft.withRepository(Filling.BACKUP);
      case "add-copy" -> draft.withRepository(Filling.COPY);
      default -> draft;
    };
  }

  private View form(
      Visit visit,
      HttpStatus status,
      PlanDraft draft,
      Read read,
      boolean changing,
      List<PlanProblem> problems)
      throws IOException {
    Map<String, PlanProblem> byField = new HashMap<>();
    problems.forEach(problem -> byField.putIfAbsent(problem.field(), problem));
    return new View.Html(
        status,
        "plan/form",
        new Form(
            draft,
            changing,
            editor.sources(visit.admin()),
            editor.repositories(visit.admin()),
            editor.sourcesAllowed(),
            editor.mailed(),
            byField,
            previewed(visit, read)));
  }

  private View preview(Visit visit) throws IOException {
    String name = visit.field("changing");
    PlanDraft draft = draft(visit, name.isEmpty() ? visit.field("name") : name);
    return View.page("plan/preview", previewed(visit, read(visit, draft, !name.isEmpty())));
  }

  private PreviewModel previewed(Visit visit, Read read) {
    int days =
        DAYS.stream()
            .filter(each -> String.valueOf(each).equals(visit.field("days")))
            .findFirst()
            .orElse(DAYS.getFirst());
    PlanEditor.Preview preview = editor.preview(read, days);
    Optional<PlanProblem> wrong =
        read.problems().stream()
            .filter(problem -> problem.field().matches("schedule|zone"))
            .findFirst();
    String state =
        wrong
            .map(problem -> say(problem, visit.text()))
            .orElseGet(() ->
                preview.tooMany()
                    ? visit.text().of("plans.preview.many")
                    : preview.next().isEmpty() ? visit.text().of("plans.preview.byhand") : "");
    return new PreviewModel(
        preview.next(),
        preview.stays().stream().map(each -> PlanCalendar.of(each, visit.text())).toList(),
        days,
        state);
  }

  private static String say(PlanProblem problem, Text text) {
    return text.of("plans.problem." + problem.reason().text(), problem.value());
  }

  private PlanDraft draft(Visit visit, String name) {
    List<PlanDraft.Source> sources = new ArrayList<>();
    for (int i = 0; i < lines(visit, "sources"); i++) {
      sources.add(source(visit, "source-%d-".formatted(i)));
    }
    List<PlanDraft.Repository> repositories = new ArrayList<>();
    for (int i = 0; i < lines(visit, "repositories"); i++) {
      repositories.add(repository(visit, "repository-%d-".formatted(i)));
    }
    return new PlanDraft(
        name,
        sources,
        repositories,
        visit.field("schedule"),
        visit.field("zone"),
        visit.field("read-days"),
        visit.field("test-days"),
        RestoreTrial.named(visit.field("trial")).orElse(RestoreTrial.READ),
        visit.field("rate"),
        visit.field("webhook"),
        visit.field("mail"),
        visit.field("when").equals("always") ? When.ALWAYS : When.FAILURES,
        Language.of(visit.field("language")));
  }

  private static int lines(Visit visit, String name) {
    String count = visit.field(name);
    return count.matches("[0-9]{1,3}") ? Math.min(Integer.parseInt(count), LINES_MAX) : 0;
  }

  private static PlanDraft.Source source(Visit visit, String field) {
    return new PlanDraft.Source(
        visit.field(field + "path"),
        visit.field(field + "format"),
        visit.field(field + "machine"),
        visit.field(field + "medium"),
        visit.field(field + "partitions"),
        switch (visit.field(field + "coverage")) {
          case "raw" -> Coverage.EVERY_SECTOR;
          case "swap" -> Coverage.USED_AND_SWAP;
          case "skip" -> Coverage.WITHOUT_PAGE_FILES;
          default -> Coverage.USED;
        },
        visit.ticked(field + "live") ? Use.ALLOWED : Use.REFUSED,
        visit.ticked(field + "unseen") ? Look.NOTHING : Look.INSPECT,
        visit.ticked(field + "bitmap") ? Tracking.BITMAP : Tracking.NONE,
        Quiesce.named(visit.field(field + "quiesce")).orElse(Quiesce.AUTO));
  }

  private static PlanDraft.Repository repository(Visit visit, String field) {
    Map<String, String> keep = new HashMap<>();
    for (String period : PlanDraft.PERIODS) {
      keep.put(period, visit.field(field + period));
    }
    return new PlanDraft.Repository(
        visit.field(field + "address"),
        visit.field(field + "filling").equals("copy") ? Filling.COPY : Filling.BACKUP,
        visit.field(field + "medium"),
        visit.ticked(field + "off-site") ? Place.OFF_SITE : Place.ON_SITE,
        visit.ticked(field + "plain") ? Plainness.WAIVED : Plainness.REFUSED,
        keep,
        visit.field(field + "tags"));
  }

  private View ask(Visit visit) throws IOException {
    return View.page(
        "plan/delete", editor.draft(visit.admin(), visit.path("name"), language(visit)));
  }

  private View delete(Visit visit) throws IOException {
    String name = visit.path("name");
    editor.remove(visit.admin(), name);
    return View.redirect("/plans", "plans.removed", name);
  }
}
