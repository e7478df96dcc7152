package io.calco.server.web.backup;

import io.calco.backup.Hardware;
import io.calco.backup.PointCheck;
import io.calco.backup.Remarks;
import io.calco.backup.RestorePoint;
import io.calco.backup.RestorePoints;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.engine.DemoDisk;
import io.calco.engine.GuestOptions;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.BackupRequest;
import io.calco.engine.backup.Backups;
import io.calco.engine.backup.served.BackupSettings;
import io.calco.engine.repository.RepositoryOptions;
import io.calco.engine.store.StoreSecret;
import io.calco.server.Served;
import io.calco.server.ServerSettings;
import io.calco.server.http.ListenAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// Repositories with points of the demo's disk, on which some weeks have passed, and a server that
/// knows them.
final class TestRepository {
  /// The oldest point of `maqueta`, and the newest.
  final RestorePoint first;

  final RestorePoint last;

  private final Path directory;

  TestRepository(Path directory) throws IOException {
    this.directory = directory;
    Path disk = Files.createDirectories(directory).resolve("vm.qcow2");
    DemoDisk.unpack(disk);
    Files.createDirectories(directory.resolve("restored"));
    try (BackupRepository repository = create("nas")) {
      Backups backups = new Backups(repository);
      RestorePoints points = new RestorePoints(repository.store());
      Instant now = Instant.now();
      RestorePoint old =
          backups.create(request(disk, Optional.empty(), "before <b>12</b>"), SILENT);
      first = aged(points, old, now.minus(Duration.ofDays(41)), true);
      for (int week = 5; week > 0; week--) {
        RestorePoint point =
            backups.create(request(disk, Optional.empty(), "week " + week), SILENT);
        aged(points, point, now.minus(Duration.ofDays(7L * week)), week % 2 == 0);
      }
      last = backups.create(request(disk, Optional.empty(), ""), SILENT);
      RestorePoint other = backups.create(request(disk, Optional.of("aula & <i>x"), ""), SILENT);
      PointCheck bad =
          new PointCheck(
              PointCheck.Kind.VERIFICATION,
              now.minus(Duration.ofHours(3)),
              false,
              "1 runs are lost, the first in p3 at 0x1000");
      points.replace(other.with(bad));
      backups.remark(
          first,
          new Remarks(
              first.remarks().label(),
              List.of("audit", "class"),
              Optional.of("The first one.\nKeep it: it is the <reference>."),
              Optional.of("the auditors want it")));
    }
    create("empty").close();
  }

  /// As a host would have told of itself.
  private static final Hardware MACHINE =
      new Hardware(
          Optional.of("Acme"),
          Optional.of("Portable <7>"),
          Optional.of("S2"),
          Optional.empty(),
          Optional.of("Acme 0X1"),
          Optional.empty(),
          Optional.of("Fast CPU"),
          OptionalInt.of(1),
          OptionalInt.of(8),
          OptionalLong.of(16L << 30),
          List.of(
              new Hardware.DiskDevice(
                  "sda", Optional.of("Disk 3000"), Optional.empty(), 128 << 20)),
          List.of(new Hardware.NetworkCard("eth0", "52:54:00:12:34:56", Optional.of("e1000e"))),
          Optional.of(
              new Hardware.Efi(
                  Optional.of(true),
                  Optional.of("0001"),
                  List.of("0001"),
                  List.of(
                      new Hardware.Entry(
                          "0001",
                          "debian",
                          true,
                          Optional.empty(),
                          Optional.of("\\EFI\\debian\\shimx64.efi"),
                          Optional.empty())))));

  private static final JobContext SILENT = JobContext.SILENT;

  private BackupRepository create(String name) throws IOException {
    return BackupRepository.create(
        directory.resolve(name).toString(), RepositoryOptions.defaults(), StoreSecret.none());
  }

  private static BackupRequest request(Path disk, Optional<String> machine, String label) {
    return BackupRequest.usual(
        disk,
        GuestOptions.of(ImageOptions.reading()),
        machine,
        new Remarks(
            Optional.of(label).filter(text -> !text.isEmpty()),
            List.of(),
            Optional.empty(),
            Optional.empty()));
  }

  /// The same point as if it had been made earlier.
  private static RestorePoint aged(
      RestorePoints points, RestorePoint point, Instant when, boolean proven) throws IOException {
    RestorePoint earlier =
        new RestorePoint(
            point.id(),
            when,
            point.machine(),
            point.remarks(),
            point.origin(),
            point.disk(),
            point.system(),
            point.keys(),
            point.work(),
            point.warnings(),
            proven
                ? List.of(
                    new PointCheck(
                        PointCheck.Kind.VERIFICATION,
                        when.plus(Duration.ofDays(1)),
                        true,
                        "all is as it was written"))
                : List.of(),
            point.unread(),
            Optional.of(MACHINE),
            point.domain());
    points.replace(earlier);
    return earlier;
  }

  /// Backs up another disk.
  void add(Path disk, String machine) throws IOException {
    try (BackupRepository repository = openNas()) {
      new Backups(repository).create(request(disk, Optional.of(machine), ""), SILENT);
    }
  }

  /// The newest point of a machine.
  RestorePoint find(String machine) throws IOException {
    try (BackupRepository repository = openNas()) {
      return repository.find(machine + "@latest");
    }
  }

  private BackupRepository openNas() throws IOException {
    return BackupRepository.open(
        directory.resolve("nas").toString(), RepositoryOptions.defaults(), StoreSecret.none());
  }

  /// Where restores may write.
  Path restored() {
    return directory.resolve("restored");
  }

  /// A server that knows the repositories, and one that is not there.
  Served serve() throws IOException {
    return serve(BackupSettings.Devices.REFUSED);
  }

  /// One that may write to disks of this host, too.
  Served serveWithDevices() throws IOException {
    return serve(BackupSettings.Devices.UNUSED);
  }

  private Served serve(BackupSettings.Devices devices) throws IOException {
    BackupSettings known =
        new BackupSettings(
            List.of(
                known("nas", directory.resolve("nas").toString()),
                known("empty", directory.resolve("empty").toString()),
                known("gone", directory.resolve("gone").toString())),
            List.of(restored()),
            devices,
            List.of());
    return new Served(
        directory.resolve("home"),
        ServerSettings.at(new ListenAddress("127.0.0.1", 0))
            .withFirstPassword(Served.PASSWORD)
            .with(known));
  }

  private static BackupSettings.Known known(String name, String address) {
    return new BackupSettings.Known(name, address, Optional.empty());
  }
}
