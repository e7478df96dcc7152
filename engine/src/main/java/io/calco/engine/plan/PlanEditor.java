package io.calco.engine.plan;

import io.calco.catalog.CatalogException;
import io.calco.catalog.Name;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.backup.MachineBackups;
import io.calco.engine.backup.served.BackupSettings;
import io.calco.engine.backup.served.BackupSettings.Known;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.WebAddresses;
import io.calco.engine.plan.DraftReading.Where;
import io.calco.engine.plan.PlanNotices.Language;
import io.calco.engine.plan.PlanNotices.Reach;
import io.calco.engine.plan.PlanProblem.Reason;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/// Plans that administrators make and change through a server's pages: of disks and to repositories
/// that its settings name, of machines that the pages show, or of what the plan has already,
/// because a command gave it that. So does a webhook lie in the own network only where the settings
/// allow its host.
///
/// Thread rule: safe for several threads.
public final class PlanEditor {
  private static final int SUGGESTED_MAX = 200; // ours
  private static final int NEXT = 3;

  /// Ours, for all repositories together: a preview is drawn while somebody types.
  private static final long JUDGED_MAX = 1_000_000;

  private static final int FILE_TYPE = 0xf000; // stat(2): S_IFMT, S_IFBLK
  private static final int BLOCK_DEVICE = 0x6000;

  private final Plans plans;
  private final BackupSettings settings;
  private final WebAddresses addresses;
  private final Optional<String> libvirt;

  /// Of these plans.
  ///
  /// @param settings which disks and repositories there are
  /// @param addresses which hosts of the own network may be told
  /// @param libvirt the address of the one whose machines the pages show; empty for none
  public PlanEditor(
      Plans plans, BackupSettings settings, WebAddresses addresses, Optional<String> libvirt) {
    this.plans = plans;
    this.settings = settings;
    this.addresses = addresses;
    this.libvirt = libvirt;
  }

  /// A form as the plan that it is, or would be but for what is wrong.
  ///
  /// @param problems each place once; none for a plan that can be kept
  public record Read(Plan plan, List<PlanProblem> problems) {
    /// Copies the list.
    public Read {
      problems = List.copyOf(problems);
    }

    /// True when it can be kept.
    public boolean good() {
      return problems.isEmpty();
    }
  }

  /// What a plan would come to.
  ///
  /// @param next its next times
  /// @param stays what each repository would keep, in the plan's order, as far as its rule can be
  ///   understood; nothing while the schedule cannot
  /// @param tooMany true when there are more runs than are foretold for a page
  public record Preview(List<Instant> next, List<Simulation> stays, boolean tooMany) {
    /// Copies the lists.
    public Preview {
      next = List.copyOf(next);
      stays = List.copyOf(stays);
    }
  }

  private static void requireAdmin(Caller caller) {
    if (!caller.isAdmin()) {
      throw new OperationException(Kind.DENIED, "Plans are for administrators.");
    }
  }

  /// The form of a plan that is there.
  ///
  /// @param language the caller's
  /// @throws OperationException NOT_FOUND when there is none of that name
  public PlanDraft draft(Caller caller, String name, Language language) throws IOException {
    requireAdmin(caller);
    return PlanDraft.of(plans.get(name), language).withAddresses(this::named);
  }

  private String named(String address) {
    return settings.repositories().stream()
        .filter(known -> PlanWords.address(known.address()).equals(address))
        .map(Known::name)
        .findFirst()
        .orElse(address);
  }

  /// The names of the repositories that the settings know.
  public List<String> repositories(Caller caller) {
    requireAdmin(caller);
    return settings.repositories().stream().map(Known::name).toList();
  }

  /// Whether the settings allow any disk, or machine.
  public boolean sourcesAllowed() {
    return !settings.sources().isEmpty() || libvirt.isPresent();
  }

  /// Whether somebody sends mail.
  public boolean mailed() {
    return plans.settings().mail().isPresent();
  }

  /// Disks that may be backed up, as far as they can be listed, and all machines.
  public List<String> sources(Caller caller) {
    requireAdmin(caller);
    TreeSet<String> found = new TreeSet<>();
    libvirt.ifPresent(_ -> found.add(MachineBackups.source("*")));
    for (Path place : settings.sources()) {
      if (Files.isDirectory(place)) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(place)) {
          for (Path file : files) {
            if (found.size() < SUGGESTED_MAX && !Files.isDirectory(file) && isWithin(file)) {
              found.add(file.toString());
            }
          }
        } catch (IOException | DirectoryIteratorException e) {
          // it can still be typed
        }
      } else {
        found.add(place.toString());
      }
    }
    return List.copyOf(found);
  }

  /// Whether a file is one of the settings', or lies below one, and no link leads elsewhere but to
  /// a disk.
  private boolean isWithin(Path file) {
    return settings.sources().stream().anyMatch(place -> isWithin(file, place));
  }

  private static boolean isWithin(Path file, Path place) {
    try {
      return file.startsWith(place)
          && (file.toRealPath().startsWith(place.toRealPath()) || isDisk(file));
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isDisk(Path file) throws IOException {
    return Files.getAttribute(file, "unix:mode") instanceof Integer mode
        && (mode & FILE_TYPE) == BLOCK_DEVICE;
  }

  /// Understands a form, and changes nothing.
  ///
  /// @param before the name of the plan that is changed; empty for a new one
  public Read read(Caller caller, PlanDraft draft, Optional<String> before) throws IOException {
    requireAdmin(caller);
    Optional<Plan> old =
        before.isPresent() ? Optional.of(plans.get(before.get())) : Optional.empty();
    DraftReading reading =
        new DraftReading(
            draft,
            typed -> where(typed, old),
            address -> isLocal(address, old),
            path -> before(path, old),
            libvirt.map(PlanMachines.usual()::at).orElseGet(PlanMachines::usual));
    Plan plan = reading.plan();
    List<PlanProblem> problems = new ArrayList<>();
    if (old.isEmpty()) {
      name(plan.name()).ifPresent(problems::add);
    }
    sources(plan, old, problems);
    repositories(draft, plan, old, problems);
    if (plan.notices().mail().isPresent() && !mailed()) {
      problems.add(new PlanProblem("mail", Reason.MAIL_SERVER, ""));
    }
    for (PlanProblem other : reading.problems(plan)) {
      if (problems.stream().noneMatch(one -> one.field().equals(other.field()))) {
        problems.add(other);
      }
    }
    return new Read(plan, problems);
  }

  private static Optional<PlanSource> before(String path, Optional<Plan> old) {
    return old.stream()
        .flatMap(plan -> plan.sources().stream())
        .filter(source -> source.path().equals(path))
        .findFirst();
  }

  private Where where(String typed, Optional<Plan> old) {
    for (Known known : settings.repositories()) {
      if (known.name().equals(typed)) {
        return new Where(
            PlanWords.address(known.address()),
            known.keyFile().map(file -> file.toAbsolutePath().normalize().toString()));
      }
    }
    return new Where(
        typed,
        old.flatMap(plan ->
            plan.repositories().stream()
                .filter(one -> one.address().equals(typed))
                .findFirst()
                .flatMap(PlanRepository::passphraseFile)));
  }

  private boolean isLocal(String address, Optional<Plan> old) {
    boolean before =
        old.flatMap(plan -> plan.notices().webhook())
            .filter(one -> one.reach() == Reach.LOCAL && one.address().equals(address))
            .isPresent();
    try {
      return before || addresses.names(addresses.parse(address));
    } catch (OperationException e) {
      return false; // it is no address at all, which is told as such
    }
  }

  private Optional<PlanProblem> name(String name) throws IOException {
    if (name.isEmpty()) {
      return Optional.of(new PlanProblem("name", Reason.EMPTY, ""));
    }
    try {
      Name.parse(name);
    } catch (CatalogException.InvalidName e) {
      return Optional.of(new PlanProblem("name", Reason.NAME, name));
    }
    return plans.names().contains(name)
        ? Optional.of(new PlanProblem("name", Reason.TAKEN, name))
        : PlanRules.problemOfName(name);
  }

  private void sources(Plan plan, Optional<Plan> old, List<PlanProblem> problems) {
    for (int i = 0; i < plan.sources().size(); i++) {
      String path = plan.sources().get(i).path();
      if (path.isEmpty() || before(path, old).isPresent()) {
        continue;
      }
      Optional<Reason> wrong = wrong(path);
      String field = "source-%d-path".formatted(i);
      wrong.ifPresent(reason -> problems.add(new PlanProblem(field, reason, path)));
    }
  }

  private Optional<Reason> wrong(String path) {
    if (MachineBackups.machine(path).isPresent()) {
      return libvirt.isPresent() ? Optional.empty() : Optional.of(Reason.NO_LIBVIRT);
    }
    Path file;
    try {
      file = Path.of(path);
    } catch (InvalidPathException e) {
      return Optional.of(Reason.SOURCE_DENIED);
    }
    if (settings.sources().stream().noneMatch(file::startsWith)) {
      return Optional.of(Reason.SOURCE_DENIED);
    }
    if (!Files.exists(file)) {
      return Optional.of(Reason.SOURCE_MISSING);
    }
    return isWithin(file) ? Optional.empty() : Optional.of(Reason.SOURCE_DENIED);
  }

  private void repositories(
      PlanDraft draft, Plan plan, Optional<Plan> old, List<PlanProblem> problems) {
    for (int i = 0; i < plan.repositories().size(); i++) {
      String typed = draft.repositories().get(i).address();
      boolean known =
          settings.repositories().stream().anyMatch(one -> one.name().equals(typed))
              || old.stream()
                  .flatMap(one -> one.repositories().stream())
                  .anyMatch(one -> one.address().equals(typed));
      if (!typed.isEmpty() && !known) {
        problems.add(
            new PlanProblem("repository-%d-address".formatted(i), Reason.REPOSITORY_DENIED, typed));
      }
    }
  }

  /// Adds the plan that a form is.
  ///
  /// @return it, or what is wrong; then nothing was added
  public Read add(Caller caller, PlanDraft draft) throws IOException {
    Read read = read(caller, draft, Optional.empty());
    if (read.good()) {
      plans.as(caller.actor()).add(read.plan());
    }
    return read;
  }

  /// Changes a plan into what a form is.
  ///
  /// @return it, or what is wrong; then nothing was changed
  /// @throws OperationException NOT_FOUND when there is none of the form's name
  public Read change(Caller caller, PlanDraft draft) throws IOException {
    Read read = read(caller, draft, Optional.of(draft.name()));
    if (read.good()) {
      plans.as(caller.actor()).change(read.plan());
    }
    return read;
  }

  /// Takes a plan away, and what is recorded of it. Its points stay where they are.
  ///
  /// @throws OperationException NOT_FOUND when there is none, BUSY while it runs
  public void remove(Caller caller, String name) throws IOException {
    requireAdmin(caller);
    plans.as(caller.actor()).remove(name);
  }

  /// What a plan would come to if every run is made, without the points that there are already.
  ///
  /// @param days how far to look ahead; 0 to 3660
  public Preview preview(Read read, int days) {
    List<String> wrong = read.problems().stream().map(PlanProblem::field).toList();
    if (wrong.contains("schedule") || wrong.contains("zone")) {
      return new Preview(List.of(), List.of(), false);
    }
    Plan plan = read.plan();
    Instant now = plans.settings().clock().instant();
    List<Instant> next = new ArrayList<>();
    Optional<Instant> at = plan.when().next(now, plan.zoneId());
    while (at.isPresent() && next.size() < NEXT) {
      next.add(at.get());
      at = plan.when().next(at.get(), plan.zoneId());
    }
    List<Simulation> stays = new ArrayList<>();
    boolean tooMany = false;
    long judged = JUDGED_MAX / Math.max(1, plan.repositories().size());
    for (int i = 0; i < plan.repositories().size(); i++) {
      PlanRepository repository = plan.repositories().get(i);
      if (!next.isEmpty() && !wrong.contains("repository-%d-keep".formatted(i))) {
        try {
          stays.add(
              Simulation.of(plan, repository.at(named(repository.address())), now, days, judged));
        } catch (OperationException e) {
          tooMany = true;
        }
      }
    }
    return new Preview(next, stays, tooMany);
  }
}
