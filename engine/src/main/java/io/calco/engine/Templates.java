package io.calco.engine;

import io.calco.catalog.Clone;
import io.calco.catalog.NewVersion;
import io.calco.catalog.Template;
import io.calco.catalog.TemplateImage;
import io.calco.catalog.TemplateVersion;
import io.calco.disk.BesideFile;
import io.calco.disk.CopyOptions;
import io.calco.disk.CreateOptions;
import io.calco.disk.DiskCopy;
import io.calco.disk.FileCopy;
import io.calco.disk.Image;
import io.calco.disk.ImageLock;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import io.calco.disk.JobContext;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.SealedFile.Fingerprint;
import io.calco.engine.SealedFile.Scrutiny;
import io.calco.engine.TemplateRequest.MasterKeys;
import io.calco.engine.audit.Action;
import io.calco.engine.audit.Actor;
import io.calco.guest.generalise.GeneraliseOptions;
import io.calco.sys.FileSeal;
import io.calco.volume.VolumeKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Templates: made from machines' disks, generalised, sealed. Safe for several threads.
public final class Templates {
  private final Calco calco;
  private final Actor actor;

  Templates(Calco calco, Actor actor) {
    this.calco = calco;
    this.actor = actor;
  }

  /// A version that was made, and what was done to its disk.
  public record Created(TemplateReport template, Generalisation generalisation) {}

  /// Makes version 1 of a new template.
  ///
  /// @throws OperationException when the name is taken or the disk is no machine's
  public Created create(String name, TemplateRequest request, JobContext job) throws IOException {
    Calco.requireTemplateName(name);
    requireFree(name);
    return make(name, 1, request, job);
  }

  private void requireFree(String name) throws IOException {
    if (calco.catalog().findTemplate(name).isPresent()) {
      throw new OperationException(
          Kind.REFUSED,
          "there is a template %s already".formatted(name),
          "take another name, or make its next version: calco template update %s DISK"
              .formatted(name));
    }
  }

  /// Makes a template's next version; clones of the others stay where they are.
  public Created update(String name, TemplateRequest request, JobContext job) throws IOException {
    Template template = calco.getTemplate(name);
    int last =
        calco.catalog().versions(template).stream()
            .mapToInt(TemplateVersion::version)
            .max()
            .orElse(0);
    return make(name, last + 1, request, job);
  }

  private Created make(String name, int version, TemplateRequest asked, JobContext job)
      throws IOException {
    ImageOptions opened = asked.sourceOptions().image();
    TemplateRequest request = asked.with(opened.with(calco.widened(opened.policy())));
    Path source = request.source();
    ImageLock.requireUnused(source);
    DiskImages.Report image = DiskImages.info(source, request.sourceOptions().image());
    requireNoTemplate(source);
    return switch (request.placement()) {
      case IN_PLACE -> {
        requireAlone(source, image);
        requireKept(request);
        yield makeInPlace(name, version, request, image, job);
      }
      case POOL_COPY -> makeCopy(name, version, request, image, job);
    };
  }

  /// What is sealed must not rest on a file that is not, nor be a clone that may be reset.
  private void requireAlone(Path source, DiskImages.Report image) throws IOException {
    if (image.info().backing().isPresent()) {
      throw new OperationException(
          Kind.REFUSED,
          source + ": has a backing image, which would not be sealed with it",
          "leave out --in-place: the template becomes a copy of both");
    }
    if (calco.catalog().knowsDisk(source.toRealPath())) {
      throw new OperationException(
          Kind.REFUSED, source + ": is a clone's disk", "leave out --in-place");
    }
  }

  /// What is encrypted anew is lost when that is interrupted.
  private static void requireKept(TemplateRequest request) {
    if (request.masterKeys() == MasterKeys.RENEWED) {
      throw new OperationException(
          Kind.USAGE, "a disk is encrypted anew as a copy only", "leave out --in-place");
    }
  }

  /// A sealed disk must not be generalised again under its clones.
  private void requireNoTemplate(Path source) throws IOException {
    Path real = source.toRealPath();
    for (TemplateVersion version : calco.catalog().allVersions()) {
      if (Files.exists(version.disk()) && Files.isSameFile(version.disk(), real)) {
        throw new OperationException(
            Kind.REFUSED,
            "%s is the sealed disk of a template already".formatted(source),
            "change a clone of it, and make the next version from that");
      }
    }
  }

  private Created makeInPlace(
      String name, int version, TemplateRequest request, DiskImages.Report image, JobContext job)
      throws IOException {
    Path disk = request.source().toRealPath();
    Generalisation done =
        Generalisation.apply(
            disk,
            request.source(),
            request
                .sourceOptions()
                .with(request.sourceOptions().image().withFormat(image.format())),
            request.generalise(),
            job);
    return record(name, version, disk, request, image, done, job);
  }

  private Created makeCopy(
      String name, int version, TemplateRequest request, DiskImages.Report image, JobContext job)
      throws IOException {
    boolean overlay = image.info().backing().isPresent();
    String format = overlay ? "qcow2" : image.format();
    Path disk = calco.freePoolFile(name + ".v" + version, format);
    try (Making making = Making.begin(calco, "make template " + name, List.of(disk));
        BesideFile part = BesideFile.of(disk)) {
      if (overlay) {
        flatten(request, part.path(), job);
      } else {
        FileCopy.copy(request.source(), part.path(), job);
      }
      ImageOptions stated = ImageOptions.reading().withFormat(format);
      Generalisation done = generalise(part.path(), stated, request, job);
      part.publish();
      DiskImages.Report made = DiskImages.info(disk, stated);
      Created created = record(name, version, disk, request, made, done, job);
      making.done();
      return created;
    }
  }

  /// Once what is deleted is gone: it need not be encrypted anew.
  private static Generalisation generalise(
      Path copy, ImageOptions stated, TemplateRequest request, JobContext job) throws IOException {
    VolumeKeys keys = request.sourceOptions().keys();
    Generalisation done =
        Generalisation.apply(
            copy, request.source(), new GuestOptions(stated, keys), request.generalise(), job);
    if (request.masterKeys() == MasterKeys.KEPT) {
      return done;
    }
    try (Image image = Image.open(copy, stated.with(Access.WRITE))) {
      List<EncryptedVolume> renewed = EncryptedVolume.reencrypt(image.disk(), keys, job);
      image.disk().sync();
      return done.with(renewed);
    }
  }

  private static void flatten(TemplateRequest request, Path target, JobContext job)
      throws IOException {
    try (Image from =
        Image.open(request.source(), request.sourceOptions().image().with(Access.READ))) {
      copy(from, target, job);
    }
  }

  private static void copy(Image from, Path target, JobContext job) throws IOException {
    Image.create(target, "qcow2", CreateOptions.ofSize(from.disk().size()));
    try (Image to =
        Image.open(target, ImageOptions.reading().withFormat("qcow2").with(Access.WRITE))) {
      DiskCopy.copy(from.disk(), to.disk(), CopyOptions.toNew(to, "copying"), job);
    }
  }

  private Created record(
      String name,
      int version,
      Path disk,
      TemplateRequest request,
      DiskImages.Report image,
      Generalisation done,
      JobContext job)
      throws IOException {
    String source = request.source().toAbsolutePath().toString();
    NewVersion made = sealed(version, disk, image, source, done.os(), job);
    calco.record(
        actor,
        Action.TEMPLATE_CREATE,
        name,
        "version %d of %s".formatted(version, made.source()),
        () -> calco.catalog().addVersion(name, made));
    return new Created(show(name, Optional.of(version)), done);
  }

  static NewVersion sealed(
      int version, Path disk, DiskImages.Report image, String source, String os, JobContext job)
      throws IOException {
    Fingerprint fingerprint = SealedFile.seal(disk, job);
    return new NewVersion(
        version,
        disk,
        image.format(),
        image.virtualSize(),
        fingerprint.size(),
        fingerprint.modifiedNanos(),
        fingerprint.sha256(),
        source,
        os);
  }

  /// Makes a template of an image of the catalogue, straight from where it is stored.
  ///
  /// @param generalise what is taken out of it
  /// @throws OperationException as from [#create]
  public Created create(
      String name, StoredSource source, GeneraliseOptions generalise, JobContext job)
      throws IOException {
    Calco.requireTemplateName(name);
    requireFree(name);
    return make(
        name,
        1,
        source,
        (part, stated) -> {
          Path named = Path.of(source.name());
          return Optional.of(
              Generalisation.apply(
                  part, named, new GuestOptions(stated, source.keys()), generalise, job));
        },
        job);
  }

  /// Makes a version of a template that is an image of the catalogue as it is: cloud images are
  /// made to be cloned so. A template of that name is made, or gets its next version.
  public TemplateReport keep(String name, StoredSource source, JobContext job) throws IOException {
    Calco.requireTemplateName(name);
    Optional<Template> known = calco.catalog().findTemplate(name);
    int last = 0;
    if (known.isPresent()) {
      for (TemplateVersion version : calco.catalog().versions(known.get())) {
        last = Math.max(last, version.version());
      }
    }
    return make(name, last + 1, source, (_, _) -> Optional.empty(), job).template();
  }

  private interface Change {
    Optional<Generalisation> make(Path part, ImageOptions stated) throws IOException;
  }

  private Created make(String name, int version, StoredSource source, Change change, JobContext job)
      throws IOException {
    Path disk = calco.freePoolFile(name + ".v" + version, "qcow2");
    try (Making making = Making.begin(calco, "make template " + name, List.of(disk));
        BesideFile part = BesideFile.of(disk)) {
      try (Image from = source.open()) {
        copy(from, part.path(), job);
      }
      ImageOptions stated = ImageOptions.reading().withFormat("qcow2");
      Optional<Generalisation> done = change.make(part.path(), stated);
      part.publish();
      NewVersion made =
          sealed(
              version,
              disk,
              DiskImages.info(disk, stated),
              source.name(),
              done.map(Generalisation::os).orElse(source.os()),
              job);
      calco.record(
          actor,
          Action.TEMPLATE_CREATE,
          name,
          "version %d of %s".formatted(version, made.source()),
          () -> {
            TemplateVersion recorded = calco.catalog().addVersion(name, made);
            calco
                .catalog()
                .images()
                .addTemplate(
                    new TemplateImage(
                        recorded.id(),
                        source.imageId(),
                        source.blob(),
                        source.imageName(),
                        done.isEmpty()));
          });
      making.done();
      return new Created(
          show(name, Optional.of(version)), done.orElseGet(() -> Generalisation.none(source.os())));
    }
  }

  /// All templates, each with its newest version.
  public List<TemplateReport> list() throws IOException {
    List<TemplateReport> reports = new ArrayList<>();
    for (Template template : calco.catalog().templates()) {
      reports.add(show(template.name(), Optional.empty()));
    }
    return reports;
  }

  /// One version of a template, the newest unless one is named.
  public TemplateReport show(String name, Optional<Integer> version) throws IOException {
    Template template = calco.getTemplate(name);
    return report(template, calco.getVersion(template, version));
  }

  /// Every version of a template, oldest first.
  public List<TemplateReport> versions(String name) throws IOException {
    Template template = calco.getTemplate(name);
    List<TemplateReport> reports = new ArrayList<>();
    for (TemplateVersion version : calco.catalog().versions(template)) {
      reports.add(report(template, version));
    }
    return reports;
  }

  private TemplateReport report(Template template, TemplateVersion version) throws IOException {
    Path disk = version.disk();
    return new TemplateReport(
        template.name(),
        version.version(),
        disk,
        version.format(),
        version.virtualSize(),
        HostDisks.allocatedSize(disk),
        Seal.of(disk),
        version.sha256(),
        version.sealedAt(),
        version.source(),
        version.os(),
        calco.catalog().clonesOf(version).stream().map(Clone::name).toList());
  }

  /// What looking at a template's seals found.
  ///
  /// @param problems one sentence each; empty when all is as it was sealed
  /// @param suffers linked clones, when there are problems
  public record Verification(TemplateReport template, List<String> problems, List<String> suffers) {
    /// Copies the lists.
    public Verification {
      problems = List.copyOf(problems);
      suffers = List.copyOf(suffers);
    }
  }

  /// Reads a template's disk whole and compares it with what was sealed; every version unless one
  /// is named.
  public List<Verification> verify(String name, Optional<Integer> only, JobContext job)
      throws IOException {
    Template template = calco.getTemplate(name);
    List<TemplateVersion> versions =
        only.isPresent()
            ? List.of(calco.getVersion(template, only))
            : calco.catalog().versions(template);
    List<Verification> all = new ArrayList<>();
    for (TemplateVersion version : versions) {
      List<String> problems =
          SealedFile.problems(version.disk(), SealedFile.fingerprint(version), Scrutiny.FULL, job);
      List<String> suffers =
          problems.isEmpty()
              ? List.of()
              : calco.clones().linkedTo(version).stream().map(Clone::name).toList();
      all.add(new Verification(report(template, version), problems, suffers));
    }
    return all;
  }

  /// Gives a template another name; its disks keep theirs, as clones refer to them.
  public void rename(String name, String newName) throws IOException {
    Calco.requireTemplateName(newName);
    Template template = calco.getTemplate(name);
    calco.record(
        actor,
        Action.TEMPLATE_RENAME,
        name,
        newName,
        () -> calco.catalog().renameTemplate(template, newName));
  }

  /// What becomes of the clones of a template that is deleted.
  public enum Dependents {
    /// There must be none that are linked.
    REFUSE,
    /// Linked ones are made independent first.
    FLATTEN,
    /// They are deleted too.
    DELETE
  }

  /// What deleting a template takes with it.
  ///
  /// @param disks in the pool, which go
  /// @param unsealed sealed in place, which stay without their seal
  /// @param linkedClones clones that rest on them
  public record Deletion(List<Path> disks, List<Path> unsealed, List<String> linkedClones) {
    /// Copies all.
    public Deletion {
      disks = List.copyOf(disks);
      unsealed = List.copyOf(unsealed);
      linkedClones = List.copyOf(linkedClones);
    }
  }

  /// What deleting a template would take with it.
  ///
  /// @throws OperationException when linked clones rest on it and they are to stay
  public Deletion previewDelete(String name, Dependents dependents) throws IOException {
    Template template = calco.getTemplate(name);
    List<Path> disks = new ArrayList<>();
    List<Path> unsealed = new ArrayList<>();
    List<String> linked = new ArrayList<>();
    for (TemplateVersion version : calco.catalog().versions(template)) {
      boolean ours = version.disk().startsWith(calco.home().pool());
      (ours ? disks : unsealed).add(version.disk());
      calco.clones().linkedTo(version).forEach(clone -> linked.add(clone.name()));
    }
    if (!linked.isEmpty() && dependents == Dependents.REFUSE) {
      throw new OperationException(
          Kind.REFUSED,
          "%s: %d linked clones rest on it: %s"
              .formatted(name, linked.size(), String.join(", ", linked)),
          "make them independent with --flatten-children, or delete them too with --cascade");
    }
    return new Deletion(disks, unsealed, linked);
  }

  /// Deletes a template with all its versions. Disks in the pool go; one that was sealed in place
  /// is its owner's, and stays, without its seal.
  ///
  /// @throws OperationException when linked clones rest on it and they are to stay; nothing was
  ///   changed
  public Deletion delete(String name, Dependents dependents, JobContext job) throws IOException {
    Template template = calco.getTemplate(name);
    Deletion deletion = previewDelete(name, dependents);
    for (String clone : deletion.linkedClones()) {
      calco.clones().requireUnused(clone);
    }
    for (String clone : deletion.linkedClones()) {
      if (dependents == Dependents.FLATTEN) {
        calco.clones(actor).flatten(clone, job);
      } else {
        calco.clones(actor).delete(clone);
      }
    }
    try (Making making = Making.begin(calco, "delete template " + name, deletion.disks())) {
      calco.record(
          actor, Action.TEMPLATE_DELETE, name, "", () -> calco.catalog().deleteTemplate(template));
      unseal(deletion.unsealed());
      unseal(deletion.disks());
      for (Path disk : deletion.disks()) {
        Files.deleteIfExists(disk);
      }
      making.done();
    }
    return deletion;
  }

  private static void unseal(List<Path> disks) throws IOException {
    for (Path disk : disks) {
      if (Files.exists(disk)) {
        FileSeal.unseal(disk);
      }
    }
  }
}
