package io.calco.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.calco.backup.PointCheck;
import io.calco.backup.RestorePoint;
import io.calco.catalog.CatalogException;
import io.calco.catalog.plan.RunEntry;
import io.calco.catalog.plan.RunState;
import io.calco.catalog.plan.StepEntry;
import io.calco.disk.JobContext;
import io.calco.engine.Calco;
import io.calco.engine.Home;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.ProcessLock;
import io.calco.engine.audit.Actor;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.plan.PlanFixtures.SetClock;
import io.calco.engine.plan.PlanNotices.Reach;
import io.calco.engine.plan.PlanRepository.Filling;
import io.calco.engine.plan.PlanRepository.Plainness;
import io.calco.engine.repository.RepositoryOptions;
import io.calco.engine.store.StoreSecret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Plans on repositories of this machine.
class PlansTest {
  private static final int SIZE = 300_000;

  @TempDir private Path directory;
  private final SetClock clock = new SetClock("2026-11-22T02:30:00Z");
  private Path disk = Path.of("");
  private Path near = Path.of("");
  private Path far = Path.of("");
  private @Nullable Calco opened;

  @BeforeEach
  void open() throws IOException {
    disk = directory.resolve("disk.img");
    near = repository("near");
    far = repository("far");
    opened = Calco.open(new Home(directory.resolve("home")));
    change(1);
  }

  @AfterEach
  void close() throws IOException {
    calco().close();
  }

  private Calco calco() {
    return Objects.requireNonNull(opened);
  }

  private Path repository(String name) throws IOException {
    Path place = directory.resolve(name);
    BackupRepository.create(place.toString(), RepositoryOptions.defaults(), StoreSecret.none())
        .close();
    return place;
  }

  private void change(long seed) throws IOException {
    byte[] bytes = new byte[SIZE];
    new Random(seed).nextBytes(bytes);
    Files.write(disk, bytes);
  }

  private Plans plans() {
    return new Plans(calco(), Actor.command(), PlanSettings.defaults().withClock(clock));
  }

  private Plan both(Keep nearKeep, Keep farKeep) {
    return PlanFixtures.plan(
        "daily at 02:30",
        List.of(disk.toString()),
        PlanFixtures.repository(near, Filling.BACKUP, nearKeep),
        PlanFixtures.offSite(far, "usb", Plainness.WAIVED, farKeep));
  }

  private static List<RestorePoint> points(Path place) throws IOException {
    try (BackupRepository opened =
        BackupRepository.open(place.toString(), RepositoryOptions.defaults(), StoreSecret.none())) {
      return PlanPoints.all(opened);
    }
  }

  private static List<String> steps(PlanReport report) {
    return report.steps().stream().map(step -> step.kind() + " " + step.state().text()).toList();
  }

  @Test
  void backsUpCopiesForgetsReadsAndTries() throws IOException {
    Plans plans = plans();
    plans.add(PlanFixtures.caredFor(both(PlanFixtures.last(2), PlanFixtures.last(1)), 1, 30));
    PlanReport first = plans.run("p", JobContext.SILENT);
    assertThat(first.run().message()).isEmpty();
    assertThat(steps(first))
        .containsExactly(
            "backup done",
            "copy done",
            "forget done",
            "prune done",
            "verify done",
            "test done",
            "look done",
            "forget done",
            "prune done",
            "verify done",
            "test done",
            "look done");
    assertThat(points(far)).isEqualTo(points(near)).hasSize(1);
    assertThat(points(near).getFirst().remarks().tags()).containsExactly("plan:p");

    clock.set("2026-11-23T02:30:00Z");
    for (int seed = 2; seed < 5; seed++) {
      change(seed);
      plans.run("p", JobContext.SILENT);
    }
    assertThat(points(near)).hasSize(2);
    assertThat(points(far)).isEqualTo(points(near).subList(1, 2));
    List<Board.Row> board = plans.board("p");
    assertThat(board).hasSize(1);
    assertThat(board.getFirst().missing()).isEmpty();
    assertThat(board.getFirst().copies()).isEqualTo(3);
    assertThat(board.getFirst().media()).containsExactly("disk", "usb");
    assertThat(board.getFirst().testedHow()).contains("not booted");
  }

  @Test
  void whatOthersHaveInTheRepositoryStays() throws IOException {
    Plans plans = plans();
    plans.add(both(PlanFixtures.last(1), Keep.all()));
    Plan other =
        PlanFixtures.plan(
            "by hand",
            List.of(disk.toString()),
            PlanFixtures.repository(near, Filling.BACKUP, Keep.all()));
    plans.add(named("other", other));
    plans.run("other", JobContext.SILENT);
    plans.run("p", JobContext.SILENT);
    plans.run("p", JobContext.SILENT);
    assertThat(points(near))
        .extracting(point -> point.remarks().tags().getFirst())
        .containsExactly("plan:other", "plan:p");
    assertThat(points(far)).hasSize(2);
  }

  @Test
  void whatCannotBeOpenedHidesNoOtherRepository() throws IOException {
    Plans plans = plans();
    Path unplugged = directory.resolve("unplugged");
    plans.add(
        PlanFixtures.plan(
            "daily at 02:30",
            List.of(disk.toString()),
            PlanFixtures.repository(unplugged, Filling.BACKUP, PlanFixtures.last(3)),
            PlanFixtures.repository(near, Filling.BACKUP, PlanFixtures.last(2))));
    Foretold foretold = plans.simulate("p", 10);
    assertThat(foretold.simulations())
        .singleElement()
        .satisfies(one -> assertThat(one.repository()).isEqualTo(near.toString()));
    assertThat(foretold.unseen())
        .containsExactly(
            new Foretold.Unseen(
                unplugged.toString(),
                "%s: there is no repository (make one: calco repo init %s)"
                    .formatted(unplugged, unplugged)));
  }

  @Test
  void nothingIsTakenFromAnAppendOnlyRepository() throws IOException {
    try (BackupRepository repository =
        BackupRepository.open(near.toString(), RepositoryOptions.defaults(), StoreSecret.none())) {
      repository.store().makeAppendOnly();
    }
    Plans plans = plans();
    plans.add(both(PlanFixtures.last(1), Keep.all()));
    plans.run("p", JobContext.SILENT);
    PlanReport report = plans.run("p", JobContext.SILENT);
    assertThat(report.done()).isTrue();
    assertThat(report.steps())
        .filteredOn(step -> step.kind().equals("forget"))
        .extracting(StepEntry::message)
        .containsExactly("the repository is append-only: nothing is taken from it");
    assertThat(points(near)).hasSize(2);
  }

  @Test
  void aPlanIsNotCalledAsAPage() {
    Plan plan = both(Keep.all(), Keep.all());
    for (String page : List.of("new", "preview", "runs")) {
      assertThatThrownBy(() -> plans().add(named(page, plan)))
          .isInstanceOf(OperationException.class)
          .hasMessage(
              "the plan: a plan cannot be called \"%s\": the web pages have a page of that name"
                  .formatted(page));
    }
  }

  @Test
  void restoresAreTriedAsThePlanSays() throws IOException {
    Plans plans = plans();
    Plan both = PlanFixtures.caredFor(both(Keep.all(), Keep.all()), 30, 90);
    plans.add(
        new Plan(
            "p",
            both.sources(),
            both.repositories(),
            both.schedule(),
            both.zone(),
            both.readDays(),
            both.testDays(),
            RestoreTrial.CHECK,
            both.notices(),
            both.rate()));
    assertThat(plans.get("p").trial()).isEqualTo(RestoreTrial.CHECK);
    PlanReport report = plans.run("p", JobContext.SILENT);
    assertThat(report.done()).isTrue();
    assertThat(report.steps())
        .filteredOn(step -> step.kind().equals("test"))
        .extracting(StepEntry::message)
        .hasSize(2)
        .allSatisfy(text -> assertThat(text).endsWith("not booted"));
    assertThat(points(near).getLast().checks())
        .anySatisfy(check -> assertThat(check.kind()).isEqualTo(PointCheck.Kind.TEST));
  }

  private static Plan named(String name, Plan plan) {
    return new Plan(
        name,
        plan.sources(),
        plan.repositories(),
        plan.schedule(),
        plan.zone(),
        plan.readDays(),
        plan.testDays(),
        plan.trial(),
        plan.notices(),
        plan.rate());
  }

  @Test
  void whatFailsStopsNothingElse() throws IOException {
    Path gone = directory.resolve("gone.img");
    Plan plan =
        PlanFixtures.plan(
            "daily at 02:30",
            List.of(gone.toString(), disk.toString()),
            PlanFixtures.repository(directory.resolve("unplugged"), Filling.BACKUP, Keep.all()),
            PlanFixtures.repository(near, Filling.BACKUP, Keep.all()),
            PlanFixtures.repository(far, Filling.COPY, PlanFixtures.last(3)));
    plans().add(plan);
    PlanReport report = plans().run("p", JobContext.SILENT);
    assertThat(report.run().state()).isEqualTo(RunState.FAILED);
    assertThat(report.run().message())
        .isEqualTo(
            "backup %s → %s: %s: there is no repository (make one: calco repo init %s)"
                .formatted(
                    gone,
                    directory.resolve("unplugged"),
                    directory.resolve("unplugged"),
                    directory.resolve("unplugged")));
    assertThat(points(near)).hasSize(1);
    assertThat(points(far)).hasSize(1);
    assertThat(report.steps())
        .filteredOn(step -> step.kind().equals("backup"))
        .extracting(StepEntry::state)
        .containsExactly(RunState.FAILED, RunState.FAILED, RunState.FAILED, RunState.DONE);
    assertThat(report.log()).hasSameSizeAs(report.steps());
    assertThat(plans().board("p").get(1).missing())
        .extracting(Lack::text)
        .contains(directory.resolve("unplugged") + ": nobody has looked there yet");
  }

  @Test
  void aPlanIsDueOnceAndNeverTwiceAtATime() throws IOException {
    Plans plans = plans();
    clock.set("2026-11-21T12:00:00Z");
    plans.add(both(Keep.all(), Keep.all()));
    assertThat(plans.runDue(JobContext.SILENT)).isEmpty();
    clock.set("2026-11-22T02:30:00Z");
    assertThat(plans.runDue(JobContext.SILENT)).hasSize(1);
    assertThat(plans.runDue(JobContext.SILENT)).isEmpty();
    clock.set("2026-12-24T00:00:00Z"); // a long sleep
    assertThat(plans.runDue(JobContext.SILENT)).hasSize(1);
    assertThat(plans.runDue(JobContext.SILENT)).isEmpty();
    try (ProcessLock _ = RunLock.tryTake(calco().home(), "p").orElseThrow()) {
      clock.set("2026-12-25T12:00:00Z");
      assertThat(plans.runDue(JobContext.SILENT)).isEmpty();
      assertThatThrownBy(() -> plans.run("p", JobContext.SILENT))
          .hasMessage("the plan p runs already");
      assertThatThrownBy(() -> plans.remove("p"))
          .isInstanceOfSatisfying(
              OperationException.class, e -> assertThat(e.kind()).isEqualTo(Kind.BUSY));
      assertThat(plans.findInterrupted()).isEmpty();
    }
  }

  @Test
  void stoppedBetweenAnyTwoStepsItIsToldAndTheNextRunIsWhole() throws IOException {
    Plans plans = plans();
    plans.add(both(PlanFixtures.last(2), PlanFixtures.last(1)));
    int all = plans.run("p", JobContext.SILENT).steps().size();
    for (int stop = 1; stop <= all; stop++) {
      change(100 + stop);
      Killed killed = new Killed(stop);
      assertThatThrownBy(() -> plans.run("p", killed)).isInstanceOf(Killed.End.class);
      List<RunEntry> interrupted = plans.findInterrupted();
      assertThat(interrupted).hasSize(1);
      assertThat(interrupted.getFirst().state()).isEqualTo(RunState.INTERRUPTED);
      assertThat(interrupted.getFirst().message()).startsWith("it was interrupted at ");
      assertThat(plans.report(interrupted.getFirst().number()).steps()).hasSize(stop);
      assertThat(plans.run("p", JobContext.SILENT).done()).isTrue();
      assertThat(points(near)).hasSize(2);
      assertThat(points(far)).isEqualTo(points(near).subList(1, 2));
    }
  }

  /// A process that ends as it begins its nth step: what is recorded stays as it is.
  private static final class Killed implements JobContext {
    private int left;

    Killed(int step) {
      left = step;
    }

    static final class End extends Error {
      private static final long serialVersionUID = 1L;
    }

    @Override
    public void progress(String step, long done, long total) {
      if (step.matches("(backup|copy|forget|prune|verify|test|look) .*") && --left == 0) {
        throw new End();
      }
    }
  }

  @Test
  void aRunThatSomebodyStopsIsRecordedSo() throws IOException {
    Plans plans = plans();
    plans.add(both(Keep.all(), Keep.all()));
    JobContext stopped =
        new JobContext() {
          @Override
          public void progress(String step, long done, long total) {}

          @Override
          public void checkCancelled() {
            throw new CancellationException();
          }
        };
    assertThatThrownBy(() -> plans.run("p", stopped)).isInstanceOf(CancellationException.class);
    assertThat(plans.runs(Optional.of("p"), 1).getFirst().state()).isEqualTo(RunState.CANCELLED);
  }

  @Test
  void aFlippedBitIsFoundAndNamed() throws IOException {
    Plans plans = plans();
    plans.add(PlanFixtures.caredFor(both(Keep.all(), Keep.all()), 1, 30));
    plans.run("p", JobContext.SILENT);
    try (Stream<Path> files = Files.walk(near.resolve("packs"))) {
      Path pack =
          files
              .filter(Files::isRegularFile)
              .max((a, b) -> Long.compare(a.toFile().length(), b.toFile().length()))
              .orElseThrow();
      byte[] bytes = Files.readAllBytes(pack);
      bytes[bytes.length / 2] ^= 1;
      Files.write(pack, bytes);
    }
    clock.set("2026-11-23T02:30:00Z");
    change(9);
    PlanReport report = plans.run("p", JobContext.SILENT);
    assertThat(report.run().message())
        .startsWith("verify " + near + ": damaged: 1 points have lost content: ");
    assertThat(report.steps())
        .filteredOn(step -> step.kind().equals("verify"))
        .extracting(StepEntry::state)
        .containsExactly(RunState.FAILED, RunState.DONE);
    // The newest one is whole, and counts.
    assertThat(plans.board("p").getFirst().copies()).isEqualTo(3);
  }

  @Test
  void whatCannotBeMeantIsRefused() throws IOException {
    Plans plans = plans();
    Plan plain =
        PlanFixtures.plan(
            "daily at 02:30",
            List.of(disk.toString()),
            PlanFixtures.repository(near, Filling.BACKUP, Keep.all()),
            PlanFixtures.offSite(far, "usb", Plainness.REFUSED, Keep.all()));
    assertThatThrownBy(() -> plans.add(plain))
        .hasMessage(
            "%s: is off-site and not encrypted: anybody there could read it".formatted(far));
    Plan tagged =
        PlanFixtures.plan(
            "daily at 02:30",
            List.of(disk.toString()),
            PlanFixtures.repository(
                near, Filling.BACKUP, new Keep(0, 0, 0, 0, 0, 0, List.of("gold"))));
    assertThatThrownBy(() -> plans.add(tagged)).hasMessageContaining("may keep nothing");
    assertThatThrownBy(() -> plans.add(named("../p", both(Keep.all(), Keep.all()))))
        .isInstanceOf(CatalogException.InvalidName.class);
    assertThatThrownBy(() -> plans.get("p")).hasMessage("there is no plan p");
    plans.add(both(Keep.all(), Keep.all()));
    assertThatThrownBy(() -> plans.add(both(Keep.all(), Keep.all())))
        .isInstanceOf(CatalogException.Taken.class);
    assertThat(plans.get("p")).isEqualTo(both(Keep.all(), Keep.all()));
    plans.change(both(PlanFixtures.last(3), Keep.all()));
    assertThat(plans.get("p").repositories().getFirst().keep().text()).isEqualTo("last=3");
    plans.remove("p");
    assertThat(plans.names()).isEmpty();
  }

  private static Plan hooked(Plan plan, String hook, Reach reach) {
    return plan.with(
        new PlanNotices(Optional.of(new PlanNotices.Webhook(hook, reach)), Optional.empty()));
  }

  @Test
  void aWebhookIsToldOfFailuresAndOfTheirEnd() throws IOException {
    List<String> told = new CopyOnWriteArrayList<>();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/hook",
        exchange -> {
          told.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    server.start();
    try {
      Plan plan = both(Keep.all(), Keep.all());
      String hook = "http://127.0.0.1:%d/hook".formatted(server.getAddress().getPort());
      assertThatThrownBy(() -> plans().add(hooked(plan, hook, Reach.PUBLIC)))
          .hasMessage("127.0.0.1: is not on the public network");
      plans().add(hooked(plan, hook, Reach.LOCAL));
      plans().run("p", JobContext.SILENT);
      assertThat(told).isEmpty();
      Files.move(disk, directory.resolve("elsewhere"));
      PlanReport failed = plans().run("p", JobContext.SILENT);
      assertThat(told).hasSize(1);
      assertThat(told.getFirst()).contains("plan p: failed", "\"run\":2", "no such file");
      assertThat(failed.steps().getLast().message()).isEqualTo("told");
      Files.move(directory.resolve("elsewhere"), disk);
      plans().run("p", JobContext.SILENT);
      plans().run("p", JobContext.SILENT);
      assertThat(told).hasSize(2);
      assertThat(told.get(1)).contains("plan p: done");
    } finally {
      server.stop(0);
    }
  }
}
