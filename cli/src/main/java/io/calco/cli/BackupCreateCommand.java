package io.calco.cli;

import io.calco.backup.Coverage;
import io.calco.backup.Remarks;
import io.calco.backup.RestorePoint;
import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.cli.Syntax.Values;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.backup.BackupRequest;
import io.calco.engine.backup.BackupRequest.Look;
import io.calco.engine.backup.BackupRequest.Tracking;
import io.calco.engine.backup.BackupRequest.Use;
import io.calco.engine.backup.Backups;
import io.calco.engine.backup.Hooks;
import io.calco.engine.backup.MachineBackups;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// `calco backup create`.
final class BackupCreateCommand extends BackupCommand.OnRepository {
  private final GuestSource source = new GuestSource(words);
  private final Value<String> machine =
      words.option(
          "--machine",
          "NAME",
          String.class,
          "Whose disk it is (default: the host name that is found in it, else the file's name).");
  private final Value<String> label =
      words.option("--label", "TEXT", String.class, "A few words to know the point by.");
  private final Values<String> tags =
      words.lists("--tag", "TAG[,TAG…]", "Words that points are found and kept by.");
  private final Value<String> note =
      words.option("--note", "TEXT", String.class, "Anything else to remember.");
  private final Values<String> partitions =
      words.lists("--partition", "N[,N…]", "Keep these partitions alone, and the table.");
  private final Flag raw =
      words.flag("--raw", "Keep every sector, also those that no file system uses.");
  private final Flag swap = words.flag("--swap", "Keep what is in swap areas, too.");
  private final Flag noPages =
      words.flag(
          "--skip-page-files",
          "Leave out what is in page files and hibernation (hiberfil.sys, pagefile.sys,"
              + " swapfile.sys, /swapfile, /swap.img, a machine suspended in a swap area), too: it"
              + " reads as zeroes, and the point says so.");
  private final Flag bitmap =
      words.flag(
          "--bitmap",
          "Give a qcow2 image a dirty bitmap, so that the next backup to this repository reads only"
              + " what was written since; of one that is there only what it has marked is read"
              + " now.");
  private final Flag live =
      words.flag(
          "--allow-live",
          "Take a disk that is in use as it is: what is written meanwhile may be there in part, as"
              + " after a loss of power.");
  private final Flag freeze =
      words.flag(
          "--freeze",
          "Freeze the file systems that are mounted from the disk while it is read (fsfreeze): who"
              + " writes to them waits, and what they have written is kept in full. They thaw at the"
              + " end, whatever ends Calco.");
  private final Value<Path> rescue =
      words.option(
          "--rescue",
          "MAPFILE",
          Path.class,
          "Read a disk that fails as far as it can be read, zeroes for the rest. What was tried"
              + " stands in MAPFILE, as GNU ddrescue writes it, and what was read in MAPFILE.img: the"
              + " same command continues after a cut, and so does ddrescue.");
  private final Value<Integer> retries =
      words.option(
          "--retries",
          "N",
          Integer.class,
          "With --rescue: how often bad sectors are tried again (default: none).");
  private final Value<String> before =
      words.option(
          "--before",
          "COMMAND",
          String.class,
          "Run this first, by the shell: it may stop a service, or make the snapshot that DISK is."
              + " When it fails nothing is backed up.");
  private final Value<String> after =
      words.option(
          "--after",
          "COMMAND",
          String.class,
          "Run this at the end, whatever came of the backup: $$CALCO_RESULT is done or failed.");
  private final MachineBackupFlags machines = new MachineBackupFlags(words);
  private final Flag blind =
      words.flag("--no-inspect", "Do not look for what is installed in the disk.");
  private final Value<Path> disk =
      words.parameter(
          "DISK",
          Path.class,
          "An image file of any format, a block device, what an NBD server serves (nbd://…), or all"
              + " disks of a machine of libvirt's or of QEMU alone, which may run: machine:NAME.");

  BackupCreateCommand() {
    super(
        "create",
        List.of(
            "Back up a disk: a new restore point, complete by itself.",
            "A running machine's disks are taken as they are at one instant, while it runs on; the next"
                + " time only what it has written since is read.",
            "Keeps what file systems use and everything that is no file system's, bit for bit. What"
                + " the repository has already, of this disk or another, is not stored again."),
        "--repo, --to");
    words.oneOf(raw, swap, noPages);
    words.oneOf(live, freeze);
    words.examples(
        "calco backup create --repo /mnt/usb/backups vm.qcow2",
        "calco backup create --label \"before the upgrade\" --tag keep /dev/sda",
        "calco backup create --partition 2 --raw /dev/nvme0n1",
        "calco backup create --skip-page-files windows.vhdx",
        "calco backup create --bitmap vm.qcow2",
        "calco backup create machine:web1",
        "calco backup create --connect qemu:///session --quiesce require machine:web1",
        "calco backup create --before 'lvcreate -s -n snap -L 5G vg/root' --after 'lvremove -f vg/snap'"
            + " /dev/vg/snap",
        "calco backup create --rescue sdb.map --retries 3 /dev/sdb");
  }

  @Override
  int run(BackupRepository repository) throws IOException {
    if (retries.given() && !rescue.given()) {
      throw new OperationException(Kind.USAGE, "--retries goes with --rescue");
    }
    BackupRequest request =
        new BackupRequest(
            disk.get(),
            source.options(),
            machine.optional(),
            coverage(),
            numbers(partitions),
            new Remarks(label.optional(), tags.all(), note.optional(), Optional.empty()),
            freeze.given() ? Use.FROZEN : live.given() ? Use.ALLOWED : Use.REFUSED,
            blind.given() ? Look.NOTHING : Look.INSPECT,
            rescue
                .optional()
                .map(map -> new BackupRequest.Salvage(map, retries.optional().orElse(0))),
            new Hooks(before.optional(), after.optional()),
            bitmap.given() ? Tracking.BITMAP : Tracking.NONE);
    Optional<String> domain = MachineBackups.machine(disk.get().toString());
    if (domain.isPresent()) {
      requireMachineFlags();
      createOf(domain.get(), request, repository);
      return ExitCode.DONE;
    }
    if (machines.given()) {
      throw new OperationException(
          Kind.USAGE, "--connect, --quiesce and --scratch go with machine:NAME");
    }
    RestorePoint point;
    try (Progress progress = progress()) {
      point = new Backups(repository).create(request, progress);
    }
    if (json()) {
      Json.print(out(), BackupText.json(point));
    } else {
      print(point);
    }
    return ExitCode.DONE;
  }

  private Coverage coverage() {
    if (raw.given()) {
      return Coverage.EVERY_SECTOR;
    }
    if (swap.given()) {
      return Coverage.USED_AND_SWAP;
    }
    return noPages.given() ? Coverage.WITHOUT_PAGE_FILES : Coverage.USED;
  }

  private void createOf(String domain, BackupRequest request, BackupRepository repository)
      throws IOException {
    List<RestorePoint> points;
    try (Progress progress = progress()) {
      points = machines.create(domain, request, repository, progress);
    }
    if (json()) {
      Json.print(out(), points.stream().map(BackupText::json).toList());
    } else {
      points.forEach(this::print);
    }
  }

  private void requireMachineFlags() {
    if (live.given()
        || freeze.given()
        || rescue.given()
        || bitmap.given()
        || !partitions.all().isEmpty()) {
      throw new OperationException(
          Kind.USAGE,
          "--allow-live, --freeze, --rescue, --bitmap and --partition are for one disk, not for"
              + " machine:NAME",
          "whether the machine's file systems are held still: --quiesce");
    }
  }

  private void print(RestorePoint point) {
    point.warnings().forEach(warning -> say("calco: " + Text.safe(warning)));
    out()
        .printf(
            "%s  %s: %s, %s of data%s, %s new, %s stored, in %s%n",
            BackupRepository.shortId(point),
            Text.safe(BackupText.disk(point)),
            Text.size(point.disk().size()),
            Text.size(point.work().data()),
            BackupText.read(point.work()),
            Text.size(point.work().fresh()),
            Text.size(point.work().stored()),
            BackupText.seconds(point.work().millis()));
  }

  /// Numbers of partitions.
  static Set<Integer> numbers(Values<String> given) {
    Set<Integer> numbers = new TreeSet<>();
    for (String text : given.all()) {
      if (!text.matches("[1-9][0-9]{0,5}")) {
        throw new OperationException(Kind.USAGE, "\"%s\" is no partition's number".formatted(text));
      }
      numbers.add(Integer.valueOf(text));
    }
    return numbers;
  }
}
