package io.calco.engine.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.catalog.AuditEvent;
import io.calco.catalog.AuditQuery;
import io.calco.catalog.BackgroundJob;
import io.calco.catalog.BackgroundJob.State;
import io.calco.catalog.Catalog;
import io.calco.disk.JobContext;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.AuditLog;
import io.calco.engine.identity.Caller;
import io.calco.engine.jobs.JobProgress.Unit;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JobsTest {
  private static final Caller ANA = caller("ana", Set.of(Caller.MEMBER));
  private static final Caller BEA = caller("bea", Set.of(Caller.MEMBER));
  private static final Caller ROOT = caller("root", Set.of(Caller.ADMIN));

  @TempDir Path dir;
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch go = new CountDownLatch(1);
  private Catalog catalog;
  private Jobs jobs;

  private static Caller caller(String name, Set<String> roles) {
    return new Caller(name, name, Optional.of(new Caller.Scope("p", "p")), roles, "192.0.2.1");
  }

  @BeforeEach
  void open() throws IOException {
    catalog = Catalog.open(dir);
    jobs = Jobs.open(catalog, new AuditLog(catalog));
  }

  @AfterEach
  void close() throws IOException {
    go.countDown();
    jobs.close();
    catalog.close();
  }

  /// Goes on until it is told to.
  private Map<String, String> wait(JobContext job) {
    begun.countDown();
    try {
      while (go.getCount() > 0) {
        job.checkCancelled();
        Thread.sleep(2);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return Map.of();
  }

  private BackgroundJob start(Caller caller, Jobs.Work work) throws IOException {
    return jobs.start(caller, JobKind.CLONE_CREATE, "aula-01", work);
  }

  private JobView awaitEnd(BackgroundJob job) throws IOException, InterruptedException {
    while (!jobs.get(ROOT, job.id()).recorded().state().ended()) {
      Thread.sleep(2);
    }
    return jobs.get(ROOT, job.id());
  }

  @Test
  void tellsHowFarItIsAndWhatCameOfIt() throws Exception {
    BackgroundJob job =
        start(
            ANA,
            context -> {
              context.progress("copying", 3 << 20, 4 << 20);
              wait(context);
              return Map.of("clones", "aula-01");
            });
    begun.await();
    JobProgress progress = jobs.get(ANA, job.id()).progress().orElseThrow();
    assertThat(progress.step()).isEqualTo("copying");
    assertThat(progress.percent()).hasValue(75);
    assertThat(progress.unit()).isEqualTo(Unit.BYTES);
    assertThat(jobs.get(ANA, job.id()).recorded().state()).isEqualTo(State.RUNNING);
    go.countDown();
    JobView ended = awaitEnd(job);
    assertThat(ended.recorded().state()).isEqualTo(State.DONE);
    assertThat(ended.result()).containsExactly(Map.entry("clones", "aula-01"));
    assertThat(ended.kind()).contains(JobKind.CLONE_CREATE);
    assertThat(ended.progress()).isEmpty();
  }

  @Test
  void foretellsFromTheSpeedOfTheStep() {
    JobProgress half = new JobProgress("x", 50, 100, Unit.ITEMS, Duration.ofSeconds(10));
    assertThat(half.perSecond()).isEqualTo(5.0);
    assertThat(half.left()).contains(Duration.ofSeconds(10));
    assertThat(new JobProgress("x", 50, 0, Unit.ITEMS, Duration.ofSeconds(1)).left()).isEmpty();
    assertThat(new JobProgress("x", 1, 9, Unit.ITEMS, Duration.ofMillis(9)).left()).isEmpty();
    assertThat(new JobProgress("x", 9, 5, Unit.ITEMS, Duration.ofSeconds(9)).percent())
        .hasValue(100);
  }

  @Test
  void isSeenByWhoAskedForItAndByAdministrators() throws Exception {
    BackgroundJob job = start(ANA, context -> Map.of());
    awaitEnd(job);
    assertThat(jobs.list(ANA, Optional.empty(), 10)).hasSize(1);
    assertThat(jobs.list(ROOT, Optional.empty(), 10)).hasSize(1);
    assertThat(jobs.list(BEA, Optional.empty(), 10)).isEmpty();
    assertThatThrownBy(() -> jobs.get(BEA, job.id())).isInstanceOf(OperationException.class);
    assertThatThrownBy(() -> jobs.cancel(BEA, job.id()))
        .isInstanceOfSatisfying(
            OperationException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND));
  }

  @Test
  void stopsWhenItIsToldTo() throws Exception {
    BackgroundJob running = start(ANA, this::wait);
    begun.await();
    jobs.cancel(ANA, running.id());
    assertThat(awaitEnd(running).recorded().state()).isEqualTo(State.CANCELLED);
    assertThatThrownBy(() -> jobs.cancel(ANA, running.id()))
        .isInstanceOf(OperationException.class)
        .hasMessage("the job has ended already");
    List<AuditEvent> events = catalog.audit().list(AuditQuery.newest(10));
    assertThat(events)
        .extracting(AuditEvent::outcome)
        .containsExactly(AuditEvent.Outcome.REFUSED, AuditEvent.Outcome.DONE);
    assertThat(events.getLast())
        .returns("ana", AuditEvent::userName)
        .returns("192.0.2.1", AuditEvent::address)
        .returns("job.cancel", AuditEvent::action);
  }

  @Test
  void aFewRunAtOnceAndOneThatWaitsIsStoppedAtOnce() throws Exception {
    for (int i = 0; i < 2; i++) {
      start(ANA, this::wait);
    }
    begun.await();
    BackgroundJob waiting = start(ANA, this::wait);
    assertThat(jobs.get(ANA, waiting.id()).recorded().state()).isEqualTo(State.WAITING);
    jobs.cancel(ANA, waiting.id());
    assertThat(jobs.get(ANA, waiting.id()).recorded().state()).isEqualTo(State.CANCELLED);
    for (int i = 0; i < 18; i++) {
      start(ANA, this::wait);
    }
    assertThatThrownBy(() -> start(ANA, this::wait))
        .isInstanceOfSatisfying(
            OperationException.class, e -> assertThat(e.kind()).isEqualTo(Kind.LIMIT));
    start(BEA, this::wait); // one user does not take all the places
  }

  @Test
  void tellsWhyItFailedButOfThisHostToAdministratorsAlone() throws Exception {
    BackgroundJob refused =
        start(
            ANA,
            context -> {
              throw new OperationException(Kind.REFUSED, "there is a clone aula-01 already");
            });
    assertThat(awaitEnd(refused).recorded())
        .returns(State.FAILED, BackgroundJob::state)
        .returns("there is a clone aula-01 already", BackgroundJob::message);
    Jobs.Work broken =
        context -> {
          throw new IOException("/var/lib/calco/pool: no space");
        };
    assertThat(awaitEnd(start(ANA, broken)).recorded().message())
        .isEqualTo("The server failed; its log tells why.");
    assertThat(awaitEnd(start(ROOT, broken)).recorded().message()).contains("no space");
  }

  @Test
  void whatAServerLeavesIsInterrupted() throws Exception {
    BackgroundJob running = start(ANA, this::wait);
    begun.await();
    jobs.close();
    assertThat(jobs.get(ANA, running.id()).recorded().state()).isEqualTo(State.INTERRUPTED);
    assertThatThrownBy(() -> start(ANA, this::wait)).isInstanceOf(OperationException.class);

    BackgroundJob killed =
        new BackgroundJob(
            Catalog.newId(),
            "store-verify",
            "",
            State.RUNNING,
            "ana",
            "ana",
            "",
            "",
            "",
            running.createdAt().plusSeconds(1),
            Optional.empty(),
            Optional.empty());
    catalog.backgroundJobs().add(killed);
    jobs = Jobs.open(catalog, new AuditLog(catalog));
    assertThat(jobs.get(ANA, killed.id()).recorded().state()).isEqualTo(State.INTERRUPTED);
  }
}
