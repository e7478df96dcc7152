package io.calco.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.catalog.BackgroundJob.State;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackgroundJobsTest {
  private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

  @TempDir Path dir;
  private Catalog catalog;

  @BeforeEach
  void open() throws IOException {
    catalog = Catalog.open(dir);
  }

  @AfterEach
  void close() throws IOException {
    catalog.close();
  }

  private BackgroundJob add(int second, String user) throws IOException {
    BackgroundJob job =
        new BackgroundJob(
            Catalog.newId(),
            "template",
            "debian12",
            State.WAITING,
            user,
            user,
            "p",
            "",
            "",
            NOON.plusSeconds(second),
            Optional.empty(),
            Optional.empty());
    catalog.backgroundJobs().add(job);
    return job;
  }

  private List<String> ids(Optional<String> user, Optional<String> after, int limit)
      throws IOException {
    return catalog.backgroundJobs().list(user, after, limit).stream()
        .map(BackgroundJob::id)
        .toList();
  }

  @Test
  void remembersHowAJobWent() throws IOException {
    BackgroundJob job = add(0, "ana");
    BackgroundJob begun = catalog.backgroundJobs().begin(job);
    assertThat(catalog.backgroundJobs().find(job.id())).contains(begun);
    assertThat(begun.state()).isEqualTo(State.RUNNING);
    BackgroundJob ended = catalog.backgroundJobs().end(begun, State.FAILED, "{}", "no space");
    assertThat(catalog.backgroundJobs().find(job.id())).contains(ended);
    assertThat(ended.begunAt()).isEqualTo(begun.begunAt());
    assertThat(ended.endedAt()).isPresent();
    assertThat(ended.message()).isEqualTo("no space");
    assertThat(catalog.backgroundJobs().find("other")).isEmpty();
  }

  @Test
  void listsAUsersOrAllPageByPage() throws IOException {
    BackgroundJob one = add(1, "ana");
    BackgroundJob two = add(2, "bea");
    BackgroundJob three = add(2, "ana");
    assertThat(ids(Optional.empty(), Optional.empty(), 9))
        .endsWith(one.id())
        .containsExactlyInAnyOrder(one.id(), two.id(), three.id());
    assertThat(ids(Optional.of("ana"), Optional.empty(), 9)).containsExactly(three.id(), one.id());
    assertThat(ids(Optional.of("ana"), Optional.of(three.id()), 9)).containsExactly(one.id());
    String first = ids(Optional.empty(), Optional.empty(), 1).getFirst();
    assertThat(ids(Optional.empty(), Optional.of(first), 9)).hasSize(2).doesNotContain(first);
  }

  @Test
  void whatAGoneServerLeftWasInterrupted() throws IOException {
    BackgroundJob waiting = add(1, "ana");
    BackgroundJob running = catalog.backgroundJobs().begin(add(2, "ana"));
    BackgroundJob done = catalog.backgroundJobs().end(add(3, "ana"), State.DONE, "{}", "");
    assertThat(catalog.backgroundJobs().interruptUnfinished())
        .extracting(BackgroundJob::id)
        .containsExactly(waiting.id(), running.id());
    assertThat(catalog.backgroundJobs().list(Optional.empty(), Optional.empty(), 9))
        .extracting(BackgroundJob::state)
        .containsExactly(State.DONE, State.INTERRUPTED, State.INTERRUPTED);
    assertThat(catalog.backgroundJobs().find(done.id())).contains(done);
  }
}
