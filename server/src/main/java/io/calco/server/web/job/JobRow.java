package io.calco.server.web.job;

import io.calco.catalog.BackgroundJob;
import io.calco.catalog.BackgroundJob.State;
import io.calco.engine.jobs.JobProgress;
import io.calco.engine.jobs.JobView;
import io.calco.server.web.ProgressText;
import io.calco.server.web.Text;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A job, in words.
///
/// @param view what is known of it
/// @param text the reader's language
record JobRow(JobView view, Text text) {
  BackgroundJob job() {
    return view.recorded();
  }

  String title() {
    String key = "jobs.kind." + job().kind();
    String subject = job().subject();
    return text.has(key) ? text.of(key, subject).strip() : job().kind() + " " + subject;
  }

  String state() {
    return text.of("jobs.state." + job().state().text());
  }

  /// The class that colours it.
  String mark() {
    return switch (job().state()) {
      case DONE -> "good";
      case FAILED, INTERRUPTED -> "bad";
      case RUNNING, WAITING -> "busy";
      case CANCELLED -> "";
    };
  }

  boolean ended() {
    return job().state().ended();
  }

  /// How far it is; empty before it began and once it has ended.
  Optional<ProgressText> progress() {
    return view.progress().map(progress -> new ProgressText(progress, text));
  }

  /// What it has done, step by step; one that was over before anybody could see it is left out.
  List<ProgressText> log() {
    return view.steps().stream()
        .filter(step -> step.elapsed().toMillis() >= 10 || step.done() > 0)
        .map(step -> new ProgressText(step, text))
        .toList();
  }

  /// How much a step did, in which time, how fast.
  String did(ProgressText step) {
    JobProgress far = step.progress();
    boolean bytes = far.unit() == JobProgress.Unit.BYTES;
    String did =
        "%s · %s"
            .formatted(
                bytes ? text.size(far.done()) : text.number(far.done()),
                far.elapsed().toSeconds() > 0
                    ? text.duration(far.elapsed())
                    : far.elapsed().toMillis() + "\u00a0ms");
    return bytes && far.elapsed().toMillis() > 0
        ? did + " · " + text.size((long) far.perSecond()) + "/s"
        : did;
  }

  /// What came of it, or why nothing did.
  String outcome() {
    if (job().state() == State.INTERRUPTED) {
      return text.of("jobs.interrupted");
    }
    if (!job().message().isEmpty()) {
      return job().message();
    }
    return job().state() == State.DONE ? result(view.result()) : "";
  }

  private String result(Map<String, String> result) {
    return switch (job().kind()) {
      case "template-create" ->
          text.of("jobs.result.template", value("version"), number("changes"));
      case "clone-create" -> text.count("jobs.result.clones", whole("clones"));
      case "machine-create" -> text.count("jobs.result.machines", whole("machines"));
      case "store-collect" -> text.of("jobs.result.collect", text.size(whole("deleted-bytes")));
      case "store-verify" ->
          whole("damages") == 0
              ? text.of("jobs.result.sound", text.size(whole("bytes")))
              : text.count("jobs.result.damaged", whole("damages"), value("suffers"));
      case "backup-create" ->
          text.of(
              "jobs.result.backup",
              value("machine"),
              text.size(whole("data")),
              text.size(whole("stored")));
      case "backup-restore" ->
          value("left").isEmpty()
              ? text.of("jobs.result.restored", value("target"), text.size(whole("bytes")))
              : text.of("jobs.result.restoredleft", value("target"), value("left"));
      case "backup-verify" ->
          whole("damages") == 0
              ? text.of("jobs.result.sound", text.size(whole("bytes")))
              : text.count("jobs.result.damaged", whole("damages"), value("suffers"));
      case "backup-prune" -> text.of("jobs.result.collect", text.size(whole("deleted-bytes")));
      default -> result.isEmpty() ? "" : text.of("jobs.result.done");
    };
  }

  private String value(String name) {
    return view.result().getOrDefault(name, "");
  }

  private long whole(String name) {
    try {
      return Long.parseLong(view.result().getOrDefault(name, "0"));
    } catch (NumberFormatException olderOrNewer) {
      return 0;
    }
  }

  private String number(String name) {
    return text.number(whole(name));
  }

  /// Where to see what came of it, below the pages' root; empty for nowhere.
  String place() {
    if (job().state() != State.DONE) {
      return "";
    }
    return switch (job().kind()) {
      case "template-create" -> "/templates/" + value("template");
      case "template-delete" -> "/templates";
      case "clone-create", "clone-reset", "clone-flatten" -> "/clones";
      case "machine-create" ->
          value("machine").isEmpty() ? "/machines" : "/machines/" + value("machine");
      case "class-start", "class-stop", "class-reset" -> "/classes/" + value("class");
      case "store-collect", "store-verify" -> "/storage";
      case "backup-create", "backup-restore" ->
          "/backups/points/" + value("repository") + "/" + value("point");
      case "backup-image" -> "/images/" + value("image");
      case "backup-verify", "backup-prune" -> "/backups";
      case "plan-run" -> "/plans/runs/" + value("run");
      default -> "";
    };
  }

  /// How long it took, or takes already; empty before it began.
  String took() {
    return job()
        .begunAt()
        .map(begun -> Duration.between(begun, job().endedAt().orElseGet(Instant::now)))
        .map(time -> time.isNegative() ? Duration.ZERO : time)
        .map(text::duration)
        .orElse("");
  }
}
