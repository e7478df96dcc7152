package io.calco.engine.backup;

import io.calco.backup.PackageList;
import io.calco.backup.PointCheck;
import io.calco.backup.Remarks;
import io.calco.backup.RestorePoint;
import io.calco.backup.RestorePoints;
import io.calco.backup.Retention;
import io.calco.backup.RetentionPolicy;
import io.calco.disk.BesideFile;
import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.DiskFile;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.engine.GuestOptions;
import io.calco.engine.ImageConversion;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.images.ExportFormat;
import io.calco.engine.images.ImageExport;
import io.calco.engine.inside.GuestFiles;
import io.calco.engine.inside.GuestPath;
import io.calco.engine.repository.RepositoryOptions;
import io.calco.store.CollectionPlan;
import io.calco.store.CollectionReport;
import io.calco.store.Store;
import io.calco.store.StoreReport;
import io.calco.store.UploadWork;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/// Makes restore points in a repository and looks after them.
///
/// Thread rule: safe for several threads at once, but for changes of one point.
public final class Backups {
  private final BackupRepository repository;
  private final RestorePoints points;

  /// Those of a repository, which stays its opener's to close.
  public Backups(BackupRepository repository) {
    this.repository = repository;
    this.points = repository.points();
  }

  /// Backs up a disk.
  ///
  /// @throws OperationException REFUSED when somebody writes to the source and that is not allowed,
  ///   USAGE when a partition is not there, SYSTEM or CORRUPT when the source cannot be read
  ///   everywhere and is not to be rescued, or a command of [Hooks] fails
  public RestorePoint create(BackupRequest request, JobContext job) throws IOException {
    return new PointMaker(repository, request, job).create();
  }

  /// Backs up the disk of an image that is open, and stays so.
  ///
  /// @param request its source is what messages call the image
  /// @param place where the image lies, for the record
  public RestorePoint create(BackupRequest request, Image image, String place, JobContext job)
      throws IOException {
    return new PointMaker(repository, request, job).create(image, place);
  }

  /// Throws when no machine can be called so.
  static void checkMachine(String name) {
    if (!RestorePoint.isMachine(name)) {
      throw new OperationException(
          Kind.USAGE,
          "\"%s\" is no machine's name: 1 to 200 letters of any kind but / and @".formatted(name));
    }
  }

  /// This machine's name, as its points have it; empty when it has none.
  public static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "";
    }
  }

  /// The points of a machine, or all; oldest first. Each line of what is unreadable says what can
  /// be done about it.
  public RestorePoints.Listing list(Optional<String> machine) throws IOException {
    RestorePoints.Survey all = points.survey();
    List<String> unreadable = new ArrayList<>();
    for (StoreReport.Damage damage : all.damages()) {
      unreadable.add(
          "%s; bring it back from a copy: calco backup copy --repo COPY --to %s; or give it up: calco backup forget %s"
              .formatted(damage.what(), repository.address(), damage.object()));
    }
    return new RestorePoints.Listing(
        all.points().stream()
            .filter(point -> machine.isEmpty() || point.machine().equals(machine.get()))
            .toList(),
        unreadable);
  }

  /// True when a name is that of an object, not of a point: what [#giveUp] takes.
  public static boolean isObject(String name) {
    return name.indexOf('/') > 0;
  }

  /// Gives up what is damaged, by the name that [#list] told.
  ///
  /// @throws OperationException NOT_FOUND when there is no such thing, REFUSED when it is sound
  public void giveUp(String object) throws IOException {
    try {
      points.giveUp(object);
    } catch (FileAlreadyExistsException sound) {
      throw new OperationException(
          Kind.REFUSED, "%s: %s".formatted(object, sound.getReason()), "nothing was given up");
    }
  }

  /// The packages that were installed in a point's disk.
  ///
  /// @return empty when nothing is known of them
  public Optional<PackageList> packages(RestorePoint point) throws IOException {
    return points.packages(point);
  }

  /// The same of a point whose packages are asked for.
  ///
  /// @throws OperationException NOT_FOUND when nothing is known of them
  public PackageList getPackages(RestorePoint point) throws IOException {
    return packages(point)
        .orElseThrow(() ->
            new OperationException(
                Kind.NOT_FOUND,
                BackupRepository.shortId(point) + ": no packages are listed in it",
                "none were found or looked for, or it is older than such lists"));
  }

  /// What two points do not have in common.
  public List<RestorePoints.PartDifference> compare(RestorePoint one, RestorePoint other)
      throws IOException {
    return points.compare(one, other);
  }

  /// A point's disk, for reading; it holds nothing open but the repository.
  public Disk open(RestorePoint point) throws IOException {
    return points.open(point);
  }

  /// The files in a point.
  ///
  /// @param place where in it: `/etc`, `p2:/etc`; the rest as in [GuestPath]
  public GuestFiles files(RestorePoint point, GuestPath place, GuestOptions options)
      throws IOException {
    DiskFile file = new DiskFile(place.disk().toString(), points.open(point));
    Image image = Image.openOwning(file, ImageOptions.reading().withFormat("raw"));
    return GuestFiles.openOwning(image, place, options);
  }

  /// Writes a point as an image of some format.
  public void export(RestorePoint point, Path target, ImageConversion.Options how, JobContext job)
      throws IOException {
    try (Disk disk = points.open(point)) {
      ImageConversion.convert(disk, target, how, job);
    }
  }

  /// Writes a point as an image of some format in parts, as a FAT file system needs them.
  ///
  /// @param target what the whole would be called; the parts end in `.aa`, `.ab` and so on
  /// @param partSize in bytes, 1 or more
  /// @return the parts, in order
  /// @throws OperationException REFUSED when one is there already, USAGE when there would be too
  ///   many
  public List<Path> exportSplit(
      RestorePoint point, Path target, ExportFormat how, long partSize, JobContext job)
      throws IOException {
    BesideFile.sweep(target.toAbsolutePath().resolveSibling(""));
    try (SplitFile parts = new SplitFile(target, partSize);
        ImageExport export =
            ImageExport.ofDiskOwning(
                points.open(point), point.machine(), point.id(), point.created(), how, job)) {
      export.send(parts.channel(), job);
      return parts.publish();
    }
  }

  /// What a verification found.
  ///
  /// @param report of the whole repository
  /// @param sufferers points that have lost something, and what; sound ones are not among them
  public record Verification(
      StoreReport report, Map<RestorePoint, List<StoreReport.Loss>> sufferers) {
    /// Copies the map.
    public Verification {
      sufferers = Map.copyOf(sufferers);
    }
  }

  /// Reads all that is stored and compares it with its hashes; each point's record says what came
  /// of it.
  public Verification verify(JobContext job) throws IOException {
    Set<UUID> before = ids();
    return told(Store.verify(repository.backend(), repository.secret().key(), job), before);
  }

  /// Verifies, mends the index and what is sound in damaged packs, and takes what is lost from a
  /// copy of the repository, which may have another passphrase.
  ///
  /// @param copy where to look; empty when there is none
  /// @param options with which the repository is opened again
  /// @return what is damaged still
  /// @throws OperationException BUSY when a collection runs
  public Verification repair(
      Optional<BackupRepository> copy, RepositoryOptions options, JobContext job)
      throws IOException {
    StoreReport report =
        Store.repair(repository.backend(), repository.secret().key(), Optional.empty(), job);
    try (BackupRepository mended =
        BackupRepository.open(repository.address(), options, repository.secret())) {
      Backups backups = new Backups(mended);
      Set<UUID> all = backups.ids();
      if (copy.isEmpty() || !backups.takeFrom(new Backups(copy.get()), report, job)) {
        return backups.told(report, all);
      }
    }
    try (BackupRepository mended =
        BackupRepository.open(repository.address(), options, repository.secret())) {
      return new Backups(mended).verify(job);
    }
  }

  /// Takes the points that have lost something, and those that cannot be read, from a copy.
  ///
  /// @return true when there was something to take
  private boolean takeFrom(Backups copy, StoreReport report, JobContext job) throws IOException {
    Set<String> wanted =
        report.losses().stream().map(StoreReport.Loss::root).collect(Collectors.toSet());
    boolean unreadable = !points.survey().damages().isEmpty();
    boolean any = false;
    for (RestorePoint point : copy.points.survey().points()) {
      if (wanted.contains(point.rootName()) || (unreadable && points.isDamaged(point))) {
        try {
          copy.points.mendIn(points, point, job);
          any = true;
        } catch (DiskException damagedThere) {
          // Stays lost, and is told as such.
        }
      }
    }
    return any;
  }

  private Set<UUID> ids() throws IOException {
    return points.list().points().stream().map(RestorePoint::id).collect(Collectors.toSet());
  }

  private Verification told(StoreReport report, Set<UUID> before) throws IOException {
    Map<String, List<StoreReport.Loss>> losses = new LinkedHashMap<>();
    for (StoreReport.Loss loss : report.losses()) {
      losses.computeIfAbsent(loss.root(), _ -> new ArrayList<>()).add(loss);
    }
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    Map<RestorePoint, List<StoreReport.Loss>> sufferers = new LinkedHashMap<>();
    List<RestorePoint> checked = new ArrayList<>();
    // Read again: somebody may have held or forgotten one meanwhile.
    for (RestorePoint point : points.list().points()) {
      if (!before.contains(point.id())) {
        continue;
      }
      List<StoreReport.Loss> own = losses.getOrDefault(point.rootName(), List.of());
      String what =
          own.isEmpty()
              ? "all is as it was written"
              : "%d runs are lost, the first in %s at 0x%x"
                  .formatted(own.size(), own.getFirst().part(), own.getFirst().offset());
      PointCheck check = new PointCheck(PointCheck.Kind.VERIFICATION, now, own.isEmpty(), what);
      checked.add(point.with(check));
      if (!own.isEmpty()) {
        sufferers.put(point, own);
      }
    }
    points.replace(checked);
    return new Verification(report, sufferers);
  }

  /// Reads some slices of the repository alone, as [Store#verifySlices] has it; no point's record
  /// is changed.
  public StoreReport verifySlices(int first, int count, JobContext job) throws IOException {
    return Store.verifySlices(repository.backend(), repository.secret().key(), first, count, job);
  }

  /// Says something else of a point.
  public RestorePoint remark(RestorePoint point, Remarks remarks) throws IOException {
    RestorePoint changed = point.with(remarks);
    points.replace(changed);
    return changed;
  }

  /// What a policy would keep.
  ///
  /// @param machine whose points are judged; empty for all
  /// @throws OperationException USAGE when it would keep nothing
  public List<Retention.Verdict> judge(Optional<String> machine, RetentionPolicy policy)
      throws IOException {
    if (policy.isEmpty()) {
      throw new OperationException(
          Kind.USAGE, "the policy keeps nothing", "say what to keep: --keep-last 3 --keep-daily 7");
    }
    return Retention.judge(list(machine).points(), policy);
  }

  /// Forgets points. Their space is free after [#prune].
  ///
  /// @throws OperationException REFUSED when one is held; nothing is forgotten then
  public void forget(List<RestorePoint> unwanted) throws IOException {
    for (RestorePoint point : unwanted) {
      if (point.remarks().hold().isPresent()) {
        throw new OperationException(
            Kind.REFUSED,
            "%s is held: %s"
                .formatted(BackupRepository.shortId(point), point.remarks().hold().get()),
            "calco backup hold --release " + BackupRepository.shortId(point));
      }
    }
    points.remove(unwanted);
  }

  /// Frees the space of what was forgotten.
  ///
  /// @throws OperationException BUSY when another collection runs CORRUPT when something is damaged
  ///   that may need what would be deleted; nothing is then
  public CollectionReport prune(JobContext job) throws IOException {
    try {
      return repository.store().collect(job);
    } catch (CorruptImageException damaged) {
      throw unpruned(damaged);
    }
  }

  private OperationException unpruned(CorruptImageException damaged) {
    if (!repository.store().listIndexDamages().isEmpty()) {
      return new OperationException(
          Kind.CORRUPT,
          String.valueOf(damaged.getMessage()),
          "write the index anew: calco store rebuild-index --store " + repository.address());
    }
    return new OperationException(
        Kind.CORRUPT,
        String.valueOf(damaged.getMessage()),
        "what can be done: calco backup list, calco backup verify, with --repo "
            + repository.address());
  }

  /// What [#prune] would do.
  ///
  /// @param forgotten points that count as forgotten
  public CollectionPlan planPruning(List<RestorePoint> forgotten, JobContext job)
      throws IOException {
    try {
      Set<String> roots =
          forgotten.stream().map(RestorePoint::rootName).collect(Collectors.toSet());
      return repository.store().planCollection(roots, job);
    } catch (CorruptImageException damaged) {
      throw unpruned(damaged);
    }
  }

  /// Copies a point to another repository.
  public UploadWork copy(RestorePoint point, BackupRepository other, JobContext job)
      throws IOException {
    return points.copyTo(point, other.points(), job);
  }
}
