package io.calco.engine.backup;

import io.calco.backup.DiskDivision;
import io.calco.backup.Hardware;
import io.calco.backup.NewPoint;
import io.calco.backup.Origin;
import io.calco.backup.RestorePoint;
import io.calco.backup.RestorePoints;
import io.calco.backup.RestorePoints.Identity;
import io.calco.backup.Since;
import io.calco.backup.Unread;
import io.calco.backup.UnreadFiles;
import io.calco.disk.Disk;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import io.calco.disk.ImageOptions.Locking;
import io.calco.disk.JobContext;
import io.calco.engine.NamedImages;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Makes one restore point of a disk. Confined.
final class PointMaker {
  private final BackupRepository repository;
  private final RestorePoints points;
  private final BackupRequest request;
  private final JobContext job;

  PointMaker(BackupRepository repository, BackupRequest request, JobContext job) {
    this.repository = repository;
    this.points = repository.points();
    this.request = request;
    this.job = job;
  }

  /// Makes it of the request's source, between its hooks.
  RestorePoint create() throws IOException {
    return request.hooks().around(request.source(), this::createBetween);
  }

  /// Makes it of an image that is open, and stays so.
  ///
  /// @param place where the image lies, for the record
  RestorePoint create(Image image, String place) throws IOException {
    Origin origin = origin(image, place, Optional.empty(), Origin.State.AT_REST);
    return create(identity(), image.disk(), origin, Optional.empty());
  }

  private RestorePoint createBetween() throws IOException {
    Optional<HostDevice> device = HostDevice.find(request.source());
    try (SourceUse use = SourceUse.of(request, device, repository)) {
      if (request.tracking() == BackupRequest.Tracking.BITMAP) {
        return createTracked(device, use.state());
      }
      return create(identity(), device, use.state());
    }
  }

  private RestorePoint createTracked(Optional<HostDevice> device, Origin.State state)
      throws IOException {
    if (device.isPresent()
        || request.rescue().isPresent()
        || NamedImages.address(request.source()).isPresent()) {
      throw new OperationException(
          Kind.USAGE,
          request.source() + ": --bitmap is for image files that can be read",
          "qcow2 images have dirty bitmaps");
    }
    Identity identity = identity();
    try (ImageBitmap bitmap =
        ImageBitmap.add(
            request.source(), request.options().image(), repository.store().id(), identity.id())) {
      RestorePoint point = create(identity, device, state);
      bitmap.keep();
      return point;
    }
  }

  private static Identity identity() {
    return new Identity(UUID.randomUUID(), Instant.now());
  }

  private RestorePoint create(Identity identity, Optional<HostDevice> device, Origin.State state)
      throws IOException {
    ImageOptions reading = request.options().image().with(Access.READ);
    try (Image image = NamedImages.open(request.source(), opening(reading, device))) {
      boolean unlocked = device.isEmpty() && request.use() == BackupRequest.Use.ALLOWED;
      String place =
          NamedImages.address(request.source())
              .orElseGet(() -> request.source().toAbsolutePath().normalize().toString());
      Origin origin = origin(image, place, device, unlocked ? Origin.State.IN_USE : state);
      if (request.rescue().isPresent()) {
        return rescue(image.disk(), origin);
      }
      Optional<Since> since = ImageBitmap.find(image, repository, origin);
      try (Disk disk = Disk.owning(new ToldFailures(image.disk(), request.source()))) {
        return create(identity, disk, origin, since);
      }
    }
  }

  private RestorePoint create(Identity identity, Disk disk, Origin origin, Optional<Since> since)
      throws IOException {
    try (Look<InstalledSystems> look = Look.begin(request, disk)) {
      DiskDivision division = DiskDivision.of(disk, request.coverage());
      requirePartitions(division);
      RestorePoints.Description description =
          () -> describe(origin, look.get(), List.of(), Optional.empty());
      return since.isPresent()
          ? points.create(division, request.partitions(), identity, since.get(), description, job)
          : points.create(division, request.partitions(), identity, description, job);
    }
  }

  private RestorePoint rescue(Disk failing, Origin origin) throws IOException {
    try (RescuedSource source = RescuedSource.open(request, failing, origin)) {
      DiskDivision division = source.divide();
      requirePartitions(division);
      UnreadFiles.Found lost = source.read(division, job);
      Optional<Unread> unread = Optional.of(lost.unread()).filter(some -> some.bytes() > 0);
      try (Look<InstalledSystems> look = Look.begin(request, source.disk())) {
        return points.create(
            division,
            request.partitions(),
            () -> describe(origin, look.get(), source.warnings(lost), unread),
            job);
      }
    }
  }

  private NewPoint describe(
      Origin origin, InstalledSystems installed, List<String> warnings, Optional<Unread> unread)
      throws IOException {
    List<String> all = new ArrayList<>(warnings);
    all.addAll(installed.warnings());
    return new NewPoint(
        machine(installed),
        request.remarks(),
        origin,
        installed.system(),
        repository.keys(installed),
        all,
        unread,
        hardware(origin),
        Optional.empty(),
        installed.packages());
  }

  /// The machine that a disk is in, when it is a whole one of this host's.
  private static Optional<Hardware> hardware(Origin origin) throws IOException {
    if (origin.kind() != Origin.Kind.BLOCK_DEVICE) {
      return Optional.empty();
    }
    Optional<HostDevice> disk =
        HostDevice.find(Path.of(origin.source())).filter(HostDevice::isHardware);
    return disk.isPresent() ? Optional.of(HostHardware.read()) : Optional.empty();
  }

  private ImageOptions opening(ImageOptions reading, Optional<HostDevice> device) {
    ImageOptions plain = device.isPresent() ? reading.withFormat("raw") : reading;
    return request.use() == BackupRequest.Use.ALLOWED ? plain.with(Locking.WRITTEN) : plain;
  }

  private void requirePartitions(DiskDivision division) {
    List<Integer> there = division.partitionNumbers();
    for (int number : request.partitions()) {
      if (!there.contains(number)) {
        throw new OperationException(
            Kind.USAGE,
            "%s: there is no partition %d that could be kept alone"
                .formatted(request.source(), number),
            there.isEmpty() ? "it has none" : "it has " + there);
      }
    }
  }

  private String machine(InstalledSystems installed) {
    if (request.machine().isPresent()) {
      Backups.checkMachine(request.machine().get());
      return request.machine().get();
    }
    String file = String.valueOf(request.source().getFileName()).replaceFirst("(?<=.)[.].*", "");
    return installed
        .system()
        .flatMap(system -> system.hostName())
        .filter(RestorePoint::isMachine)
        .orElse(RestorePoint.isMachine(file) ? file : "disk");
  }

  private static Origin origin(
      Image image, String place, Optional<HostDevice> device, Origin.State state) {
    return new Origin(
        Backups.hostName(),
        System.getProperty("user.name", ""),
        place,
        device.isPresent() ? Origin.Kind.BLOCK_DEVICE : Origin.Kind.IMAGE,
        device.isPresent() ? Optional.empty() : Optional.of(image.format()),
        device.flatMap(HostDevice::model),
        device.flatMap(HostDevice::serial),
        device.flatMap(HostDevice::sectorSize),
        state);
  }
}
