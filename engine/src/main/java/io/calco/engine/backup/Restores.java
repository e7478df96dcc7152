package io.calco.engine.backup;

import io.calco.backup.HeldRuns;
import io.calco.backup.PointCheck;
import io.calco.backup.Restore;
import io.calco.backup.RestorePoint;
import io.calco.disk.Closing;
import io.calco.disk.Disk;
import io.calco.disk.JobContext;
import io.calco.engine.OperationException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Brings restore points back.
///
/// Thread rule: safe for several threads at once.
public final class Restores {
  private final BackupRepository repository;

  /// Of a repository, which stays its opener's to close.
  public Restores(BackupRepository repository) {
    this.repository = repository;
  }

  /// What a restore would do to its target.
  ///
  /// @param target what is written to
  /// @param fresh it is made
  /// @param description for a person: its size, model and serial number
  /// @param word what its owner types to agree; empty when nothing is overwritten
  /// @param size of it in bytes
  /// @param steps what is written where, a line each
  /// @param places the partitions of the target as they will be; none where there is no table that
  ///   could be read
  public record Plan(
      Path target,
      boolean fresh,
      String description,
      String word,
      long size,
      List<String> steps,
      List<Place> places) {
    /// Copies the lists.
    public Plan {
      steps = List.copyOf(steps);
      places = List.copyOf(places);
    }
  }

  /// A partition of a target as it will be.
  ///
  /// @param number its number
  /// @param start its first byte
  /// @param length in bytes
  /// @param from the number of the point's partition that is written there; empty for one that is
  ///   left alone
  public record Place(int number, long start, long length, Optional<Integer> from) {}

  /// What was done.
  ///
  /// @param plan what was planned
  /// @param written bytes that were written
  /// @param verified what was written was read again
  /// @param continued a restore that had been cut was finished: only what differed was written
  /// @param left what was changed besides, and what is left to do, a line each: partitions that got
  ///   longer, and hold what Calco cannot grow
  public record Outcome(
      Plan plan, long written, boolean verified, boolean continued, List<String> left) {
    /// Copies the list.
    public Outcome {
      left = List.copyOf(left);
    }
  }

  /// What came of one target.
  ///
  /// @param target what was to be written
  /// @param outcome empty when it failed
  /// @param failure empty when it did not
  public record Result(
      Path target, Optional<Outcome> outcome, Optional<OperationException> failure) {

    /// Nothing was written, or not all.
    public static Result failed(RestoreRequest request, Exception failure) {
      return new Result(
          request.target(), Optional.empty(), Optional.of(OperationException.of(failure)));
    }
  }

  /// Looks at the target and refuses what cannot be done; writes nothing.
  ///
  /// @throws OperationException REFUSED when the target is in use, or too small: it says the
  ///   smallest that would do
  public Plan plan(RestorePoint point, RestoreRequest request) throws IOException {
    try (Disk source = repository.points().open(point)) {
      return new RestorePlanner(point, source).plan(request);
    }
  }

  /// Restores, as planned.
  ///
  /// @throws OperationException as [#plan]
  public Outcome restore(RestorePoint point, RestoreRequest request, JobContext job)
      throws IOException {
    Result result = restore(point, List.of(request), job).getFirst();
    return result.outcome().orElseThrow(() -> result.failure().orElseThrow());
  }

  /// Restores to several targets at once: the point is read once for all that are laid out alike,
  /// or get the same partition, and once more where what was written is read again. One that fails
  /// does not stop the others.
  ///
  /// @return of each, in their order
  /// @throws IOException when the point cannot be read
  public List<Result> restore(RestorePoint point, List<RestoreRequest> requests, JobContext job)
      throws IOException {
    try (Disk source = repository.points().open(point);
        Work work = new Work(repository, point, source, job)) {
      List<Result> results = work.run(requests);
      for (Result result : results) {
        if (result.outcome().filter(Outcome::verified).isPresent()) {
          Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
          String what = "restored to " + result.target() + ", and compared";
          // As it is now: somebody may have held it meanwhile.
          repository
              .points()
              .replace(
                  repository
                      .find(point.id().toString())
                      .with(new PointCheck(PointCheck.Kind.RESTORE, now, true, what)));
        }
      }
      return results;
    }
  }

  /// One point on its way to its targets. Confined.
  private static final class Work implements AutoCloseable {
    private final BackupRepository repository;
    private final RestorePoint point;
    private final Disk source;
    private final JobContext job;
    private final RestorePlanner planner;
    private final List<RestoreTarget> open = new ArrayList<>();
    private final IdentityHashMap<RestoreRequest, Result> results = new IdentityHashMap<>();

    Work(BackupRepository repository, RestorePoint point, Disk source, JobContext job) {
      this.repository = repository;
      this.point = point;
      this.source = source;
      this.job = job;
      this.planner = new RestorePlanner(point, source);
    }

    List<Result> run(List<RestoreRequest> requests) throws IOException {
      PartitionWork alone = new PartitionWork(source, point.id(), job);
      Map<Object, List<RestoreTarget>> alike = new LinkedHashMap<>();
      Map<RestoreTarget, TargetLayout> layouts = new LinkedHashMap<>();
      for (RestoreRequest request : requests) {
        attempt(
            request,
            () -> {
              RestoreTarget target = RestoreTarget.open(request, planner.plan(request), repository);
              open.add(target);
              if (!request.partitions().isEmpty()) {
                alone.add(target, planner.pairs(request, target.disk()));
                return;
              }
              Object key = "as saved";
              if (planner.isRelaid(request, target.disk().size())) {
                TargetLayout layout = planner.layout(request, target.disk().size());
                layouts.put(target, layout);
                key = layout.plan();
              }
              alike.computeIfAbsent(key, _ -> new ArrayList<>()).add(target);
            });
      }
      for (List<RestoreTarget> group : alike.values()) {
        write(group, layouts);
      }
      for (Map.Entry<RestoreTarget, Restore.Result> each : alone.run().entrySet()) {
        end(each.getKey(), each.getValue(), Optional.empty());
      }
      return requests.stream().map(results::get).toList();
    }

    /// A step for one target.
    private interface Step {
      void run() throws IOException;
    }

    private void attempt(RestoreRequest request, Step step) {
      try {
        step.run();
      } catch (IOException | OperationException e) {
        results.put(request, Result.failed(request, e));
      }
    }

    private void write(List<RestoreTarget> group, Map<RestoreTarget, TargetLayout> layouts)
        throws IOException {
      Optional<TargetLayout> layout = Optional.ofNullable(layouts.get(group.getFirst()));
      List<Restore.Destination> destinations = new ArrayList<>();
      HeldRuns held = new HeldRuns();
      for (RestoreTarget target : group) {
        destinations.add(new Restore.Destination(target.disk(), target.how(), held));
      }
      List<Restore.Result> written;
      if (layout.isPresent()) {
        try (Disk relaid = layout.get().open()) {
          written = Restore.disks(relaid, destinations, point.id(), job);
        }
      } else if (group.size() == 1 && group.getFirst().isCompared()) {
        Disk target = group.getFirst().disk();
        try (Disk seeded = repository.points().open(point, target, held)) {
          written = Restore.disks(seeded, destinations, point.id(), job);
        }
      } else {
        written = Restore.disks(source, destinations, point.id(), job);
      }
      for (int i = 0; i < group.size(); i++) {
        end(group.get(i), written.get(i), Optional.ofNullable(layouts.get(group.get(i))));
      }
    }

    private void end(RestoreTarget target, Restore.Result result, Optional<TargetLayout> layout) {
      switch (result) {
        case Restore.Result.Done(Restore.Report report) ->
            attempt(target.request(), () -> finish(target, report, layout));
        case Restore.Result.Failed(IOException failure) ->
            results.put(target.request(), Result.failed(target.request(), failure));
      }
    }

    /// What is done when all bytes are there.
    private void finish(RestoreTarget target, Restore.Report report, Optional<TargetLayout> layout)
        throws IOException {
      List<String> left = new ArrayList<>();
      if (layout.isPresent()) {
        left.addAll(layout.get().growContents(target.disk(), target.request().target()));
        target.disk().sync();
      }
      RestoreRequest request = target.request();
      if (request.guest().changes()) {
        left.addAll(request.guest().apply(target.disk(), job));
      }
      target.publish();
      Outcome outcome =
          new Outcome(
              target.plan(),
              report.written(),
              request.proof() == Restore.Proof.READ_AGAIN,
              report.continued(),
              left);
      results.put(request, new Result(request.target(), Optional.of(outcome), Optional.empty()));
    }

    @Override
    public void close() throws IOException {
      Closing.all(open);
    }
  }
}
