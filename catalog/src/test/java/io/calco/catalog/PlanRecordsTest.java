package io.calco.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.catalog.plan.CopyEntry;
import io.calco.catalog.plan.LogLine;
import io.calco.catalog.plan.PlanEntry;
import io.calco.catalog.plan.ReadingEntry;
import io.calco.catalog.plan.RunEntry;
import io.calco.catalog.plan.RunEntry.Reason;
import io.calco.catalog.plan.RunState;
import io.calco.catalog.plan.StepEntry;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlanRecordsTest {
  private static final Instant T0 = Instant.parse("2026-11-22T02:30:00Z");
  private static final Instant T1 = T0.plusSeconds(60);

  @TempDir private Path home;
  private @Nullable Catalog opened;

  @BeforeEach
  void open() throws IOException {
    opened = Catalog.open(home);
  }

  @AfterEach
  void close() throws IOException {
    catalog().close();
  }

  private Catalog catalog() {
    return Objects.requireNonNull(opened);
  }

  private static PlanEntry plan(String name) {
    return new PlanEntry(name, "{}", T0, T0);
  }

  @Test
  void plansAreAddedChangedAndRemovedWithTheirRecords() throws IOException {
    PlanRecords plans = catalog().plans();
    plans.add(plan("nightly"));
    assertThatThrownBy(() -> plans.add(plan("nightly")))
        .isInstanceOf(CatalogException.Taken.class)
        .hasMessage("there is a plan nightly already");
    assertThatThrownBy(() -> plans.add(plan("../x")))
        .isInstanceOf(CatalogException.InvalidName.class);
    PlanEntry changed = new PlanEntry("nightly", "{\"a\":1}", T0, T1);
    plans.change(changed);
    assertThat(plans.find("nightly")).contains(changed);
    assertThatThrownBy(() -> plans.change(plan("other"))).isInstanceOf(CatalogException.Gone.class);

    long run = plans.beginRun("nightly", Reason.DUE, T0);
    plans.log(run, T0, "a line");
    plans.beginStep(run, "backup", "/dev/sda", T0);
    plans.remove("nightly");
    assertThat(plans.list()).isEmpty();
    assertThat(plans.findRun(run)).isEmpty();
    assertThat(plans.steps(run)).isEmpty();
    assertThat(plans.lines(run)).isEmpty();
    assertThatThrownBy(() -> plans.beginRun("nightly", Reason.DUE, T0))
        .isInstanceOf(CatalogException.Gone.class);
  }

  @Test
  void aRunAndItsStepsAreRecordedAsTheyEnd() throws IOException {
    PlanRecords plans = catalog().plans();
    plans.add(plan("nightly"));
    long run = plans.beginRun("nightly", Reason.ASKED, T0);
    int step = plans.beginStep(run, "backup", "/dev/sda", T0);
    plans.log(run, T0, "x".repeat(5000));
    plans.endStep(run, step, RunState.DONE, T1, 42, "fine");
    plans.endRun(run, RunState.DONE, T1, "");
    assertThat(plans.findRun(run))
        .contains(
            new RunEntry(run, "nightly", Reason.ASKED, RunState.DONE, T0, Optional.of(T1), ""));
    assertThat(plans.steps(run))
        .containsExactly(
            new StepEntry(
                run, 1, "backup", "/dev/sda", RunState.DONE, T0, Optional.of(T1), 42, "fine"));
    assertThat(plans.lines(run)).extracting(LogLine::text).first().asString().hasSize(2000);
    assertThat(plans.interruptUnfinished("nightly", T1)).isEmpty();
  }

  @Test
  void whatAKilledProcessLeftIsTold() throws IOException {
    PlanRecords plans = catalog().plans();
    plans.add(plan("nightly"));
    long run = plans.beginRun("nightly", Reason.DUE, T0);
    int done = plans.beginStep(run, "backup", "/dev/sda", T0);
    plans.endStep(run, done, RunState.DONE, T0, 1, "");
    plans.beginStep(run, "copy", "sftp://nas/x", T0);
    close();
    open();
    assertThat(catalog().plans().interruptUnfinished("nightly", T1)).hasSize(1);
    assertThat(catalog().plans().findRun(run).orElseThrow().message())
        .isEqualTo("it was interrupted at copy sftp://nas/x");
    assertThat(catalog().plans().steps(run))
        .extracting(StepEntry::state)
        .containsExactly(RunState.DONE, RunState.INTERRUPTED);
  }

  @Test
  void onlyTheNewestRunsAreKept() throws IOException {
    PlanRecords plans = catalog().plans();
    plans.add(plan("a"));
    plans.add(plan("b"));
    long other = plans.beginRun("b", Reason.DUE, T0);
    plans.endRun(other, RunState.DONE, T0, "");
    for (int i = 0; i < 205; i++) {
      long run = plans.beginRun("a", Reason.DUE, T0);
      plans.endRun(run, RunState.DONE, T0, "");
    }
    assertThat(plans.runs(Optional.of("a"), 1000)).hasSize(200);
    assertThat(plans.runs(Optional.empty(), 1000)).hasSize(201);
    assertThat(plans.runs(Optional.of("a"), 1).getFirst().number()).isEqualTo(206);
  }

  @Test
  void whatIsKnownOfCopiesIsReplaced() throws IOException {
    PlanRecords plans = catalog().plans();
    plans.add(plan("a"));
    CopyEntry none =
        new CopyEntry(
            "a",
            "/dev/sda",
            "repo",
            "",
            0,
            "",
            Optional.empty(),
            "",
            Optional.empty(),
            Optional.empty(),
            "",
            T0);
    CopyEntry some =
        new CopyEntry(
            "a",
            "/dev/sda",
            "repo",
            "web1",
            3,
            "id",
            Optional.of(T0),
            "lost",
            Optional.of(T0),
            Optional.of(T1),
            "booted",
            T1);
    CopyEntry gone = elsewhere(none, "machine:web1/sda", "repo");
    CopyEntry other = elsewhere(none, "/dev/sda", "other");
    plans.putCopies("a", "repo", List.of(none, gone));
    plans.putCopies("a", "other", List.of(other));
    plans.putCopies("a", "repo", List.of(some));
    assertThat(plans.copies("a")).isEqualTo(List.of(other, some));
    ReadingEntry reading = new ReadingEntry("a", "repo", 7, T0, T1, Optional.empty());
    plans.putReading(new ReadingEntry("a", "repo", 3, T0, T0, Optional.of(T0)));
    plans.putReading(reading);
    assertThat(plans.readings("a")).isEqualTo(List.of(reading));
  }

  private static CopyEntry elsewhere(CopyEntry copy, String source, String repository) {
    return new CopyEntry(
        copy.plan(),
        source,
        repository,
        copy.machine(),
        copy.points(),
        copy.newestId(),
        copy.newestAt(),
        copy.damage(),
        copy.verifiedAt(),
        copy.testedAt(),
        copy.testedHow(),
        copy.seenAt());
  }

  @Test
  void aLibrarysConnectionIsAsOursAre() throws IOException, SQLException {
    try (Connection connection = catalog().dataSource().getConnection();
        var statement = connection.createStatement()) {
      try (var row = statement.executeQuery("pragma foreign_keys")) {
        assertThat(row.getInt(1)).isOne();
      }
      try (var row = statement.executeQuery("select count(*) from scheduled_tasks")) {
        assertThat(row.getInt(1)).isZero();
      }
    }
  }
}
