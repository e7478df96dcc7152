package io.calco.engine;

import io.calco.catalog.Clone;
import io.calco.catalog.TemplateVersion;
import io.calco.disk.BesideFile;
import io.calco.disk.FileCopy;
import io.calco.disk.JobContext;
import io.calco.disk.ThreadEnd;
import io.calco.engine.audit.Action;
import io.calco.engine.audit.Actor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Takes clones back to their first state, several side by side: each waits for the medium, and
/// they wait together.
final class CloneReset {
  private static final int SIDE_BY_SIDE = 8; // ours

  private final Calco calco;
  private final Actor actor;

  CloneReset(Calco calco, Actor actor) {
    this.calco = calco;
    this.actor = actor;
  }

  /// A clone that can be reset, and what it was made from.
  record Subject(Clone facts, TemplateVersion version) {}

  List<CloneReport> run(List<Subject> subjects, JobContext job) throws IOException {
    List<Path> disks = subjects.stream().map(subject -> subject.facts().disk()).toList();
    AtomicInteger begun = new AtomicInteger();
    String what = "reset " + String.join(", ", names(subjects));
    List<Subject> done = new ArrayList<>();
    @Nullable Exception failure = null;
    try (Making making = Making.begin(calco, what, disks)) {
      try (ExecutorService threads = Executors.newFixedThreadPool(SIDE_BY_SIDE)) {
        List<Future<?>> waiting = new ArrayList<>();
        for (Subject subject : subjects) {
          waiting.add(
              threads.submit(() -> {
                job.checkCancelled();
                job.progress("resetting clones", begun.getAndIncrement(), subjects.size());
                reset(subject, job);
                return subject;
              }));
        }
        for (int i = 0; i < waiting.size(); i++) {
          try {
            ThreadEnd.result(waiting.get(i));
            done.add(subjects.get(i));
          } catch (IOException | RuntimeException e) {
            failure = joined(failure, e);
          }
        }
      }
      calco
          .catalog()
          .inTransaction(() -> {
            for (Subject subject : done) {
              calco.record(actor, Action.CLONE_RESET, subject.facts().name(), "", () -> {});
            }
            making.done();
          });
    }
    if (failure != null) {
      throw told(failure, subjects, done);
    }
    List<CloneReport> reports = new ArrayList<>();
    for (Subject subject : subjects) {
      reports.add(CloneReport.of(subject.facts()));
    }
    return reports;
  }

  private static List<String> names(List<Subject> subjects) {
    return subjects.stream().map(subject -> subject.facts().name()).toList();
  }

  private static Exception joined(@Nullable Exception first, Exception next) {
    if (first == null) {
      return next;
    }
    first.addSuppressed(next);
    return first;
  }

  /// One clone's failure is told as it is; of several it is said which are not reset.
  private static OperationException told(
      Exception failure, List<Subject> subjects, List<Subject> done) {
    OperationException why = OperationException.of(failure);
    if (subjects.size() == 1) {
      return why;
    }
    List<String> left = new ArrayList<>(names(subjects));
    left.removeAll(names(done));
    OperationException told =
        new OperationException(
            why.kind(),
            "not reset: %s; the first of them: %s"
                .formatted(String.join(", ", left), why.getMessage()),
            why.hint().orElse(""));
    told.addSuppressed(failure);
    return told;
  }

  private void reset(Subject subject, JobContext job) throws IOException {
    Clone clone = subject.facts();
    try (BesideFile overlay = BesideFile.of(clone.disk())) {
      FileCopy.copy(calco.firstOf(clone.name()), overlay.path(), job);
      PrivateFile.restrict(overlay.path());
      if (clone.linked()) {
        overlay.publishReplacing();
      } else {
        try (BesideFile whole = BesideFile.of(clone.disk())) {
          CloneBatch.copyWhole(
              overlay.path(), subject.version(), whole.path(), calco.policy(), job);
          whole.publishReplacing();
        }
      }
    }
  }
}
