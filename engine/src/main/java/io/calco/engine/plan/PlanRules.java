package io.calco.engine.plan;

import io.calco.backup.RestorePoint;
import io.calco.engine.NamePattern;
import io.calco.engine.OperationException;
import io.calco.engine.backup.BackupRequest.Tracking;
import io.calco.engine.backup.BackupRequest.Use;
import io.calco.engine.images.WebAddresses;
import io.calco.engine.plan.PlanNotices.Reach;
import io.calco.engine.plan.PlanProblem.Reason;
import io.calco.engine.plan.PlanRepository.Filling;
import io.calco.engine.repository.RepositoryAddress;
import io.calco.machine.libvirt.LibvirtUri;
import java.net.URI;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// What a plan must be like. Confined.
final class PlanRules {
  private static final int DAYS_MAX = 3660; // ours
  private static final int MANY = 1000; // ours
  private static final int ADDRESS_MAX = 254; // RFC 5321, 4.5.3.1.3
  private static final Pattern MEDIUM = Pattern.compile("[a-z0-9][a-z0-9-]{0,31}");

  /// RFC 5321, 4.1.2: a Dot-string at a domain. What may also be quoted nobody has.
  private static final Pattern MAIL =
      Pattern.compile(
          "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
              + "@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?");

  private final Plan plan;
  private final List<PlanProblem> problems = new ArrayList<>();

  PlanRules(Plan plan) {
    this.plan = plan;
  }

  /// What the pages have where plans are, beside them.
  private static final Set<String> PAGES = Set.of("new", "preview", "runs");

  /// What is wrong with a name that a new plan is to have, whatever else can be called so.
  static Optional<PlanProblem> problemOfName(String name) {
    return PAGES.contains(name)
        ? Optional.of(new PlanProblem("name", Reason.RESERVED, name))
        : Optional.empty();
  }

  /// Whether mail may be sent there.
  static boolean isMailAddress(String text) {
    return text.length() <= ADDRESS_MAX && MAIL.matcher(text).matches();
  }

  List<PlanProblem> problems() {
    sources();
    repositories();
    schedule();
    require(isDays(plan.readDays().orElse(1)), "read-days", Reason.DAYS, plan.readDays());
    require(isDays(plan.testDays().orElse(1)), "test-days", Reason.DAYS, plan.testDays());
    require(plan.rate().orElse(1L) >= 1, "rate", Reason.RATE, plan.rate());
    plan.notices().webhook().ifPresent(this::webhook);
    plan.notices().mail().ifPresent(this::mail);
    return List.copyOf(problems);
  }

  private static boolean isDays(int days) {
    return days >= 1 && days <= DAYS_MAX;
  }

  private void require(boolean holds, String field, Reason reason, Optional<?> value) {
    require(holds, field, reason, value.map(String::valueOf).orElse(""));
  }

  private void require(boolean holds, String field, Reason reason, String value) {
    if (!holds) {
      problems.add(new PlanProblem(field, reason, value));
    }
  }

  private void sources() {
    int count = plan.sources().size();
    require(count > 0 && count <= MANY, "sources", Reason.SOURCES, "");
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < count; i++) {
      PlanSource source = plan.sources().get(i);
      String field = "source-%d-".formatted(i);
      place(seen, field + "path", source.path());
      require(isMedium(source.medium()), field + "medium", Reason.MEDIUM, source.medium());
      require(
          source.machine().filter(name -> !RestorePoint.isMachine(name)).isEmpty(),
          field + "machine",
          Reason.MACHINE,
          source.machine());
      for (int number : source.partitions()) {
        require(number >= 1, field + "partitions", Reason.PARTITIONS, String.valueOf(number));
      }
      source.pattern().ifPresent(pattern -> machines(source, pattern, field));
    }
  }

  private void machines(PlanSource source, String pattern, String field) {
    require(
        RestorePoint.isMachine(pattern) && isPattern(pattern),
        field + "path",
        Reason.MACHINE,
        pattern);
    require(
        source.machine().isEmpty() || isOne(pattern),
        field + "machine",
        Reason.MACHINES_NAME,
        source.path());
    require(
        source.partitions().isEmpty()
            && source.format().isEmpty()
            && source.use() == Use.REFUSED
            && source.tracking() == Tracking.NONE,
        field + "path",
        Reason.WHOLE_MACHINE,
        source.path());
    Optional<String> address = source.machines().flatMap(PlanMachines::connect);
    require(
        address.isEmpty() || isOfThisHost(address.get()), field + "path", Reason.LIBVIRT, address);
  }

  private static boolean isPattern(String pattern) {
    try {
      return !NamePattern.expand(List.of(pattern)).contains("");
    } catch (OperationException e) {
      return false;
    }
  }

  private static boolean isOne(String pattern) {
    return !isPattern(pattern) // which is told as such
        || !NamePattern.isWild(pattern) && NamePattern.expand(List.of(pattern)).size() == 1;
  }

  private static boolean isOfThisHost(String address) {
    try {
      return LibvirtUri.parse(address, System.getenv()).server().isEmpty();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private void place(Set<String> seen, String field, String place) {
    require(!place.isBlank(), field, Reason.EMPTY, "");
    require(place.isBlank() || seen.add(place), field, Reason.TWICE, place);
  }

  private static boolean isMedium(String text) {
    return MEDIUM.matcher(text).matches();
  }

  private void repositories() {
    int count = plan.repositories().size();
    require(
        !plan.filledBy(Filling.BACKUP).isEmpty() && count <= MANY,
        "repositories",
        Reason.REPOSITORIES,
        "");
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < count; i++) {
      PlanRepository repository = plan.repositories().get(i);
      String field = "repository-%d-".formatted(i);
      String address = repository.address();
      place(seen, field + "address", address);
      require(address.isBlank() || isAddress(address), field + "address", Reason.ADDRESS, address);
      require(isMedium(repository.medium()), field + "medium", Reason.MEDIUM, repository.medium());
      require(
          repository.keep().keepsAll() || repository.keep().keepsSome(),
          field + "keep",
          Reason.KEEPS_NOTHING,
          address);
      require(
          !repository.mustBeEncrypted() || repository.passphraseFile().isPresent(),
          field + "place",
          Reason.PLAIN,
          address);
    }
  }

  private static boolean isAddress(String text) {
    try {
      RepositoryAddress.parse(text);
      return true;
    } catch (OperationException e) {
      return false;
    }
  }

  private void schedule() {
    try {
      require(
          ScheduleText.understands(plan.schedule()), "schedule", Reason.NEVER_DUE, plan.schedule());
    } catch (OperationException e) {
      require(false, "schedule", Reason.SCHEDULE, plan.schedule());
    }
    try {
      plan.zoneId();
    } catch (DateTimeException e) {
      require(false, "zone", Reason.ZONE, plan.zone());
    }
  }

  private void webhook(PlanNotices.Webhook webhook) {
    WebAddresses none = new WebAddresses(Set.of());
    try {
      URI address = none.parse(webhook.address());
      require(
          webhook.reach() == Reach.LOCAL || !none.refusesOutright(address),
          "webhook",
          Reason.WEBHOOK_LOCAL,
          address.getHost());
    } catch (OperationException e) {
      require(false, "webhook", Reason.WEBHOOK, webhook.address());
    }
  }

  private void mail(PlanNotices.Mail mail) {
    require(!mail.to().isEmpty() && mail.to().size() <= MANY, "mail", Reason.MAIL, "");
    for (String address : mail.to()) {
      require(isMailAddress(address), "mail", Reason.MAIL, address);
    }
  }
}
