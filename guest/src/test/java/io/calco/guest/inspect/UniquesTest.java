package io.calco.guest.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.JobContext;
import io.calco.guest.DebianGuest;
import io.calco.guest.GuestTree;
import io.calco.guest.MemoryFileSystem;
import io.calco.guest.generalise.GeneraliseOptions;
import io.calco.guest.generalise.Generaliser;
import io.calco.guest.operation.Operations;
import java.util.ArrayList;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class UniquesTest {
  private final MemoryFileSystem fs = DebianGuest.make();
  private final GuestTree tree = fs.tree();

  @Test
  void aUsedMachineIsUniqueInManyWaysAndATemplateInNone() throws Exception {
    assertThat(Uniques.of(tree))
        .extracting(UniqueFact::kind)
        .contains(
            "hostname",
            "machine-id",
            "random-seed",
            "ssh-host-key",
            "dhcp-lease",
            "udev-net-rule",
            "journal",
            "systemd-secret",
            "iscsi-initiator",
            "shell-history",
            "ssh-user-keys",
            "cron-job",
            "mail");
    Generaliser.plan(tree, GeneraliseOptions.defaults()).apply(tree, JobContext.SILENT);
    assertThat(Uniques.of(tree)).isEmpty();
  }

  @Test
  void anEmptyFileIdentifiesNobody() throws Exception {
    fs.file("/var/lib/dhcp/dhclient.ens3.leases", "");
    fs.file("/var/lib/dhcp/dhclient.ens4.leases", "lease {}");
    fs.file("/etc/ssh/ssh_host_dsa_key", "");
    fs.file("/etc/ssh/ssh_host_dsa_key.pub", "");
    assertThat(Uniques.of(tree))
        .extracting(UniqueFact::path)
        .contains("/var/lib/dhcp/dhclient.ens4.leases")
        .doesNotContain("/var/lib/dhcp/dhclient.ens3.leases", "/etc/ssh/ssh_host_dsa_key");
  }

  @Test
  void everyOperationNamedExists() throws Exception {
    assertThat(Uniques.of(tree))
        .extracting(UniqueFact::operation)
        .allMatch(name -> name.flatMap(Operations::find).isPresent());
  }

  @Test
  void softwareIsFoundByItsFiles() throws Exception {
    Software software = new Software(tree);
    GuestFacts.PackageFacts packages = software.packages(new ArrayList<>()).orElseThrow();
    assertThat(packages.manager()).isEqualTo("dpkg");
    assertThat(packages.count()).hasValue(2);
    assertThat(software.sshServer()).isTrue();
    assertThat(software.cloudInit()).isFalse();
    assertThat(software.architecture()).isEqualTo(Optional.empty());
  }
}
