package io.calco.guest.personalise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.JobContext;
import io.calco.guest.Content;
import io.calco.guest.DebianGuest;
import io.calco.guest.GuestRequestException;
import io.calco.guest.GuestTree;
import io.calco.guest.MemoryFileSystem;
import io.calco.guest.generalise.GeneraliseOptions;
import io.calco.guest.generalise.Generaliser;
import io.calco.guest.identity.Hostname;
import io.calco.guest.personalise.CloneUser.Privilege;
import io.calco.guest.sshkey.HostKeyType;
import io.calco.guest.sshkey.IdentitySeed;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PersonaliserTest {
  private static final String KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA eva@host";

  @TempDir Path local;
  private final MemoryFileSystem fs = DebianGuest.make();
  private final GuestTree tree = fs.tree();

  @BeforeEach
  void generalise() throws Exception {
    Generaliser.plan(tree, GeneraliseOptions.defaults()).apply(tree, JobContext.SILENT);
  }

  private static Personalisation.Builder web1() {
    return Personalisation.builder(new Hostname("web1")).now(Instant.parse("2026-11-21T00:00:00Z"));
  }

  private CloneIdentity run(Personalisation clone) throws Exception {
    int before = fs.changes();
    PersonalisationPlan plan = Personaliser.plan(tree, clone);
    assertThat(fs.changes()).isEqualTo(before);
    plan.apply(tree, JobContext.SILENT);
    return plan.identity();
  }

  @Test
  void aCloneIsAMachineOfItsOwn() throws Exception {
    CloneIdentity identity = run(web1().build());
    assertThat(fs.text("/etc/hostname")).isEqualTo("web1\n");
    assertThat(fs.text("/etc/hosts"))
        .isEqualTo("127.0.0.1 localhost\n127.0.1.1\tweb1\n192.0.2.1 other # original\n");
    assertThat(fs.text("/etc/machine-id")).isEmpty();
    assertThat(fs.owner("/var/lib/systemd/random-seed")).isEqualTo("0600 0:0");
    assertThat(fs.owner("/etc/ssh/ssh_host_ed25519_key")).isEqualTo("0600 0:0");
    assertThat(fs.owner("/etc/ssh/ssh_host_ed25519_key.pub")).isEqualTo("0644 0:0");
    assertThat(fs.has("/etc/ssh/ssh_host_rsa_key")).isFalse();
    assertThat(identity.sshHostKeys())
        .extracting(k -> k.type())
        .containsExactly("ssh-ed25519", "ecdsa-sha2-nistp256");
    assertThat(identity.knownHosts().getFirst()).startsWith("web1 ssh-ed25519 AAAA");
    assertThat(fs.text("/etc/ssh/ssh_host_ed25519_key.pub"))
        .isEqualTo(identity.sshHostKeys().getFirst().publicKey() + " root@web1\n");
    assertThat(identity.toString()).doesNotContain("PRIVATE");
  }

  @Test
  void itsPeopleHaveTheirLanguageTimeAndKeyboard() throws Exception {
    fs.file("/usr/share/zoneinfo/Europe/Madrid", "TZif2")
        .file("/etc/locale.gen", "# es_ES.UTF-8 UTF-8\n# fr_FR.UTF-8 UTF-8\n")
        .file("/etc/default/keyboard", "XKBMODEL=\"pc105\"\nXKBLAYOUT=\"us\"\n");
    run(
        web1()
            .regional(
                new Regional(
                    Optional.of("es_ES.UTF-8"),
                    Optional.of("Europe/Madrid"),
                    Optional.of("es(dvorak)")))
            .build());
    assertThat(fs.tree().readLink("/etc/localtime"))
        .contains("../usr/share/zoneinfo/Europe/Madrid");
    assertThat(fs.text("/etc/timezone")).isEqualTo("Europe/Madrid\n");
    assertThat(fs.text("/etc/default/locale")).isEqualTo("LANG=es_ES.UTF-8\n");
    assertThat(fs.text("/etc/locale.gen")).isEqualTo("es_ES.UTF-8 UTF-8\n# fr_FR.UTF-8 UTF-8\n");
    assertThat(fs.text("/etc/default/keyboard"))
        .isEqualTo("XKBMODEL=\"pc105\"\nXKBLAYOUT=\"es\"\nXKBVARIANT=\"dvorak\"\n");
    Regional nowhere =
        new Regional(Optional.empty(), Optional.of("Europe/Nowhere"), Optional.empty());
    assertThatThrownBy(() -> run(web1().regional(nowhere).build()))
        .isInstanceOf(GuestRequestException.class);
    assertThatThrownBy(() -> new Regional(Optional.of("a\nb"), Optional.empty(), Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> new Regional(Optional.empty(), Optional.of("../../etc"), Optional.empty()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void clonesDifferAndSeedsRepeat() throws Exception {
    byte[] seed = "a seed of 16 bytes or more".getBytes(StandardCharsets.UTF_8);
    Personalisation seeded =
        web1()
            .seed(IdentitySeed.of(seed, "web1"))
            .machineId(new MachineIdSource.FromSeed())
            .build();
    CloneIdentity one = run(seeded);
    CloneIdentity again = run(seeded);
    assertThat(again).isEqualTo(one);
    assertThat(fs.text("/etc/machine-id")).isEqualTo(one.machineId().orElseThrow() + "\n");
    assertThat(run(web1().build()).sshHostKeys()).doesNotContainAnyElementsOf(one.sshHostKeys());
  }

  @Test
  void whatTheTemplateStillHasIsReplaced() throws Exception {
    fs.file("/etc/machine-id", "0123456789abcdef0123456789abcdef\n", 0444, 0)
        .file("/etc/ssh/ssh_host_dsa_key", "shared by all", 0600, 0)
        .file("/etc/ssh/ssh_host_ed25519_key", "shared by all", 0644, 5);
    run(web1().build());
    assertThat(fs.text("/etc/machine-id")).isEmpty();
    assertThat(fs.has("/etc/ssh/ssh_host_dsa_key")).isFalse();
    assertThat(fs.text("/etc/ssh/ssh_host_ed25519_key")).startsWith("-----BEGIN OPENSSH");
    assertThat(fs.owner("/etc/ssh/ssh_host_ed25519_key")).isEqualTo("0600 0:0");
  }

  @Test
  void redHatsGroupReadsTheKeys() throws Exception {
    fs.file("/etc/group", "root:x:0:\nssh_keys:x:101:\n")
        .file("/etc/ssh/sshd_config", "HostKey /etc/ssh/ssh_host_rsa_key\n");
    CloneIdentity identity = run(web1().build());
    assertThat(fs.owner("/etc/ssh/ssh_host_ecdsa_key")).isEqualTo("0640 0:101");
    assertThat(identity.sshHostKeys()).extracting(k -> k.type()).contains("ssh-rsa");
  }

  @Test
  void anAccountIsMadeInAllFiles() throws Exception {
    run(
        web1()
            .user(new CloneUser("eva", Privilege.ADMINISTRATOR))
            .authorizedKey(new AuthorizedKey("eva", KEY))
            .authorizedKey(new AuthorizedKey("eva", KEY))
            .authorizedKey(new AuthorizedKey("root", KEY))
            .build());
    assertThat(fs.text("/etc/passwd")).endsWith("eva:x:1001:1001::/home/eva:/bin/bash\n");
    assertThat(fs.text("/etc/shadow")).endsWith("eva:*:20778:0:99999:7:::\n");
    assertThat(fs.text("/etc/group")).contains("sudo:x:27:ana,eva\n").endsWith("eva:x:1001:\n");
    assertThat(fs.text("/etc/gshadow")).contains("sudo:*::ana,eva\n").endsWith("eva:!::\n");
    assertThat(fs.text("/etc/subuid")).endsWith("eva:165536:65536\n");
    assertThat(fs.owner("/home/eva")).isEqualTo("0700 1001:1001");
    assertThat(fs.owner("/home/eva/.bashrc")).isEqualTo("0644 1001:1001");
    assertThat(fs.owner("/home/eva/.config")).isEqualTo("0755 1001:1001");
    assertThat(fs.text("/home/eva/.ssh/authorized_keys")).isEqualTo(KEY + "\n");
    assertThat(fs.owner("/home/eva/.ssh/authorized_keys")).isEqualTo("0600 1001:1001");
    assertThat(fs.owner("/home/eva/.ssh")).isEqualTo("0700 1001:1001");
    assertThat(fs.text("/root/.ssh/authorized_keys")).isEqualTo(KEY + "\n");
    assertThat(fs.owner("/etc/sudoers.d/90-calco-eva")).isEqualTo("0440 0:0");
  }

  @Test
  void anAccountThatIsThereIsUsed() throws Exception {
    run(
        web1()
            .user(new CloneUser("ana", Privilege.ORDINARY))
            .authorizedKey(new AuthorizedKey("ana", KEY))
            .build());
    assertThat(fs.text("/etc/passwd").lines().filter(l -> l.startsWith("ana:"))).hasSize(1);
    assertThat(fs.owner("/home/ana/.ssh/authorized_keys")).isEqualTo("0600 1000:1000");
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThatThrownBy(() ->
            Personaliser.plan(tree, web1().authorizedKey(new AuthorizedKey("nemo", KEY)).build()))
        .isInstanceOf(GuestRequestException.class)
        .hasMessageContaining("'nemo'");
    for (String bad : List.of("", "ssh-ed25519", "ssh-rsa AAAA\nssh-rsa BBBB", "-----BEGIN")) {
      assertThatThrownBy(() -> new AuthorizedKey("root", bad))
          .isInstanceOf(IllegalArgumentException.class);
    }
    for (String bad : List.of("", "-a", "a_b", "a..b", "x".repeat(65), "a b", "a\n")) {
      assertThatThrownBy(() -> new Hostname(bad)).isInstanceOf(IllegalArgumentException.class);
    }
    for (String bad : List.of("", "Eva", "a:b", "../x", "x".repeat(33))) {
      assertThatThrownBy(() -> new CloneUser(bad, Privilege.ORDINARY))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void scriptsRunOnceAndFilesAreCopied() throws Exception {
    Files.createDirectories(local.resolve("site/sub"));
    Files.writeString(local.resolve("site/index.html"), "hello");
    Files.writeString(local.resolve("site/sub/x"), "deep");
    Files.createSymbolicLink(local.resolve("site/link"), Path.of("index.html"));
    run(
        web1()
            .firstBoot(new FirstBootScript("set up.sh", Content.of("#!/bin/sh\ntrue\n")))
            .copyIn(new CopyIn(local.resolve("site"), "/srv/"))
            .copyIn(new CopyIn(local.resolve("site/index.html"), "/etc/new/motd"))
            .build());
    assertThat(fs.text("/var/lib/calco/firstboot/scripts/0001-set-up.sh")).startsWith("#!/bin/sh");
    assertThat(fs.owner("/var/lib/calco/firstboot/run")).isEqualTo("0755 0:0");
    assertThat(fs.text("/etc/systemd/system/calco-firstboot.service"))
        .contains("ExecStart=/var/lib/calco/firstboot/run");
    assertThat(fs.text("/srv/site/sub/x")).isEqualTo("deep");
    assertThat(tree.readLink("/srv/site/link")).contains("index.html");
    assertThat(fs.text("/etc/new/motd")).isEqualTo("hello");
  }

  @Test
  void cloudInitLeavesTheIdentityAlone() throws Exception {
    fs.dir("/etc/cloud/cloud.cfg.d");
    run(web1().hostKey(HostKeyType.ED25519).build());
    assertThat(fs.text("/etc/cloud/cloud.cfg.d/99-calco.cfg"))
        .contains("preserve_hostname: true")
        .contains("ssh_deletekeys: false");
  }

  @Test
  void aGuestWithoutSshGetsNoKeys() throws Exception {
    MemoryFileSystem bare = new MemoryFileSystem().file("/etc/hostname", "old\n");
    PersonalisationPlan plan = Personaliser.plan(bare.tree(), web1().build());
    assertThat(plan.identity().sshHostKeys()).isEmpty();
    assertThat(plan.identity().machineId()).isEqualTo(Optional.empty());
  }
}
