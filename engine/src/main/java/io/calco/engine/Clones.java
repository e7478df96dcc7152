package io.calco.engine;

import io.calco.catalog.Clone;
import io.calco.catalog.Template;
import io.calco.catalog.TemplateVersion;
import io.calco.disk.BesideFile;
import io.calco.disk.CopyOptions;
import io.calco.disk.CreateOptions;
import io.calco.disk.DiskCopy;
import io.calco.disk.Image;
import io.calco.disk.ImageLock;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import io.calco.disk.JobContext;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.SealedFile.Scrutiny;
import io.calco.engine.audit.Action;
import io.calco.engine.audit.Actor;
import io.calco.guest.identity.Hostname;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Clones: disks made from a template, each a machine of its own. Safe for several threads.
public final class Clones {
  private final Calco calco;
  private final Actor actor;

  Clones(Calco calco, Actor actor) {
    this.calco = calco;
    this.actor = actor;
  }

  /// Makes clones: all of those named, or none.
  ///
  /// @throws OperationException when a name is taken, the size is too small, or the template's seal
  ///   is broken
  public List<CloneReport> create(CloneRequest request, JobContext job) throws IOException {
    return create(request, made -> {}, job);
  }

  /// What is recorded together with new clones, or not at all.
  @FunctionalInterface
  public interface Alongside {
    /// Records it.
    void record(List<Clone> made) throws IOException;
  }

  /// As [#create(CloneRequest, JobContext)], with something recorded alongside.
  public List<CloneReport> create(CloneRequest request, Alongside alongside, JobContext job)
      throws IOException {
    Template template = calco.getTemplate(request.template());
    TemplateVersion version = calco.getVersion(template, request.version());
    requireSound(template.name(), version, job);
    long size = sizeOf(request, version);
    requireDistinct(request.names());
    Path directory = realOf(request.directory().orElse(calco.home().pool()));
    List<ClonePlan> plans = new ArrayList<>();
    for (String name : request.names()) {
      plans.add(plan(name, request, version, directory));
    }
    List<Path> files = new ArrayList<>();
    for (ClonePlan plan : plans) {
      files.add(plan.disk());
      files.add(calco.firstOf(plan.name()));
      if (request.seed().isPresent()) {
        files.add(CloneSeed.beside(plan.disk(), plan.name()));
      }
    }
    List<Clone> made = new ArrayList<>();
    try (Making making = Making.begin(calco, "make clones of " + template.name(), files);
        CloneBatch batch = new CloneBatch(calco.home(), calco.policy())) {
      for (ClonePlan plan : plans) {
        job.checkCancelled();
        job.progress("cloning", made.size(), plans.size());
        made.add(batch.make(plan, template, version, size, request, job));
      }
      batch.publish();
      calco.record(
          actor,
          Action.CLONE_CREATE,
          made.isEmpty() ? "" : named(made),
          "%s version %d".formatted(template.name(), version.version()),
          () -> {
            calco.catalog().addClones(made);
            alongside.record(made);
          });
      making.done();
    }
    List<CloneReport> reports = new ArrayList<>();
    for (Clone clone : made) {
      reports.add(report(clone));
    }
    return reports;
  }

  /// Many at once, in few words: `aula-01 … aula-30 (30)`.
  private static String named(List<Clone> clones) {
    return clones.size() == 1
        ? clones.getFirst().name()
        : "%s … %s (%d)"
            .formatted(clones.getFirst().name(), clones.getLast().name(), clones.size());
  }

  private static void requireDistinct(List<String> names) {
    Set<String> seen = new HashSet<>();
    for (String name : names) {
      if (!seen.add(name)) {
        throw new OperationException(Kind.USAGE, "%s is named twice".formatted(name));
      }
    }
  }

  /// A clone to be made.
  record ClonePlan(String name, Hostname hostname, Path disk) {}

  private ClonePlan plan(String name, CloneRequest request, TemplateVersion version, Path directory)
      throws IOException {
    Hostname hostname = Calco.hostnameOf(name);
    if (calco.catalog().findClone(name).isPresent()) {
      throw new OperationException(
          Kind.REFUSED,
          "there is a clone %s already".formatted(name),
          "take another name, or see: calco clone show " + name);
    }
    String format = request.kind() == Clone.Kind.LINKED ? "qcow2" : version.format();
    Path disk = directory.resolve(name + "." + format);
    requireFree(disk);
    if (request.seed().isPresent()) {
      requireFree(CloneSeed.beside(disk, name));
    }
    return new ClonePlan(name, hostname, disk);
  }

  private static void requireFree(Path file) {
    if (Files.exists(file)) {
      throw new OperationException(
          Kind.REFUSED,
          file + ": exists already, and is no clone of Calco's",
          "move it away, or put the clone elsewhere with --output-dir");
    }
  }

  /// A directory without links in its name, which a relative backing path would be taken through;
  /// it need not be there.
  private static Path realOf(Path directory) throws IOException {
    Path absolute = directory.toAbsolutePath().normalize();
    for (Path there = absolute; there != null; there = there.getParent()) {
      if (Files.exists(there)) {
        return there.toRealPath().resolve(there.relativize(absolute));
      }
    }
    return absolute;
  }

  /// Nothing new rests on a template that is not what it was.
  private static void requireSound(String template, TemplateVersion version, JobContext job)
      throws IOException {
    List<String> problems =
        SealedFile.problems(version.disk(), SealedFile.fingerprint(version), Scrutiny.QUICK, job);
    if (!problems.isEmpty()) {
      throw new OperationException(
          OperationException.Kind.CORRUPT,
          "template %s, version %d: %s"
              .formatted(template, version.version(), String.join("; ", problems)),
          "see: calco doctor");
    }
  }

  private static long sizeOf(CloneRequest request, TemplateVersion version) {
    long size = request.size().orElse(version.virtualSize());
    if (size < version.virtualSize()) {
      throw new OperationException(
          Kind.REFUSED,
          "a clone cannot be smaller than its template: %d bytes, template %d"
              .formatted(size, version.virtualSize()),
          "leave out --size, or make it larger");
    }
    return size;
  }

  /// All clones, in the order they were made.
  public List<CloneReport> list() throws IOException {
    List<CloneReport> reports = new ArrayList<>();
    for (Clone clone : calco.catalog().clones()) {
      reports.add(report(clone));
    }
    return reports;
  }

  /// One clone.
  public CloneReport show(String name) throws IOException {
    return report(get(name));
  }

  private Clone get(String name) throws IOException {
    return calco
        .catalog()
        .findClone(name)
        .orElseThrow(() ->
            new OperationException(
                Kind.NOT_FOUND, "there is no clone " + name, "see: calco clone list"));
  }

  private static CloneReport report(Clone clone) throws IOException {
    return CloneReport.of(clone);
  }

  List<Clone> linkedTo(TemplateVersion version) throws IOException {
    return calco.catalog().clonesOf(version).stream().filter(Clone::linked).toList();
  }

  /// Takes a clone's disk back to its first state: the same machine, without all that it has done
  /// since.
  ///
  /// @throws OperationException when its template is gone or changed, or a machine runs on the disk
  public CloneReport reset(String name, JobContext job) throws IOException {
    return reset(List.of(name), job).getFirst();
  }

  /// As [#reset(String, JobContext)] for several, side by side. Each disk is as it was or as it was
  /// first, whatever happens; when one cannot be reset, the others are.
  ///
  /// @throws OperationException when one is refused, before any is touched; or when one failed
  public List<CloneReport> reset(List<String> names, JobContext job) throws IOException {
    return new CloneReset(calco, actor).run(resettable(names, Set.of(), job), job);
  }

  /// Makes sure that clones could be reset.
  ///
  /// @param held those that machines run on, which will be stopped before
  /// @throws OperationException as from [#reset(List, JobContext)]
  public void requireResettable(List<String> names, Set<String> held, JobContext job)
      throws IOException {
    resettable(names, held, job);
  }

  private List<CloneReset.Subject> resettable(List<String> names, Set<String> held, JobContext job)
      throws IOException {
    requireDistinct(names);
    Set<String> sound = new HashSet<>();
    List<CloneReset.Subject> subjects = new ArrayList<>();
    for (String name : names) {
      Clone clone = get(name);
      TemplateVersion version =
          versionOf(clone)
              .orElseThrow(() ->
                  new OperationException(
                      Kind.REFUSED,
                      clone.origin().isPresent()
                          ? "%s: its template is deleted, and its first state with it"
                              .formatted(name)
                          : "%s: is of no template, and was never in another state"
                              .formatted(name)));
      if (sound.add(version.id())) {
        requireSound(clone.template(), version, job);
      }
      if (!held.contains(name)) {
        requireUnused(name);
      }
      if (!Files.exists(calco.firstOf(name))) {
        throw new OperationException(
            Kind.NOT_FOUND,
            "%s: its first state is missing: %s".formatted(name, calco.firstOf(name)),
            "bring the file back from a backup");
      }
      subjects.add(new CloneReset.Subject(clone, version));
    }
    return subjects;
  }

  /// Makes a linked clone independent of its template: its disk holds everything itself.
  public CloneReport flatten(String name, JobContext job) throws IOException {
    Clone clone = get(name);
    if (!clone.linked()) {
      return report(clone);
    }
    ImageLock.requireUnused(clone.disk());
    ImageOptions stated = ImageOptions.reading().withFormat(clone.format()).with(calco.policy());
    try (Making making = Making.begin(calco, "flatten " + name, List.of(clone.disk()));
        BesideFile part = BesideFile.of(clone.disk())) {
      try (Image from = Image.open(clone.disk(), stated)) {
        Image.create(part.path(), clone.format(), CreateOptions.ofSize(from.disk().size()));
        PrivateFile.restrict(part.path());
        try (Image to = Image.open(part.path(), stated.with(Access.WRITE))) {
          DiskCopy.copy(from.disk(), to.disk(), CopyOptions.toNew(to, "flattening " + name), job);
        }
      }
      part.publishReplacing();
      calco.record(actor, Action.CLONE_FLATTEN, name, "", () -> calco.catalog().markFull(clone));
      making.done();
    }
    return show(name);
  }

  /// Work that makes a disk independent.
  @FunctionalInterface
  public interface Flattening {
    /// Does it.
    void run() throws IOException;
  }

  /// Makes a linked clone independent by the means of the machine that runs on its disk.
  ///
  /// @throws OperationException when its disk rests on another all the same
  public CloneReport flatten(String name, Flattening work) throws IOException {
    Clone clone = get(name);
    try (Making making = Making.begin(calco, "flatten " + name, List.of(clone.disk()))) {
      work.run();
      if (!alone(clone)) {
        throw new OperationException(
            Kind.SYSTEM, "%s: rests on another image still".formatted(clone.disk()));
      }
      if (clone.linked()) {
        calco.record(actor, Action.CLONE_FLATTEN, name, "", () -> calco.catalog().markFull(clone));
      }
      making.done();
    }
    return show(name);
  }

  private static boolean alone(Clone clone) throws IOException {
    ImageOptions stated = ImageOptions.reading().withFormat(clone.format());
    return DiskImages.info(clone.disk(), stated).info().backing().isEmpty();
  }

  /// Records a linked clone as full when its disk no longer rests on anything: flattening was
  /// stopped between the two.
  void settle(Path disk) throws IOException {
    for (Clone clone : calco.catalog().clones()) {
      if (clone.linked() && clone.disk().equals(disk) && alone(clone)) {
        calco.catalog().markFull(clone);
      }
    }
  }

  /// Deletes a clone, its disk and its seed.
  ///
  /// @throws OperationException when a machine runs on the disk
  public void delete(String name) throws IOException {
    Clone clone = get(name);
    requireUnused(name);
    List<Path> files = new ArrayList<>(List.of(clone.disk(), calco.firstOf(name)));
    CloneSeed.of(clone).ifPresent(files::add);
    try (Making making = Making.begin(calco, "delete " + name, files)) {
      calco.record(actor, Action.CLONE_DELETE, name, "", () -> calco.catalog().deleteClone(clone));
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
      making.done();
    }
  }

  /// Makes sure that no machine runs on a clone's disk.
  public void requireUnused(String name) throws IOException {
    Path disk = get(name).disk();
    if (Files.exists(disk)) {
      ImageLock.requireUnused(disk);
    }
  }

  /// The template version that a clone was made from, when it is still there.
  private Optional<TemplateVersion> versionOf(Clone clone) throws IOException {
    return clone.versionId().isPresent()
        ? calco.catalog().findVersion(clone.versionId().get())
        : Optional.empty();
  }
}
