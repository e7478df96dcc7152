package io.calco.engine.backup;

import io.calco.backup.DiskDivision;
import io.calco.backup.NewPoint;
import io.calco.backup.Origin;
import io.calco.backup.Remarks;
import io.calco.backup.RestorePoint;
import io.calco.backup.RestorePoints.Identity;
import io.calco.disk.DiskException;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import io.calco.disk.JobContext;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// Takes what other programs have kept into a repository, as restore points of the time when it was
/// kept: Clonezilla's directories, Windows' image backups, images of any format.
///
/// A point's id follows from what it is made of, so that what is there is not taken again, wherever
/// the source lies by then.
///
/// Thread rule: confined.
public final class Imports {
  private final BackupRepository repository;
  private final ImportRequest request;

  /// Host names that were found, by set; empty for none.
  private final Map<Path, Optional<String>> hosts = new HashMap<>();

  private final List<ForeignDisk> disks;
  private final List<String> notUnderstood;
  private final Map<UUID, RestorePoint> present = new HashMap<>();

  private Imports(BackupRepository repository, ImportRequest request, ForeignDisks.Found found)
      throws IOException {
    this.repository = repository;
    this.request = request;
    this.disks = found.disks();
    this.notUnderstood = found.notUnderstood();
    repository.points().list().points().forEach(point -> present.put(point.id(), point));
  }

  /// Finds what can be taken; takes nothing yet.
  ///
  /// @throws OperationException UNSUPPORTED when there is nothing, USAGE when the machine's name
  ///   cannot be one
  public static Imports find(BackupRepository repository, ImportRequest request)
      throws IOException {
    if (request.machine().isPresent()) {
      Backups.checkMachine(request.machine().get());
    }
    return new Imports(
        repository,
        request,
        ForeignDisks.find(request.source(), request.options().image().with(Access.READ)));
  }

  /// What was found, that which is present among it.
  public List<ForeignDisk> disks() {
    return disks;
  }

  /// A line for each thing in the source that is not understood.
  public List<String> notUnderstood() {
    return notUnderstood;
  }

  /// The point that a disk has become already.
  public Optional<RestorePoint> present(ForeignDisk disk) {
    return Optional.ofNullable(present.get(disk.id()));
  }

  /// The bytes of a disk.
  public long size(ForeignDisk disk) throws IOException {
    try (Image image = Image.open(disk.place(), opening(disk))) {
      return image.disk().size();
    }
  }

  /// Takes a disk in.
  ///
  /// @throws DiskException when it cannot be read: the repository has no point then
  /// @throws OperationException REFUSED when it is present
  public RestorePoint take(ForeignDisk disk, JobContext job) throws IOException {
    Optional<RestorePoint> there = present(disk);
    if (there.isPresent()) {
      throw new OperationException(
          Kind.REFUSED,
          "%s: is here already, as %s"
              .formatted(disk.place(), BackupRepository.shortId(there.get())));
    }
    try (Image image = Image.open(disk.place(), opening(disk))) {
      InstalledSystems installed = look(image);
      String machine = machine(disk, installed);
      RestorePoint point =
          repository
              .points()
              .create(
                  DiskDivision.of(image.disk(), request.coverage()),
                  Set.of(),
                  new Identity(disk.id(), disk.created()),
                  () -> description(disk, image, installed, machine),
                  job);
      present.put(point.id(), point);
      return point;
    }
  }

  private ImageOptions opening(ForeignDisk disk) {
    ImageOptions reading = request.options().image().with(Access.READ);
    return disk.format().map(reading::withFormat).orElse(reading);
  }

  private InstalledSystems look(Image image) throws IOException {
    return request.look() == BackupRequest.Look.NOTHING
        ? InstalledSystems.none()
        : InstalledSystems.find(image.disk(), request.options().keys());
  }

  private NewPoint description(
      ForeignDisk disk, Image image, InstalledSystems installed, String machine) {
    Remarks said = request.remarks();
    return new NewPoint(
        machine,
        new Remarks(
            said.label().or(disk::label), said.tags(), said.note().or(disk::note), said.hold()),
        new Origin(
            Backups.hostName(),
            System.getProperty("user.name", ""),
            disk.place().toAbsolutePath().normalize().toString(),
            Origin.Kind.IMPORT,
            Optional.of(
                disk.kind() == ForeignDisk.Kind.CLONEZILLA ? disk.kind().word() : image.format()),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Origin.State.AT_REST),
        installed.system(),
        repository.keys(installed),
        installed.warnings(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        installed.packages());
  }

  /// The machine's name: as it is given, told, found in a disk of the set, or the set's own.
  private String machine(ForeignDisk disk, InstalledSystems installed) throws IOException {
    Optional<String> told = request.machine().or(disk::machine).filter(RestorePoint::isMachine);
    if (told.isPresent()) {
      return told.get();
    }
    Optional<String> own = host(installed);
    if (own.isPresent()) {
      hosts.putIfAbsent(disk.set(), own);
    } else if (!hosts.containsKey(disk.set())) {
      hosts.put(disk.set(), hostOfOthers(disk));
    }
    String fallback = RestorePoint.isMachine(disk.name()) ? disk.name() : "disk";
    return hosts.getOrDefault(disk.set(), Optional.empty()).orElse(fallback);
  }

  private static Optional<String> host(InstalledSystems installed) {
    return installed.system().flatMap(system -> system.hostName()).filter(RestorePoint::isMachine);
  }

  private Optional<String> hostOfOthers(ForeignDisk disk) throws IOException {
    List<ForeignDisk> others = new ArrayList<>(disks);
    others.removeIf(other -> !other.set().equals(disk.set()) || other.equals(disk));
    for (ForeignDisk other : others) {
      try (Image image = Image.open(other.place(), opening(other))) {
        Optional<String> found = host(look(image));
        if (found.isPresent()) {
          return found;
        }
      } catch (DiskException toldWhenItIsTaken) {
        // The others may tell.
      }
    }
    return Optional.empty();
  }
}
