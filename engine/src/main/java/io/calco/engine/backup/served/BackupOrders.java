package io.calco.engine.backup.served;

import io.calco.backup.Remarks;
import io.calco.backup.RestorePoint;
import io.calco.catalog.BackgroundJob;
import io.calco.catalog.ImageEntry;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.engine.GuestOptions;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.Action;
import io.calco.engine.audit.AuditLog;
import io.calco.engine.audit.Deed;
import io.calco.engine.audit.Target;
import io.calco.engine.backup.BackupRequest;
import io.calco.engine.backup.Backups;
import io.calco.engine.backup.served.ServedBackups.Found;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.ExportFormat;
import io.calco.engine.images.ImageExport;
import io.calco.engine.images.ImageService;
import io.calco.engine.jobs.JobKind;
import io.calco.engine.jobs.Jobs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// What administrators of a server have done with restore points: made of images, made images,
/// verified, held and forgotten. What takes long is a job; the audit log has all of it.
///
/// Thread rule: safe for several threads.
public final class BackupOrders {
  private static final int TEXT_MAX = 200;
  private static final int NOTE_MAX = 20_000;
  private static final int SUFFERERS_TOLD = 20;

  private final ServedBackups backups;
  private final PointContents contents;
  private final ImageService images;
  private final Jobs jobs;
  private final AuditLog audit;

  /// Of these repositories and images.
  public BackupOrders(
      ServedBackups backups,
      PointContents contents,
      ImageService images,
      Jobs jobs,
      AuditLog audit) {
    this.backups = backups;
    this.contents = contents;
    this.images = images;
    this.jobs = jobs;
    this.audit = audit;
  }

  static Target target(RestorePoint point) {
    return new Target(point.id().toString(), point.machine());
  }

  static Deed deed(Caller caller, Action action, Found found) {
    ServedBackups.requireAdmin(caller);
    return new Deed(caller.actor(), action, target(found.point())).with(found.repository());
  }

  private void changed(String repository) {
    backups.open(repository).changed();
  }

  /// What is said of a point to be.
  ///
  /// @param machine whose disk it is; empty to take the host name that is found in it
  /// @param label a few words; may be empty
  /// @param note any text; may be empty
  public record NewPoint(String machine, String label, String note) {}

  /// Begins to make a point of an image of the catalogue.
  ///
  /// @throws OperationException NOT_FOUND when there is no such repository or image; REFUSED when
  ///   the image has no content
  public BackgroundJob create(Caller caller, String repository, String imageId, NewPoint wanted)
      throws IOException {
    ServedBackups.requireAdmin(caller);
    backups.open(repository);
    ImageEntry image = images.images().get(caller, imageId);
    if (image.content().isEmpty()) {
      throw new OperationException(Kind.REFUSED, "The image has no content yet.");
    }
    if (!wanted.machine().isEmpty() && !RestorePoint.isMachine(wanted.machine())) {
      throw new OperationException(
          Kind.USAGE, "A machine's name has 1 to 200 letters of any kind but / and @.");
    }
    Remarks remarks = remarks(Remarks.none(), wanted.label(), wanted.note(), List.of());
    String name = image.facts().name().isBlank() ? image.id() : image.facts().name();
    BackupRequest request =
        BackupRequest.usual(
            Path.of(machineOf(name)),
            GuestOptions.of(ImageOptions.reading()),
            Optional.of(wanted.machine()).filter(text -> !text.isEmpty()),
            remarks);
    return jobs.start(
        caller,
        JobKind.BACKUP_CREATE,
        name,
        job -> {
          RestorePoint made =
              audit.make(
                  new Deed(caller.actor(), Action.BACKUP_CREATE, Target.named(name))
                      .with(repository),
                  () -> create(caller, repository, image, request, job),
                  BackupOrders::target);
          return Map.of(
              "repository", repository,
              "point", made.id().toString(),
              "machine", made.machine(),
              "data", String.valueOf(made.work().data()),
              "stored", String.valueOf(made.work().stored()));
        });
  }

  private static String machineOf(String name) {
    String kept = name.replaceAll("[^\\p{L}\\p{N} ._-]+", "-").strip();
    return kept.isEmpty() || kept.startsWith(".") ? "image" : kept;
  }

  private RestorePoint create(
      Caller caller, String repository, ImageEntry image, BackupRequest request, JobContext job)
      throws IOException {
    try (Image disk = images.exports().disk(caller, image.id())) {
      String place = "image %s (%s)".formatted(image.facts().name(), image.id());
      return backups.backups(repository).create(request, disk, place, job);
    } finally {
      changed(repository);
    }
  }

  /// Begins to make a point an image of the catalogue, private to the caller's project.
  ///
  /// @param name the image's
  public BackgroundJob image(Caller caller, Found found, String name) throws IOException {
    Deed deed = deed(caller, Action.BACKUP_IMAGE, found);
    if (name.isBlank() || name.length() > TEXT_MAX) {
      throw new OperationException(Kind.USAGE, "An image's name has 1 to 200 letters.");
    }
    return jobs.start(
        caller,
        JobKind.BACKUP_IMAGE,
        name,
        job -> {
          ImageEntry made =
              audit.make(deed, () -> image(caller, found, name, job), _ -> target(found.point()));
          return Map.of("image", made.id());
        });
  }

  private ImageEntry image(Caller caller, Found found, String name, JobContext job)
      throws IOException {
    ExportFormat qcow2 =
        ExportFormat.parse(Optional.of("qcow2"), Optional.empty(), Optional.empty());
    Map<String, Object> attributes = new HashMap<>();
    attributes.put("name", name);
    attributes.put("disk_format", "qcow2");
    attributes.put("container_format", "bare");
    attributes.put("calco_restore_point", found.point().id().toString());
    found
        .point()
        .system()
        .ifPresent(system -> {
          attributes.put("os_distro", system.id());
          system.version().ifPresent(version -> attributes.put("os_version", version));
        });
    try (ImageExport export = contents.export(found, qcow2, job)) {
      ImageEntry image = images.images().add(caller, Optional.empty(), attributes);
      long size = export.size().orElseThrow();
      try (JobStream bytes = new JobStream(export.stream(), size, job)) {
        return images.transfers().upload(caller, image.id(), bytes, OptionalLong.of(size));
      } catch (IOException | RuntimeException e) {
        try {
          images.images().delete(caller, image.id());
        } catch (IOException | RuntimeException more) {
          e.addSuppressed(more);
        }
        throw e;
      }
    }
  }

  /// Begins to read all of a repository, and to compare it with its hashes.
  public BackgroundJob verify(Caller caller, String repository) throws IOException {
    ServedBackups.requireAdmin(caller);
    backups.open(repository);
    Deed deed = new Deed(caller.actor(), Action.BACKUP_VERIFY, Target.named(repository));
    return jobs.start(
        caller,
        JobKind.BACKUP_VERIFY,
        repository,
        job -> {
          Backups.Verification[] found = new Backups.Verification[1];
          audit.make(deed, () -> found[0] = backups.backups(repository).verify(job));
          changed(repository);
          return Map.of(
              "bytes", String.valueOf(found[0].report().bytes()),
              "damages", String.valueOf(found[0].report().damages().size()),
              "suffers",
                  String.join(
                      ", ",
                      found[0].sufferers().keySet().stream()
                          .limit(SUFFERERS_TOLD)
                          .map(point -> point.machine() + " " + point.created())
                          .toList()));
        });
  }

  /// Begins to free the space of forgotten points.
  public BackgroundJob prune(Caller caller, String repository) throws IOException {
    ServedBackups.requireAdmin(caller);
    backups.open(repository);
    Deed deed = new Deed(caller.actor(), Action.BACKUP_PRUNE, Target.named(repository));
    return jobs.start(
        caller,
        JobKind.BACKUP_PRUNE,
        repository,
        job -> {
          long[] deleted = new long[1];
          audit.make(
              deed, () -> deleted[0] = backups.backups(repository).prune(job).deletedBytes());
          return Map.of("deleted-bytes", String.valueOf(deleted[0]));
        });
  }

  /// Keeps a point from being forgotten.
  ///
  /// @param reason why; may not be empty
  public void hold(Caller caller, Found found, String reason) throws IOException {
    if (reason.isBlank() || reason.length() > TEXT_MAX) {
      throw new OperationException(Kind.USAGE, "A point is held for a reason of 1 to 200 letters.");
    }
    remark(
        deed(caller, Action.BACKUP_HOLD, found).with("held: " + reason),
        found,
        found.point().remarks().withHold(Optional.of(reason)));
  }

  /// Lets a held point be forgotten again.
  public void release(Caller caller, Found found) throws IOException {
    remark(
        deed(caller, Action.BACKUP_HOLD, found).with("released"),
        found,
        found.point().remarks().withHold(Optional.empty()));
  }

  /// Says something else of a point.
  ///
  /// @param tags words
  public void remark(Caller caller, Found found, String label, String note, List<String> tags)
      throws IOException {
    remark(
        deed(caller, Action.BACKUP_REMARK, found),
        found,
        remarks(found.point().remarks(), label, note, tags));
  }

  private static Remarks remarks(Remarks before, String label, String note, List<String> tags) {
    boolean tagged = tags.size() <= 50 && tags.stream().allMatch(tag -> tag.length() <= TEXT_MAX);
    if (label.length() > TEXT_MAX || note.length() > NOTE_MAX || !tagged) {
      throw new OperationException(
          Kind.USAGE,
          "A label and a tag have at most 200 letters, a note has at most 20,000; there are at most"
              + " 50 tags.");
    }
    return new Remarks(
        Optional.of(label).filter(text -> !text.isBlank()),
        tags,
        Optional.of(note).filter(text -> !text.isBlank()),
        before.hold());
  }

  private void remark(Deed deed, Found found, Remarks remarks) throws IOException {
    audit.make(deed, () -> backups.backups(found.repository()).remark(found.point(), remarks));
    changed(found.repository());
  }

  /// Forgets a point; its space is free after [#prune].
  ///
  /// @throws OperationException REFUSED when it is held
  public void forget(Caller caller, Found found) throws IOException {
    audit.make(
        deed(caller, Action.BACKUP_FORGET, found),
        () -> backups.backups(found.repository()).forget(List.of(found.point())));
    changed(found.repository());
  }
}
