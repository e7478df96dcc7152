package io.calco.engine.plan;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.plan.PlanRepository.Filling;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

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
/// @param webhook told by HTTP when a run has failed; empty for nobody
/// @param rate bytes a second that may pass to and from a repository; empty for all
public record Plan(
    String name,
    List<PlanSource> sources,
    List<PlanRepository> repositories,
    String schedule,
    Optional<String> zone,
    Optional<Integer> readDays,
    Optional<Integer> testDays,
    Optional<String> webhook,
    Optional<Long> rate) {
  private static final int DAYS_MAX = 3660; // ours
  private static final int MANY = 1000; // ours
  private static final String MEDIUM = "[a-z0-9][a-z0-9-]{0,31}";

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

  /// Looks for what cannot be meant.
  ///
  /// @throws OperationException USAGE; REFUSED for a repository off-site that anybody there could
  ///   read
  void check() {
    require(!sources.isEmpty() && sources.size() <= MANY, "it has no source, or too many", "");
    require(
        !filledBy(Filling.BACKUP).isEmpty() && repositories.size() <= MANY,
        "it has no repository to back up to, or too many",
        "name one: --repo ADDRESS");
    Set<String> seen = new HashSet<>();
    for (PlanSource source : sources) {
      require(seen.add(source.path()), source.path() + " is named twice", "");
      require(source.medium().matches(MEDIUM), "a medium is a word, such as disk or usb", "");
    }
    seen.clear();
    for (PlanRepository repository : repositories) {
      require(seen.add(repository.address()), repository.address() + " is named twice", "");
      check(repository);
    }
    Schedule.parse(schedule);
    try {
      zoneId();
    } catch (DateTimeException e) {
      require(false, "there is no time zone " + zone.orElse(""), "such as Europe/Madrid");
    }
    require(
        readDays.orElse(1) >= 1 && readDays.orElse(1) <= DAYS_MAX,
        "all is read every 1 to %d days".formatted(DAYS_MAX),
        "");
    require(
        testDays.orElse(1) >= 1 && testDays.orElse(1) <= DAYS_MAX,
        "restores are tried every 1 to %d days".formatted(DAYS_MAX),
        "");
    require(rate.orElse(1L) >= 1, "a rate is 1 byte a second or more", "");
    webhook.ifPresent(Webhook::check);
  }

  private static void check(PlanRepository repository) {
    require(repository.medium().matches(MEDIUM), "a medium is a word, such as disk or usb", "");
    require(
        repository.keep().keepsAll() || repository.keep().keepsSome(),
        "%s: the rule may keep nothing".formatted(repository.address()),
        "say how many to keep, such as keep-last=3");
    if (repository.mustBeEncrypted() && repository.passphraseFile().isEmpty()) {
      throw new OperationException(
          Kind.REFUSED,
          "%s: is off-site and not encrypted: anybody there could read it"
              .formatted(repository.address()),
          "name its passphrase's file: passphrase-file=FILE, or say that it may be:"
              + " allow-unencrypted");
    }
  }

  private static void require(boolean holds, String what, String hint) {
    if (!holds) {
      throw new OperationException(Kind.USAGE, "the plan: " + what, hint);
    }
  }
}
