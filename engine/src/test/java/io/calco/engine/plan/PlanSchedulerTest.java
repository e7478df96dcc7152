package io.calco.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.catalog.plan.RunEntry;
import io.calco.catalog.plan.RunEntry.Reason;
import io.calco.catalog.plan.RunState;
import io.calco.engine.Calco;
import io.calco.engine.Home;
import io.calco.engine.OperationException;
import io.calco.engine.audit.Actor;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.plan.PlanFixtures.SetClock;
import io.calco.engine.plan.PlanRepository.Filling;
import io.calco.engine.repository.RepositoryOptions;
import io.calco.engine.store.StoreSecret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The scheduler on a catalogue's database, beside another of the same home.
class PlanSchedulerTest {
  private static final Duration OFTEN = Duration.ofMillis(100);
  private static final long WAIT_NANOS = Duration.ofMinutes(2).toNanos();

  @TempDir private Path directory;
  private final SetClock clock = new SetClock("2026-11-22T02:00:00Z");

  private Plans plans(Calco calco) {
    return new Plans(calco, Actor.server(), PlanSettings.defaults().withClock(clock));
  }

  private PlanScheduler start(Calco calco) throws IOException {
    return PlanScheduler.start(plans(calco), clock, calco.catalog().dataSource(), OFTEN);
  }

  private Calco open() throws IOException {
    return Calco.open(new Home(directory.resolve("home")));
  }

  private Plan plan() throws IOException {
    Path disk = directory.resolve("disk.img");
    Files.write(disk, new byte[4096]);
    Path place = directory.resolve("repo");
    BackupRepository.create(place.toString(), RepositoryOptions.defaults(), StoreSecret.none())
        .close();
    return PlanFixtures.plan(
        "daily at 02:30",
        List.of(disk.toString()),
        PlanFixtures.repository(place, Filling.BACKUP, Keep.all()));
  }

  private static void await(BooleanSupplier holds) throws InterruptedException {
    long begun = System.nanoTime();
    while (!holds.getAsBoolean()) {
      assertThat(System.nanoTime() - begun).isLessThan(WAIT_NANOS);
      Thread.sleep(20);
    }
  }

  private static List<RunEntry> runs(Calco calco) {
    try {
      return calco.catalog().plans().runs(Optional.empty(), 100);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static BooleanSupplier ended(Calco calco, int count) {
    return () -> {
      List<RunEntry> runs = runs(calco);
      return runs.size() == count && runs.getFirst().state() != RunState.RUNNING;
    };
  }

  private boolean removed(Calco calco) {
    try {
      plans(calco).remove("p");
      return true;
    } catch (OperationException runs) {
      return false;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void runsWhatIsDueOnceWhoeverElseLooks() throws IOException, InterruptedException {
    try (Calco calco = open();
        Calco other = open()) {
      try (PlanScheduler _ = start(calco);
          PlanScheduler _ = start(other)) {
        plans(calco).add(plan()); // after they began
        Thread.sleep(500);
        assertThat(runs(calco)).isEmpty();
        clock.set("2026-11-22T02:30:01Z");
        await(ended(calco, 1));
        Thread.sleep(500);
        assertThat(runs(calco)).hasSize(1);
        clock.set("2026-11-27T12:00:00Z"); // days of sleep
        await(ended(calco, 2));
        Thread.sleep(500);
        assertThat(runs(calco)).hasSize(2);
        clock.set("2026-11-22T02:29:00Z"); // set back
        Thread.sleep(300);
        clock.set("2026-11-23T02:31:00Z");
        await(ended(calco, 3));
        assertThat(runs(calco)).extracting(RunEntry::state).containsOnly(RunState.DONE);
        await(() -> removed(other)); // the last run holds the plan until it has told of itself
        clock.set("2026-12-27T12:00:00Z");
        Thread.sleep(500);
        assertThat(runs(calco)).isEmpty();
      }
    }
  }

  @Test
  void outlivesRestartsAndTellsOfWhatWasKilled() throws IOException, InterruptedException {
    try (Calco calco = open()) {
      plans(calco).add(plan());
      try (PlanScheduler _ = start(calco)) {
        Thread.sleep(200);
      }
    }
    clock.set("2026-11-22T02:30:00Z");
    try (Calco calco = open()) {
      // As a process leaves it that is killed in its first step.
      long run = calco.catalog().plans().beginRun("p", Reason.DUE, clock.instant());
      calco.catalog().plans().beginStep(run, "backup", "disk.img", clock.instant());
      clock.set("2026-11-22T02:40:00Z");
      try (PlanScheduler _ = start(calco)) {
        await(ended(calco, 2));
        assertThat(runs(calco))
            .extracting(RunEntry::state)
            .containsExactly(RunState.DONE, RunState.INTERRUPTED);
        assertThat(runs(calco).getFirst().begunAt())
            .isEqualTo(Instant.parse("2026-11-22T02:40:00Z"));
      }
    }
  }
}
