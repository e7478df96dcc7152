package io.calco.engine.plan;

import io.calco.engine.OperationException;
import io.calco.engine.SizeChange;
import io.calco.engine.backup.MachineBackups;
import io.calco.engine.plan.PlanNotices.Reach;
import io.calco.engine.plan.PlanProblem.Reason;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/// Reads a form as the plan that it is, or would be but for what is wrong. Confined.
final class DraftReading {
  private static final int DIGITS_MAX = 6;

  private final PlanDraft draft;
  private final Function<String, Where> places;
  private final Predicate<String> local;
  private final Function<String, Optional<PlanSource>> before;
  private final PlanMachines libvirt;
  private final List<PlanProblem> problems = new ArrayList<>();

  /// A repository by the name under which a form has it.
  ///
  /// @param address of it
  /// @param key the file that holds its passphrase
  record Where(String address, Optional<String> key) {}

  /// @param places finds repositories
  /// @param local webhooks that may lie in the own network
  /// @param before sources that the plan has already, by their paths: they keep what a form cannot
  ///   say
  /// @param libvirt how other machines are taken
  DraftReading(
      PlanDraft draft,
      Function<String, Where> places,
      Predicate<String> local,
      Function<String, Optional<PlanSource>> before,
      PlanMachines libvirt) {
    this.draft = draft;
    this.places = places;
    this.local = local;
    this.before = before;
    this.libvirt = libvirt;
  }

  /// The plan. What could not be read is left out of it.
  Plan plan() {
    List<PlanSource> sources = new ArrayList<>();
    for (int i = 0; i < draft.sources().size(); i++) {
      sources.add(source(draft.sources().get(i), "source-%d-".formatted(i)));
    }
    List<PlanRepository> repositories = new ArrayList<>();
    for (int i = 0; i < draft.repositories().size(); i++) {
      repositories.add(repository(draft.repositories().get(i), "repository-%d-".formatted(i)));
    }
    return new Plan(
        draft.name(),
        sources,
        repositories,
        draft.schedule(),
        given(draft.zone()),
        given(draft.readDays()).map(text -> number(text, "read-days", Reason.DAYS, 1)),
        given(draft.testDays()).map(text -> number(text, "test-days", Reason.DAYS, 1)),
        draft.trial(),
        notices(),
        given(draft.rate()).map(this::rate));
  }

  /// What could not be read, and what is wrong with what could; each place once.
  List<PlanProblem> problems(Plan plan) {
    List<PlanProblem> all = new ArrayList<>(problems);
    all.addAll(plan.problems());
    Set<String> seen = new HashSet<>();
    return all.stream().filter(problem -> seen.add(problem.field())).toList();
  }

  private static Optional<String> given(String text) {
    return Optional.of(text).filter(one -> !one.isBlank());
  }

  private int number(String digits, String field, Reason otherwise, int instead) {
    if (!digits.matches("[0-9]{1,%d}".formatted(DIGITS_MAX))) {
      problems.add(new PlanProblem(field, otherwise, digits));
      return instead;
    }
    return Integer.parseInt(digits);
  }

  private long rate(String text) {
    try {
      return SizeChange.parseBytes(text);
    } catch (OperationException e) {
      problems.add(new PlanProblem("rate", Reason.RATE, text));
      return 1;
    }
  }

  private PlanSource source(PlanDraft.Source typed, String field) {
    List<Integer> partitions = new ArrayList<>();
    for (String text : typed.partitions().split("[+, ]+")) {
      if (!text.isEmpty()) {
        partitions.add(number(text, field + "partitions", Reason.PARTITIONS, 1));
      }
    }
    Optional<PlanMachines> machines =
        MachineBackups.machine(typed.path())
            .map(_ -> before.apply(typed.path()).flatMap(PlanSource::machines).orElse(libvirt));
    return new PlanSource(
        machines.isPresent() ? typed.path() : path(typed.path()),
        given(typed.format()),
        given(typed.machine()),
        typed.medium(),
        partitions,
        typed.coverage(),
        typed.use(),
        typed.look(),
        typed.tracking(),
        before.apply(typed.path()).map(PlanSource::allow).orElse(List.of()),
        machines.map(how -> new PlanMachines(how.connect(), typed.quiesce(), how.scratch())));
  }

  /// Without detours; what is none stays as it was typed.
  private static String path(String text) {
    try {
      return Path.of(text).normalize().toString();
    } catch (InvalidPathException e) {
      return text;
    }
  }

  private PlanRepository repository(PlanDraft.Repository typed, String field) {
    int[] counts = new int[PlanDraft.PERIODS.size()];
    for (int i = 0; i < counts.length; i++) {
      String text = typed.kept(PlanDraft.PERIODS.get(i));
      counts[i] = text.isBlank() ? 0 : number(text, field + "keep", Reason.COUNT, 0);
      if (counts[i] > Keep.MOST) {
        problems.add(new PlanProblem(field + "keep", Reason.COUNT, text));
        counts[i] = 0;
      }
    }
    Where where = places.apply(typed.address());
    return new PlanRepository(
        where.address(),
        typed.filling(),
        typed.medium(),
        typed.place(),
        where.key(),
        typed.plainness(),
        new Keep(
            counts[0], counts[1], counts[2], counts[3], counts[4], counts[5], words(typed.tags())));
  }

  private static List<String> words(String text) {
    return Arrays.stream(text.split("[,\\s]+")).filter(word -> !word.isEmpty()).toList();
  }

  private PlanNotices notices() {
    List<String> to = words(draft.mail());
    return new PlanNotices(
        given(draft.webhook())
            .map(address ->
                new PlanNotices.Webhook(address, local.test(address) ? Reach.LOCAL : Reach.PUBLIC)),
        to.isEmpty()
            ? Optional.empty()
            : Optional.of(new PlanNotices.Mail(to, draft.when(), draft.language())));
  }
}
