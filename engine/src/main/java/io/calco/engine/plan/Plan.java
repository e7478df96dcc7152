package io.calco.engine.plan;

import io.calco.engine.OperationException;
import io.calco.engine.plan.PlanRepository.Filling;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;

/// What is to be backed up, where to, when, and how it is looked after.
///
/// @param name its own
/// @param sources what is backed up; at least one
/// @param repositories where to; at least one of them is backed up to
/// @param schedule when, as [Schedule#parse] understands it
/// @param zone whose days and hours are meant; empty for the system's
/// @param readDays all that a repository holds is read and compared every so many days, a share in
///   each run; empty for never
/// @param testDays a restore is tried every so many days; empty for never
/// @param trial how that is done
/// @param notices who is told what came of a run
/// @param rate bytes a second that may pass to and from a repository; empty for all
public record Plan(
    String name,
    List<PlanSource> sources,
    List<PlanRepository> repositories,
    String schedule,
    Optional<String> zone,
    Optional<Integer> readDays,
    Optional<Integer> testDays,
    RestoreTrial trial,
    PlanNotices notices,
    Optional<Long> rate) {
  /// Copies the lists.
  public Plan {
    sources = List.copyOf(sources);
    repositories = List.copyOf(repositories);
  }

  /// When it is due.
  public Schedule when() {
    return Schedule.parse(schedule);
  }

  /// Whose days and hours are meant.
  public ZoneId zoneId() {
    return zone.map(ZoneId::of).orElseGet(ZoneId::systemDefault);
  }

  /// Repositories that are filled so.
  public List<PlanRepository> filledBy(Filling filling) {
    return repositories.stream().filter(one -> one.filling() == filling).toList();
  }

  /// The tag of the points that it makes.
  public String tag() {
    return "plan:" + name;
  }

  /// The same under another rule of whom to tell.
  public Plan with(PlanNotices others) {
    return new Plan(
        name, sources, repositories, schedule, zone, readDays, testDays, trial, others, rate);
  }

  /// Refuses what cannot be meant.
  ///
  /// @throws OperationException USAGE; REFUSED for a repository off-site that anybody there could
  ///   read, or a webhook in the own network
  void check() {
    List<PlanProblem> problems = problems();
    if (!problems.isEmpty()) {
      throw problems.getFirst().refusal();
    }
  }

  /// All that cannot be meant, but for its name.
  public List<PlanProblem> problems() {
    return new PlanRules(this).problems();
  }
}
