package io.calco.guest.operation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OperationsTest {
  private static final List<String> VIRT_SYSPREP_ON =
      List.of(
          "abrt-data",
          "backup-files",
          "bash-history",
          "blkid-tab",
          "crash-data",
          "cron-spool",
          "customize",
          "dhcp-client-state",
          "dhcp-server-state",
          "dovecot-data",
          "ipa-client",
          "kerberos-hostkeytab",
          "logfiles",
          "lvm-system-devices",
          "lvm-uuids",
          "machine-id",
          "mail-spool",
          "net-hostname",
          "net-hwaddr",
          "net-nmconn",
          "pacct-log",
          "package-manager-cache",
          "pam-data",
          "passwd-backups",
          "puppet-data-log",
          "rh-subscription-manager",
          "rhn-systemid",
          "rpm-db",
          "samba-db-log",
          "script",
          "smolt-uuid",
          "ssh-hostkeys",
          "ssh-userdir",
          "sssd-db-log",
          "tmp-files",
          "udev-persistent-net",
          "utmp",
          "yum-uuid",
          "zsh-history");
  private static final List<String> VIRT_SYSPREP_OFF =
      List.of(
          "ca-certificates",
          "firewall-rules",
          "flag-reconfiguration",
          "fs-uuids",
          "kerberos-data",
          "user-account");

  @Test
  void allOfVirtSysprepsAreThereWithItsDefaults() {
    assertThat(VIRT_SYSPREP_ON)
        .hasSize(39)
        .allMatch(name -> Operations.find(name).orElseThrow().onByDefault());
    assertThat(VIRT_SYSPREP_OFF)
        .hasSize(6)
        .noneMatch(name -> Operations.find(name).orElseThrow().onByDefault());
  }

  @Test
  void namesAreUniqueAndMachineIdIsLast() {
    Set<String> names = new HashSet<>();
    assertThat(Operations.all()).allMatch(o -> names.add(o.name()));
    assertThat(Operations.all().getLast().name()).isEqualTo("machine-id");
  }

  @Test
  void helpIsOneLineInEnglishAndSpanish() {
    for (Operation operation : Operations.all()) {
      String english = operation.help(Locale.ENGLISH);
      String spanish = operation.help(Locale.of("es", "ES"));
      assertThat(english).as(operation.name()).isEqualTo(operation.help()).hasSizeBetween(10, 90);
      assertThat(spanish).as(operation.name()).isNotEqualTo(english).hasSizeBetween(10, 100);
    }
  }
}
