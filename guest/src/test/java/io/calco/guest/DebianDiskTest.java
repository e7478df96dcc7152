package io.calco.guest;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.fs.FileType;
import io.calco.guest.account.Homes;
import io.calco.guest.boot.InitSystem;
import io.calco.guest.generalise.GeneralisationPlan;
import io.calco.guest.generalise.GeneraliseOptions;
import io.calco.guest.generalise.Generaliser;
import io.calco.guest.identity.Hostname;
import io.calco.guest.inspect.GuestFacts;
import io.calco.guest.inspect.Inspector;
import io.calco.guest.inspect.UniqueFact;
import io.calco.guest.personalise.AuthorizedKey;
import io.calco.guest.personalise.CloneUser;
import io.calco.guest.personalise.Personalisation;
import io.calco.guest.personalise.PersonalisationPlan;
import io.calco.guest.personalise.Personaliser;
import io.calco.testkit.Oracle;
import io.calco.testkit.Shared;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A real Debian disk, judged by e2fsck, debugfs and ssh-keygen.
class DebianDiskTest {
  private static final String KEY =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIGmVzIwx5n3yhI6pW8Mcvxrq7HVNs+GJzSsW6Mg3w5l eva@host";

  @TempDir Path directory;

  @Test
  void becomesATemplateAndThenAMachineOfItsOwn() throws Exception {
    Path disk = directory.resolve("disk.raw");
    Oracle.named("cp").run("--sparse=always", Shared.guest(), disk).succeeds();
    long root;
    try (Image image =
            Image.open(
                disk, ImageOptions.reading().with(ImageOptions.Access.WRITE).withFormat("raw"));
        GuestDisk guest = GuestDisk.openWritable(image.disk())) {
      root = guest.volumes().get(2).partition().orElseThrow().start();
      GuestFacts facts = Inspector.inspect(guest, image.disk().size());
      checkFacts(facts);
      assertThat(Inspector.identify(guest, image.disk().size()))
          .usingRecursiveComparison()
          .ignoringFields("system.value.virtioDrivers")
          .isEqualTo(facts);
      assertThat(
              Inspector.identify(guest, image.disk().size()).system().orElseThrow().virtioDrivers())
          .isEmpty();
      generalise(guest);
      checkTemplate(guest, Inspector.inspect(guest, image.disk().size()));
    }
    String fileSystem = disk + "?offset=" + root;
    Oracle.named("e2fsck").run("-fn", fileSystem).succeeds();

    PersonalisationPlan clone;
    try (Image image =
            Image.open(
                disk, ImageOptions.reading().with(ImageOptions.Access.WRITE).withFormat("raw"));
        GuestDisk guest = GuestDisk.openWritable(image.disk())) {
      clone =
          Personaliser.plan(
              guest.requireTree(),
              Personalisation.builder(new Hostname("web1"))
                  .user(new CloneUser("eva", CloneUser.Privilege.ORDINARY))
                  .authorizedKey(new AuthorizedKey("eva", KEY))
                  .build());
      clone.apply(guest.requireTree(), JobContext.SILENT);
    }
    Oracle.named("e2fsck").run("-fn", fileSystem).succeeds();
    checkClone(fileSystem, clone);
  }

  private static void checkFacts(GuestFacts facts) {
    assertThat(facts.warnings()).isEmpty();
    assertThat(facts.partitionTable()).contains("gpt");
    assertThat(facts.bootMode()).isEqualTo(GuestFacts.BootMode.BIOS_AND_UEFI);
    assertThat(facts.volumes())
        .extracting(v -> v.content().orElse("-"))
        .containsExactly("-", "vfat", "ext4");
    assertThat(facts.volumes().get(2).mountPoint()).contains("/");
    GuestFacts.SystemFacts system = facts.system().orElseThrow();
    assertThat(system.id()).isEqualTo("debian");
    assertThat(system.version()).contains("12");
    assertThat(system.hostname()).contains("original");
    assertThat(system.architecture()).contains("x86_64");
    assertThat(system.bootLoader()).contains("grub");
    assertThat(system.init()).isEqualTo(InitSystem.SYSTEMD);
    assertThat(system.kernels()).hasSize(1).first().asString().contains("cloud-amd64");
    assertThat(system.virtioDrivers())
        .extracting(GuestFacts.DriverFacts::place)
        .containsOnly(GuestFacts.DriverPlace.INITRAMFS)
        .hasSize(4);
    assertThat(system.defaultTarget()).contains("graphical.target");
    assertThat(system.timeZone()).contains("Etc/UTC");
    assertThat(system.networkManagers()).containsExactly("ifupdown");
    assertThat(system.sshServer()).isTrue();
    assertThat(system.cloudInit()).isFalse();
    assertThat(system.packages().orElseThrow().count().orElseThrow()).isBetween(100L, 500L);
    assertThat(system.users())
        .extracting(GuestFacts.UserFacts::name)
        .containsExactly("root", "ana");
    assertThat(facts.uniques())
        .extracting(UniqueFact::kind)
        .contains(
            "hostname",
            "machine-id",
            "ssh-host-key",
            "dhcp-lease",
            "random-seed",
            "journal",
            "udev-net-rule",
            "shell-history",
            "ssh-user-keys",
            "cron-job",
            "mail",
            "passwd-backup",
            "file-system-uuid",
            "disk-uuid");
  }

  private static void generalise(GuestDisk guest) throws Exception {
    GuestTree tree = guest.requireTree();
    GeneralisationPlan plan = Generaliser.plan(tree, GeneraliseOptions.defaults());
    plan.apply(tree, JobContext.SILENT);
    assertThat(plan.changes()).extracting(Change::path).doesNotHaveDuplicates();
    assertThat(Generaliser.plan(tree, GeneraliseOptions.defaults()).changes()).isEmpty();
  }

  /// All that make-guest.sh lists under what makes a machine itself.
  private static void checkTemplate(GuestDisk guest, GuestFacts facts) throws Exception {
    assertThat(facts.uniques())
        .extracting(UniqueFact::kind)
        .containsOnly("file-system-uuid", "disk-uuid");
    GuestTree tree = guest.requireTree();
    assertThat(tree.readText("/etc/machine-id")).contains("");
    for (String gone :
        List.of(
            "/etc/ssh/ssh_host_*",
            "/var/lib/dhcp/*",
            "/var/mail/*",
            "/var/spool/cron/crontabs/*",
            "/var/lib/systemd/random-seed",
            "/var/log/syslog",
            "/var/log/journal/*",
            "/etc/udev/rules.d/70-persistent-net.rules",
            "/var/cache/apt/archives/*.deb",
            "/tmp/*",
            "/etc/passwd-")) {
      assertThat(tree.glob(gone)).as(gone).isEmpty();
    }
    for (String home : Homes.ofPeople(tree)) {
      assertThat(tree.glob(home + "/.*history")).isEmpty();
      assertThat(tree.find(home + "/.ssh")).isEmpty();
    }
    tree.walk(
        "/var/log",
        (path, entry) -> {
          if (entry.type() == FileType.REGULAR) {
            assertThat(tree.readText(path)).as(path).contains("");
          }
        });
    assertThat(tree.readText("/etc/hosts"))
        .hasValueSatisfying(t -> assertThat(t).doesNotContain("original"));
    assertThat(tree.isFile("/etc/systemd/system/calco-ssh-hostkeys.service")).isTrue();
  }

  private void checkClone(String fileSystem, PersonalisationPlan clone) throws Exception {
    Path key = dump(fileSystem, "/etc/ssh/ssh_host_ed25519_key");
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    var facts = clone.identity().sshHostKeys().getFirst();
    Oracle.named("ssh-keygen").run("-lf", key).succeeds().says(facts.fingerprint());
    Oracle.named("ssh-keygen").run("-yf", key).succeeds().says(facts.publicKey());
    assertThat(Files.readString(dump(fileSystem, "/etc/hostname"))).isEqualTo("web1\n");
    assertThat(Files.readString(dump(fileSystem, "/etc/hosts"))).contains("127.0.1.1\tweb1\n");
    assertThat(Files.size(dump(fileSystem, "/var/lib/systemd/random-seed"))).isEqualTo(512);
    assertThat(Files.readString(dump(fileSystem, "/home/eva/.ssh/authorized_keys")))
        .isEqualTo(KEY + "\n");
    Oracle debugfs = Oracle.named("debugfs");
    debugfs.run("-R", "stat /etc/ssh/ssh_host_ed25519_key", fileSystem).says("Mode:  0600");
    debugfs.run("-R", "stat /home/eva/.ssh", fileSystem).says("User:  1001").says("Mode:  0700");
    assertThat(clone.identity().machineId()).isEqualTo(Optional.empty());
  }

  private Path dump(String fileSystem, String path) {
    Path to = directory.resolve(path.substring(path.lastIndexOf('/') + 1));
    Oracle.named("debugfs").run("-R", "dump " + path + " " + to, fileSystem).succeeds();
    return to;
  }
}
