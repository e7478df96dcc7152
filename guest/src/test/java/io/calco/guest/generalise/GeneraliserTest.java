package io.calco.guest.generalise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.JobContext;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.fs.FileType;
import io.calco.guest.Change;
import io.calco.guest.DebianGuest;
import io.calco.guest.GuestTree;
import io.calco.guest.MemoryFileSystem;
import io.calco.guest.PathPattern;
import io.calco.guest.generalise.PlannedOperation.Outcome;
import io.calco.guest.identity.Hostname;
import io.calco.guest.operation.Settings;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GeneraliserTest {
  private final MemoryFileSystem fs = DebianGuest.make();
  private final GuestTree tree = fs.tree();

  private GeneralisationPlan run(GeneraliseOptions options) throws Exception {
    GeneralisationPlan plan = Generaliser.plan(tree, options);
    assertThat(fs.changes()).isZero();
    plan.apply(tree, JobContext.SILENT);
    return plan;
  }

  @Test
  void aUsedDebianLosesWhatMakesItItself() throws Exception {
    run(GeneraliseOptions.defaults());
    assertThat(fs.paths())
        .doesNotContain(
            "/root/.bash_history",
            "/home/ana/.bash_history",
            "/home/ana/.python_history",
            "/home/ana/.local/share/fish/fish_history",
            "/home/ana/.ssh",
            "/root/.ssh",
            "/etc/ssh/ssh_host_rsa_key",
            "/etc/ssh/ssh_host_ed25519_key.pub",
            "/var/lib/dhcp/dhclient.ens3.leases",
            "/var/mail/ana",
            "/var/spool/cron/crontabs/ana",
            "/var/lib/systemd/random-seed",
            "/var/lib/systemd/credential.secret",
            "/var/log/syslog",
            "/var/log/postgresql/main.1.gz",
            "/var/log/journal/0123456789abcdef0123456789abcdef",
            "/etc/udev/rules.d/70-persistent-net.rules",
            "/var/cache/apt/archives/old_1.0_amd64.deb",
            "/tmp/leftover",
            "/tmp/.hidden",
            "/etc/passwd-",
            "/srv/site/page.html~")
        .contains(
            "/tmp",
            "/var/tmp",
            "/var/log/journal",
            "/var/cache/apt/archives/partial",
            "/home/ana/notes.txt",
            "/var/lib/systemd/catalog/database",
            "/var/lib/fifo~");
    assertThat(fs.text("/etc/machine-id")).isEmpty();
    assertThat(fs.owner("/etc/machine-id")).isEqualTo("0444 0:0");
    assertThat(fs.text("/var/log/wtmp")).isEmpty();
    assertThat(fs.text("/var/log/postgresql/main")).isEmpty();
    assertThat(fs.text("/var/spool/cron/atjobs/.SEQ")).isEqualTo("00000\n");
    assertThat(fs.text("/etc/hostname")).isEqualTo("localhost\n");
    assertThat(fs.text("/etc/hosts"))
        .isEqualTo("127.0.0.1 localhost\n192.0.2.1 other # original\n");
    assertThat(fs.text("/etc/iscsi/initiatorname.iscsi")).isEqualTo("GenerateName=yes\n");
  }

  @Test
  void debianGetsHostKeysAtFirstBoot() throws Exception {
    run(GeneraliseOptions.defaults());
    String unit = fs.text("/etc/systemd/system/calco-ssh-hostkeys.service");
    assertThat(unit)
        .contains("ExecStart=/usr/bin/ssh-keygen -A")
        .contains("Before=ssh.service sshd.service")
        .contains("ConditionPathExistsGlob=!/etc/ssh/ssh_host_*_key");
    assertThat(
            tree.readLink("/etc/systemd/system/multi-user.target.wants/calco-ssh-hostkeys.service"))
        .contains("/etc/systemd/system/calco-ssh-hostkeys.service");
  }

  @Test
  void aSecondRunChangesNothing() throws Exception {
    run(GeneraliseOptions.defaults());
    assertThat(Generaliser.plan(tree, GeneraliseOptions.defaults()).changes()).isEmpty();
  }

  @Test
  void noFileIsChangedTwice() throws Exception {
    List<Change> changes = Generaliser.plan(tree, GeneraliseOptions.defaults()).changes();
    assertThat(changes).extracting(Change::path).doesNotHaveDuplicates();
  }

  @Test
  void theTemplateGetsItsName() throws Exception {
    fs.file("/etc/mailname", "original.example.org\n")
        .file("/etc/hosts", "127.0.0.1 localhost\n127.0.1.1 original.example.org original\n");
    run(
        GeneraliseOptions.defaults()
            .with(new Settings(Optional.of(new Hostname("TplDebian")), Set.of(), Set.of())));
    assertThat(fs.text("/etc/hostname")).isEqualTo("TplDebian\n");
    assertThat(fs.text("/etc/hosts"))
        .isEqualTo("127.0.0.1 localhost\n127.0.1.1 TplDebian.example.org TplDebian\n");
    assertThat(fs.text("/etc/mailname")).isEqualTo("TplDebian.example.org\n");
  }

  @Test
  void whatIsKeptIsNamed() throws Exception {
    GeneralisationPlan plan =
        run(
            GeneraliseOptions.defaults()
                .keeping(List.of(PathPattern.of("/root/.ssh/**"), PathPattern.of("/var/mail/*"))));
    assertThat(fs.has("/root/.ssh/authorized_keys")).isTrue();
    assertThat(fs.has("/var/mail/ana")).isTrue();
    assertThat(fs.has("/home/ana/.ssh")).isFalse();
    assertThat(plan.kept()).contains("/var/mail/ana");
  }

  @Test
  void whatCannotBeDoneIsRefusedWhenAskedFor() throws Exception {
    for (String name : List.of("script")) {
      assertThatThrownBy(() ->
              Generaliser.plan(
                  tree, GeneraliseOptions.defaults().with(OperationSelection.parse("+" + name))))
          .isInstanceOf(UnsupportedFeatureException.class)
          .hasMessageStartingWith(name + ": ");
    }
    GeneralisationPlan all =
        Generaliser.plan(tree, GeneraliseOptions.defaults().with(OperationSelection.parse("all")));
    assertThat(all.operations())
        .filteredOn(o -> o.name().equals("script"))
        .allMatch(o -> o.outcome() == Outcome.NOT_APPLICABLE);
  }

  @Test
  void peoplesAccountsGoWhenAskedFor() throws Exception {
    run(GeneraliseOptions.defaults().with(OperationSelection.parse("user-account")));
    assertThat(fs.has("/home/ana")).isFalse();
    assertThat(fs.text("/etc/passwd")).contains("root:").contains("nobody:").doesNotContain("ana");
    assertThat(fs.text("/etc/group")).isEqualTo("root:x:0:\nsudo:x:27:\n");
    assertThat(fs.text("/etc/gshadow")).isEqualTo("root:*::\nsudo:*::\n");
    assertThat(fs.text("/etc/shadow")).doesNotContain("ana");
    assertThat(fs.text("/etc/subuid")).isEmpty();
  }

  @Test
  void redHatsInterfacesLoseTheirAddresses() throws Exception {
    MemoryFileSystem redHat =
        new MemoryFileSystem()
            .file("/etc/os-release", "ID=rocky\nID_LIKE=\"rhel centos fedora\"\n")
            .file(
                "/etc/sysconfig/network-scripts/ifcfg-eth0",
                "DEVICE=eth0\nHWADDR=52:54:00:12:34:56\nDHCP_HOSTNAME=old\nONBOOT=yes\n")
            .file("/etc/NetworkManager/system-connections/ens3.nmconnection", "[x]\n", 0600, 0)
            .file("/usr/sbin/sshd", "")
            .file("/usr/bin/ssh-keygen", "")
            .file("/usr/lib/systemd/system/sshd-keygen@.service", "")
            .file("/usr/lib/systemd/systemd", "");
    Generaliser.plan(redHat.tree(), GeneraliseOptions.defaults())
        .apply(redHat.tree(), JobContext.SILENT);
    assertThat(redHat.text("/etc/sysconfig/network-scripts/ifcfg-eth0"))
        .isEqualTo("DEVICE=eth0\nONBOOT=yes\n");
    assertThat(redHat.has("/etc/NetworkManager/system-connections/ens3.nmconnection")).isFalse();
    assertThat(redHat.has("/etc/systemd/system/calco-ssh-hostkeys.service")).isFalse();
  }

  @Test
  void linksLeadNowhereOutsideTheirPlace() throws Exception {
    fs.symlink("/tmp/trap", "/home/ana").symlink("/var/log/x.log", "/home/ana/notes.txt");
    run(GeneraliseOptions.defaults());
    assertThat(fs.text("/home/ana/notes.txt")).isEqualTo("keep me\n");
    assertThat(fs.has("/tmp/trap")).isFalse();
  }

  @Test
  void theSelectionIsReadAsVirtSysprepDoes() {
    assertThat(OperationSelection.parse("default,-logfiles,+user-account").contains("logfiles"))
        .isFalse();
    assertThat(OperationSelection.parse("-logfiles").contains("machine-id")).isTrue();
    assertThat(OperationSelection.parse("machine-id").operations()).hasSize(1);
    assertThatThrownBy(() -> OperationSelection.parse("default,-nonsense"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nonsense");
  }

  @Test
  void aHomeThatIsNotItsUsersStays() throws Exception {
    fs.file("/etc/passwd", "root:x:0:0::/root:/bin/sh\nmal:x:1001:1001::/usr/lib:/bin/sh\n");
    GeneralisationPlan plan =
        run(GeneraliseOptions.defaults().with(OperationSelection.parse("user-account")));
    assertThat(fs.has("/usr/lib/systemd/systemd")).isTrue();
    assertThat(plan.operations().getFirst().notes())
        .containsExactly("/usr/lib stays: it is not mal's own");
  }

  @Test
  void namesThatLookLikePatternsAreTakenAsTheyAre() throws Exception {
    fs.file("/home/[ab]*/.bash_history", "x").file("/home/a\u001b[2J\n/.zsh_history", "x");
    GeneralisationPlan plan = run(GeneraliseOptions.defaults());
    assertThat(fs.has("/home/[ab]*/.bash_history")).isFalse();
    assertThat(fs.has("/home/a\u001b[2J\n/.zsh_history")).isFalse();
    assertThat(plan.changes())
        .extracting(Change::describe)
        .contains("remove /home/a\\x1b[2J\\x0a/.zsh_history")
        .allMatch(line -> line.chars().noneMatch(Character::isISOControl));
  }

  @Test
  void hostileFilesWhereOperationsLook() throws Exception {
    MemoryFileSystem hostile =
        new MemoryFileSystem()
            .dir("/etc/passwd")
            .special("/etc/hostname", FileType.BLOCK_DEVICE)
            .symlink("/etc/hosts", "hosts")
            .symlink("/etc/ssh", "/")
            .symlink("/tmp", "..")
            .symlink("/var/log", "/var/log/x")
            .symlink("/root", "/etc")
            .dir("/etc/machine-id")
            .file("/usr/lib/systemd/systemd", "");
    Generaliser.plan(hostile.tree(), GeneraliseOptions.defaults())
        .apply(hostile.tree(), JobContext.SILENT);
    assertThat(hostile.text("/etc/machine-id")).isEmpty();
    assertThat(hostile.has("/usr/lib/systemd/systemd")).isTrue();
    assertThat(hostile.has("/etc/hostname")).isTrue();
  }

  @Test
  void loopbackNamesOfTheOldMachineGo() throws Exception {
    fs.file("/etc/hosts", "127.0.0.1 localhost original\n::1 ip6-localhost original # me\n");
    run(GeneraliseOptions.defaults());
    assertThat(fs.text("/etc/hosts"))
        .isEqualTo("127.0.0.1 localhost\n::1 ip6-localhost localhost # me\n");
  }
}
