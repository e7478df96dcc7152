package io.calco.backup;

import io.calco.backup.rescue.Run;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;

/// Points that nobody made.
final class Points {
  private Points() {}

  static RestorePoint at(Instant created, String machine, Remarks remarks) {
    return new RestorePoint(
        UUID.randomUUID(),
        created,
        machine,
        remarks,
        Repository.origin(Path.of("/disk")),
        new DiskFacts(
            1 << 20,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Coverage.USED,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            OptionalLong.empty(),
            Optional.empty(),
            List.of()),
        Optional.empty(),
        List.of(),
        new BackupWork(0, 0, 0, 0, 0),
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /// One with everything that there can be of a disk that is taken by itself.
  static RestorePoint full() {
    return full(new BackupWork(5, 4, 3, 2, 1), Optional.empty());
  }

  /// One of a machine of libvirt's, gone on from another.
  static RestorePoint ofMachine() {
    return full(
        new BackupWork(5, 4, 3, 2, OptionalLong.of(4), 1),
        Optional.of(
            new DomainDisk(
                "web 1",
                UUID.fromString("9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d"),
                "vdb",
                UUID.fromString("1c3d0f34-5d2c-4d9e-9a54-1f8c0ad1b5ab"),
                List.of("vda", "vdb"),
                Optional.of("calco-1-2"),
                Optional.of("<domain/>"))));
  }

  private static RestorePoint full(BackupWork work, Optional<DomainDisk> domain) {
    PartitionFacts partition =
        new PartitionFacts(
            3,
            1 << 20,
            5L << 30,
            "0fc63daf-8483-4772-8e79-3d69d8477de4",
            "Linux filesystem",
            "root \u202e \"x\"",
            Optional.of("5ffcf50f-b101-471d-802d-679e9fd757ad"),
            true,
            false,
            Optional.of("ext4"),
            Optional.of("0b2f3a55-6c1d-4f3e-8c0a-3f1d2f4f6a77"),
            Optional.of("wurzel"),
            OptionalLong.of(1234),
            true);
    return new RestorePoint(
        UUID.fromString("40c09441-2122-4104-a84f-33627757c96f"),
        Instant.parse("2026-11-21T22:17:31.120Z"),
        "web 1 ñ",
        new Remarks(
            Optional.of("before"), List.of("a", "b"), Optional.of("a\nb"), Optional.of("audit")),
        new Origin(
            "host",
            "ana",
            "/dev/sda",
            Origin.Kind.BLOCK_DEVICE,
            Optional.empty(),
            Optional.of("Disk 3000"),
            Optional.of("S1"),
            Optional.of(4096),
            Origin.State.IN_USE),
        new DiskFacts(
            6L << 30,
            Optional.of(4096),
            Optional.of("gpt"),
            Optional.of("2a523008-91ea-4c87-83b2-3e2c29e923e8"),
            Coverage.USED_AND_SWAP,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            OptionalLong.empty(),
            Optional.empty(),
            List.of(partition)),
        Optional.of(
            new InstalledSystem(
                "debian",
                Optional.of("Debian GNU/Linux 12"),
                Optional.of("12"),
                Optional.of("web1"),
                Optional.of("x86_64"),
                "uefi",
                List.of("6.1.0"),
                OptionalInt.of(188))),
        List.of("repository", "luks/0b2f3a55-6c1d-4f3e-8c0a-3f1d2f4f6a77"),
        work,
        List.of("a warning"),
        List.of(
            new PointCheck(
                PointCheck.Kind.VERIFICATION, Instant.parse("2026-11-22T00:00:00Z"), true, "ok")),
        Optional.empty(),
        Optional.empty(),
        domain);
  }

  /// The same, whose disk was in a machine that tells of itself.
  static RestorePoint inMachine() {
    RestorePoint full = full();
    Hardware hardware =
        new Hardware(
            Optional.of("Acme"),
            Optional.empty(),
            Optional.of("S2"),
            Optional.empty(),
            Optional.empty(),
            Optional.of("Acme 1.2"),
            Optional.of("Fast CPU"),
            OptionalInt.of(1),
            OptionalInt.empty(),
            OptionalLong.of(1L << 34),
            List.of(new Hardware.DiskDevice("sda", Optional.empty(), Optional.of("S1"), 6L << 30)),
            List.of(new Hardware.NetworkCard("eth0", "52:54:00:12:34:56", Optional.empty())),
            Optional.of(
                new Hardware.Efi(
                    Optional.of(true),
                    Optional.empty(),
                    List.of("0001"),
                    List.of(
                        new Hardware.Entry(
                            "0001",
                            "debian",
                            true,
                            Optional.empty(),
                            Optional.of("\\EFI\\x.efi"),
                            Optional.of("00"))))));
    return new RestorePoint(
        full.id(),
        full.created(),
        full.machine(),
        full.remarks(),
        full.origin(),
        full.disk(),
        full.system(),
        full.keys(),
        full.work(),
        full.warnings(),
        full.checks(),
        full.unread(),
        Optional.of(hardware),
        Optional.empty());
  }

  /// One with the least that there can be.
  static RestorePoint bare() {
    RestorePoint full = full();
    return new RestorePoint(
        full.id(),
        full.created(),
        "m",
        Remarks.none(),
        origin(Origin.Kind.IMAGE, "qcow2", Origin.State.AT_REST),
        new DiskFacts(
            1 << 20,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Coverage.EVERY_SECTOR,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            OptionalLong.empty(),
            Optional.empty(),
            List.of()),
        Optional.empty(),
        List.of(),
        new BackupWork(0, 0, 0, 0, 0),
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.of(
            new Hardware(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                OptionalInt.empty(),
                OptionalInt.of(4),
                OptionalLong.empty(),
                List.of(),
                List.of(),
                Optional.empty())),
        Optional.empty());
  }

  /// One that was tested, of a disk that could not all be read, nor all be kept.
  static RestorePoint unread() {
    RestorePoint full = full();
    return new RestorePoint(
        full.id(),
        Instant.parse("2026-11-22T00:00:00Z"),
        full.machine(),
        full.remarks(),
        origin(Origin.Kind.IMPORT, "clonezilla", Origin.State.FROZEN),
        new DiskFacts(
            1 << 30,
            Optional.of(512),
            Optional.empty(),
            Optional.empty(),
            Coverage.WITHOUT_PAGE_FILES,
            Optional.of("ntfs"),
            Optional.of("01D9"),
            Optional.of("C"),
            OptionalLong.of(7),
            Optional.of(
                new LeftOut(4096, List.of(new LeftOut.Area("partition 2", "/pagefile.sys", 4096)))),
            List.of()),
        Optional.empty(),
        full.keys(),
        full.work(),
        full.warnings(),
        List.of(
            new PointCheck(
                PointCheck.Kind.TEST,
                Instant.parse("2026-11-22T01:02:03.004Z"),
                false,
                "no login",
                Optional.of(
                    new PointCheck.Trial(
                        List.of("file-systems", "login"),
                        12345,
                        "Calco 1",
                        Optional.of("bios, tcg"),
                        Optional.of("a\nb")))),
            new PointCheck(
                PointCheck.Kind.RESTORE, Instant.parse("2026-11-22T01:02:00Z"), true, "ok")),
        Optional.of(
            new Unread(
                1024,
                2,
                List.of(new Run(0, 512), new Run(4096, 512)),
                1,
                List.of(
                    new Unread.LostFile("partition 2", "/a \u0001\u2028\"\\ \ud83d\ude00", 512)))),
        Optional.empty(),
        Optional.empty());
  }

  private static Origin origin(Origin.Kind kind, String format, Origin.State state) {
    return new Origin(
        "h",
        "u",
        "/img",
        kind,
        Optional.of(format),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        state);
  }
}
