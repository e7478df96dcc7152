package io.calco.engine.host;

import io.calco.catalog.BackgroundJob;
import io.calco.catalog.Clone;
import io.calco.catalog.ImageEntry;
import io.calco.catalog.TemplateVersion;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.engine.Calco;
import io.calco.engine.CloneReport;
import io.calco.engine.CloneRequest;
import io.calco.engine.Generalisation;
import io.calco.engine.GuestOptions;
import io.calco.engine.Lineage;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.TemplateReport;
import io.calco.engine.TemplateRequest;
import io.calco.engine.TemplateRequest.Placement;
import io.calco.engine.Templates;
import io.calco.engine.Templates.Deletion;
import io.calco.engine.Templates.Dependents;
import io.calco.engine.audit.Actor;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.ImageTemplates;
import io.calco.engine.jobs.JobKind;
import io.calco.engine.jobs.Jobs;
import io.calco.guest.generalise.GeneraliseOptions;
import io.calco.volume.VolumeKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Templates and clones of this host, for callers of a server.
///
/// Thread rule: safe for several threads.
public final class HostWork {
  /// What a hypervisor opens; not the seeds beside clones, nor what is being written.
  private static final Pattern DISK = Pattern.compile("[^.].*\\.(qcow2|raw|img|vmdk|vdi|vhd|vhdx)");

  private static final int DISKS_MAX = 1000;
  private static final int IMAGES_MAX = 100;

  /// A preview reads a file system's directories: seconds of work.
  private static final int PREVIEWS_AT_ONCE = 2;

  private final Calco calco;
  private final Jobs jobs;
  private final ImageTemplates images;
  private final Who who;
  private final Semaphore previews = new Semaphore(PREVIEWS_AT_ONCE, true);

  /// Who may look at, make and delete templates and clones.
  public enum Who {
    /// Administrators.
    ADMINS,
    /// They, and members of any project.
    MEMBERS
  }

  /// Work of this host.
  ///
  /// @param images what templates are made of besides disks of the pool
  public HostWork(Calco calco, Jobs jobs, ImageTemplates images, Who who) {
    this.calco = calco;
    this.jobs = jobs;
    this.images = images;
    this.who = who;
  }

  /// True when the caller may.
  public boolean allows(Caller caller) {
    return caller.isAdmin() || who == Who.MEMBERS && caller.has(Caller.MEMBER);
  }

  private Actor actor(Caller caller) {
    if (!allows(caller)) {
      throw new OperationException(
          Kind.DENIED, "You are not authorized to work with templates and clones of this host.");
    }
    return caller.actor();
  }

  /// All templates, each with its newest version.
  public List<TemplateReport> templates(Caller caller) throws IOException {
    return calco.templates(actor(caller)).list();
  }

  /// Every version of a template, oldest first.
  ///
  /// @throws OperationException NOT_FOUND when there is no such template
  public List<TemplateReport> versions(Caller caller, String template) throws IOException {
    return calco.templates(actor(caller)).versions(template);
  }

  /// Which disk rests on which.
  public Lineage lineage(Caller caller) throws IOException {
    actor(caller);
    return calco.lineage();
  }

  /// All clones by name.
  public List<CloneReport> clones(Caller caller) throws IOException {
    return calco.clones(actor(caller)).list();
  }

  /// One clone.
  ///
  /// @throws OperationException NOT_FOUND when there is no such clone
  public CloneReport clone(Caller caller, String name) throws IOException {
    return calco.clones(actor(caller)).show(name);
  }

  /// The disks in the pool that a template can be made of, by name.
  public List<PoolDisk> disks(Caller caller) throws IOException {
    actor(caller);
    Set<Path> sealed = new HashSet<>();
    for (TemplateVersion version : calco.catalog().allVersions()) {
      sealed.add(version.disk());
    }
    Map<Path, Clone> clones = new HashMap<>();
    for (Clone clone : calco.catalog().clones()) {
      clones.put(clone.disk(), clone);
    }
    List<PoolDisk> disks = new ArrayList<>();
    try (Stream<Path> files = Files.list(calco.home().pool())) {
      List<Path> all = files.filter(file -> isDisk(file) && !sealed.contains(file)).toList();
      for (Path file : all) {
        Optional<Clone> clone = Optional.ofNullable(clones.get(file));
        disks.add(
            new PoolDisk(
                nameOf(file),
                clone.map(Clone::format).orElse(""),
                clone.isPresent(),
                Files.size(file),
                Files.getLastModifiedTime(file).toInstant()));
      }
    }
    return disks.stream().sorted(Comparator.comparing(PoolDisk::name)).limit(DISKS_MAX).toList();
  }

  /// The images of the catalogue that a template can be made of, the newest first.
  public List<ImageEntry> images(Caller caller) throws IOException {
    actor(caller);
    return images.candidates(caller, IMAGES_MAX);
  }

  /// What an order's disk is called.
  ///
  /// @throws OperationException NOT_FOUND when it is an image that the caller does not see
  public String nameOfDisk(Caller caller, TemplateOrder order) throws IOException {
    actor(caller);
    Optional<String> image = order.image();
    return image.isPresent() ? images.nameOf(caller, image.get()) : order.disk();
  }

  private static boolean isDisk(Path file) {
    return DISK.matcher(nameOf(file)).matches()
        && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
  }

  private static String nameOf(Path file) {
    return String.valueOf(file.getFileName());
  }

  private TemplateRequest request(Caller caller, TemplateOrder order) throws IOException {
    PoolDisk disk =
        disks(caller).stream()
            .filter(each -> each.name().equals(order.disk()))
            .findFirst()
            .orElseThrow(() ->
                new OperationException(
                    Kind.NOT_FOUND, "there is no such disk in the pool: " + order.disk()));
    ImageOptions reading = ImageOptions.reading();
    return new TemplateRequest(
        calco.home().pool().resolve(disk.name()),
        disk.format().isEmpty() ? reading : reading.withFormat(disk.format()),
        Placement.POOL_COPY,
        order.generalise());
  }

  /// What making a template would take out of its disk; writes nothing.
  ///
  /// @throws OperationException USAGE when the order cannot be meant
  public Generalisation preview(Caller caller, TemplateOrder order) throws IOException {
    actor(caller);
    isThere(order);
    previews.acquireUninterruptibly();
    try {
      Optional<String> image = order.image();
      return image.isPresent()
          ? images.preview(caller, image.get(), order.generalise(), VolumeKeys.none())
          : previewOfPool(request(caller, order));
    } finally {
      previews.release();
    }
  }

  private Generalisation previewOfPool(TemplateRequest request) throws IOException {
    GuestOptions opened = request.sourceOptions();
    return Generalisation.preview(
        request.source(),
        opened.with(opened.image().with(calco.widened(opened.image().policy()))),
        request.generalise());
  }

  /// Whether there is a template of that name; one that is not could be.
  private boolean isThere(TemplateOrder order) throws IOException {
    boolean there = calco.catalog().findTemplate(order.name()).isPresent();
    if (there && order.image().isPresent()) {
      throw new OperationException(
          Kind.REFUSED, "there is a template %s already".formatted(order.name()));
    }
    if (!there) {
      Calco.requireTemplateName(order.name());
    }
    return there;
  }

  /// Begins to make a template, or the next version of one that is there.
  public BackgroundJob createTemplate(Caller caller, TemplateOrder order) throws IOException {
    Templates templates = calco.templates(actor(caller));
    boolean there = isThere(order);
    String name = order.name();
    Optional<String> image = order.image();
    if (image.isPresent()) {
      GeneraliseOptions how = order.generalise();
      images.nameOf(caller, image.get()); // that there is none, is told at once
      return start(
          caller,
          name,
          job -> images.create(caller, image.get(), name, how, VolumeKeys.none(), job));
    }
    TemplateRequest request = request(caller, order);
    return start(
        caller,
        name,
        job -> there ? templates.update(name, request, job) : templates.create(name, request, job));
  }

  private interface Maker {
    Templates.Created run(JobContext job) throws IOException;
  }

  private BackgroundJob start(Caller caller, String template, Maker work) throws IOException {
    return jobs.start(
        caller,
        JobKind.TEMPLATE_CREATE,
        template,
        job -> {
          Templates.Created made = work.run(job);
          return Map.of(
              "template", made.template().name(),
              "version", String.valueOf(made.template().version()),
              "changes", String.valueOf(made.generalisation().plan().changes().size()));
        });
  }

  /// What deleting a template takes with it.
  public Deletion previewDelete(Caller caller, String template) throws IOException {
    return calco.templates(actor(caller)).previewDelete(template, Dependents.DELETE);
  }

  /// Begins to make clones: all of them, or none.
  public BackgroundJob createClones(Caller caller, CloneOrder order) throws IOException {
    Actor actor = actor(caller);
    CloneRequest request = order.request();
    calco.templates(actor).show(order.template(), order.version());
    List<String> names = request.names();
    return jobs.start(
        caller,
        JobKind.CLONE_CREATE,
        CloneOrder.named(names),
        job -> {
          calco.clones(actor).create(request, job);
          return Map.of("template", order.template(), "clones", String.valueOf(names.size()));
        });
  }

  /// Begins to make a linked clone independent of its template.
  public BackgroundJob flattenClone(Caller caller, String clone) throws IOException {
    Actor actor = actor(caller);
    return start(
        caller, JobKind.CLONE_FLATTEN, clone, job -> calco.clones(actor).flatten(clone, job));
  }

  private interface OnClone {
    CloneReport run(JobContext job) throws IOException;
  }

  private BackgroundJob start(Caller caller, JobKind kind, String clone, OnClone work)
      throws IOException {
    calco.clones(caller.actor()).show(clone); // that there is none, is told at once
    return jobs.start(
        caller,
        kind,
        clone,
        job -> {
          work.run(job);
          return Map.of("clone", clone);
        });
  }
}
