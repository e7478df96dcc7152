package io.calco.engine.plan;

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
        for (String name : backedUp(source)) {
          lines.add("backup %s → %s".formatted(name, repository.address()));
        }
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

  /// The disk, or the machines.
  private List<String> backedUp(PlanSource source) {
    try {
      return PlanBackups.names(source);
    } catch (IOException | RuntimeException e) {
      return List.of(
          "%s (cannot be asked for now: %s)"
              .formatted(source.path(), RunRecord.line(OperationException.of(e))));
    }
  }

  private void lookAfter(PlanRepository repository) throws IOException {
    String address = repository.address();
    List<PlanDisk> disks = points.disks(List.of());
    try (Opened opened = Opened.open(plan, repository, settings.repositories())) {
      disks = points.disks(PlanPoints.all(opened.repository()));
      if (!repository.keep().keepsAll()) {
        forget(repository, disks);
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
      for (PlanDisk disk : disks) {
        if (sight.isTestDue(disk.name(), repository, plan.testDays().get())) {
          lines.add("test %s in %s".formatted(disk.name(), address));
        }
      }
    }
  }

  private void forget(PlanRepository repository, List<PlanDisk> disks) {
    long there = 0;
    long kept = 0;
    for (PlanDisk disk : disks) {
      there += disk.points().size();
      kept +=
          points.judge(disk.points(), repository.keep()).stream()
              .filter(verdict -> verdict.kept())
              .count();
    }
    lines.add(
        "forget %s: %d of %d points, as they are now"
            .formatted(repository.address(), there - kept, there));
  }
}
