package io.calco.engine.plan;

import io.calco.backup.RestorePoint;
import io.calco.catalog.PlanRecords;
import io.calco.engine.OperationException;
import io.calco.engine.backup.Backups;
import io.calco.engine.plan.PlanRepository.Filling;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// What a run would do: looks into the repositories, and changes nothing.
final class Rehearsal {
  private final Plan plan;
  private final PlanSettings settings;
  private final Sight sight;
  private final PlanPoints points;
  private final List<String> lines = new ArrayList<>();

  Rehearsal(Plan plan, PlanSettings settings, PlanRecords records) {
    this.plan = plan;
    this.settings = settings;
    this.sight = new Sight(plan, settings, records);
    this.points = new PlanPoints(plan, Backups.hostName());
  }

  List<String> lines() throws IOException {
    for (PlanRepository repository : plan.filledBy(Filling.BACKUP)) {
      for (PlanSource source : plan.sources()) {
        lines.add("backup %s → %s".formatted(source.path(), repository.address()));
      }
    }
    for (PlanRepository repository : plan.filledBy(Filling.COPY)) {
      lines.add("copy → %s: what its rule keeps and it has not".formatted(repository.address()));
    }
    for (PlanRepository repository : plan.repositories()) {
      lookAfter(repository);
    }
    return lines;
  }

  private void lookAfter(PlanRepository repository) throws IOException {
    String address = repository.address();
    try (Opened opened = Opened.open(plan, repository, settings.repositories())) {
      if (!repository.keep().keepsAll()) {
        forget(repository, PlanPoints.all(opened.repository()));
      }
    } catch (IOException | RuntimeException e) {
      lines.add(
          "%s: cannot be opened now: %s"
              .formatted(address, RunRecord.line(OperationException.of(e))));
    }
    if (plan.readDays().isPresent()) {
      ReadingShare share =
          ReadingShare.due(
              sight.reading(repository), plan.readDays().get(), settings.clock().instant());
      if (share.count() > 0) {
        lines.add("verify %s: %d of 256 slices".formatted(address, share.count()));
      }
    }
    if (plan.testDays().isPresent()) {
      for (PlanSource source : plan.sources()) {
        if (sight.isTestDue(source, repository, plan.testDays().get())) {
          lines.add("test %s in %s".formatted(source.path(), address));
        }
      }
    }
  }

  private void forget(PlanRepository repository, List<RestorePoint> all) {
    long there = 0;
    long kept = 0;
    for (PlanSource source : plan.sources()) {
      List<RestorePoint> own = points.of(source, all);
      there += own.size();
      kept +=
          points.judge(own, repository.keep()).stream().filter(verdict -> verdict.kept()).count();
    }
    lines.add(
        "forget %s: %d of %d points, as they are now"
            .formatted(repository.address(), there - kept, there));
  }
}
