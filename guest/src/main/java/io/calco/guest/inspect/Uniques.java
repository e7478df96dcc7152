package io.calco.guest.inspect;

import io.calco.guest.GuestTree;
import io.calco.guest.account.Homes;
import io.calco.guest.identity.HostnameFiles;
import io.calco.guest.identity.RandomSeed;
import io.calco.guest.sshkey.SshHostKey;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/// Finds what makes a machine itself.
final class Uniques {
  private static final int MAX_FACTS = 1000; // ours
  private static final int MAX_VALUE = 200; // ours, characters

  /// How a file's text tells what it is.
  private enum Value {
    NONE,
    FIRST_LINE
  }

  private record Kind(String name, String pattern, Value value, String operation) {}

  private static final List<Kind> KINDS =
      List.of(
          new Kind("dhcp-lease", "/var/lib/dhcp/*", Value.NONE, "dhcp-client-state"),
          new Kind("dhcp-lease", "/var/lib/dhclient/*", Value.NONE, "dhcp-client-state"),
          new Kind("dhcp-lease", "/var/lib/NetworkManager/*.lease", Value.NONE, "dhcp-identity"),
          new Kind("dhcp-lease", "/var/lib/dhcpcd/*", Value.NONE, "dhcp-identity"),
          new Kind("dhcp-lease", "/var/lib/wicked/lease-*", Value.NONE, "dhcp-identity"),
          new Kind("dhcp-lease", "/var/lib/systemd/network/*", Value.NONE, "dhcp-identity"),
          new Kind("dhcp-duid", "/etc/dhcpcd.duid", Value.FIRST_LINE, "dhcp-identity"),
          new Kind("dhcp-duid", "/var/lib/wicked/duid.xml", Value.NONE, "dhcp-identity"),
          new Kind(
              "network-secret",
              "/var/lib/NetworkManager/secret_key",
              Value.NONE,
              "network-manager-state"),
          new Kind(
              "udev-net-rule",
              "/etc/udev/rules.d/70-persistent-net.rules",
              Value.NONE,
              "udev-persistent-net"),
          new Kind(
              "cloud-init-instance",
              "/var/lib/cloud/data/instance-id",
              Value.FIRST_LINE,
              "cloud-init"),
          new Kind("cloud-init-instance", "/var/lib/cloud/instances/*", Value.NONE, "cloud-init"),
          new Kind("journal", "/var/log/journal/*", Value.NONE, "logfiles"),
          new Kind(
              "systemd-secret", "/var/lib/systemd/credential.secret", Value.NONE, "systemd-state"),
          new Kind(
              "iscsi-initiator",
              "/etc/iscsi/initiatorname.iscsi",
              Value.FIRST_LINE,
              "iscsi-initiator"),
          new Kind("nvme-host", "/etc/nvme/host*", Value.FIRST_LINE, "nvme-host"),
          new Kind("kerberos-key", "/etc/krb5.keytab", Value.NONE, "kerberos-hostkeytab"),
          new Kind(
              "container-host", "/var/lib/docker/engine-id", Value.FIRST_LINE, "container-host"),
          new Kind(
              "ubuntu-token",
              "/var/lib/ubuntu-advantage/private/machine-token.json",
              Value.NONE,
              "ubuntu-services"),
          new Kind(
              "subscription", "/etc/pki/consumer/*.pem", Value.NONE, "rh-subscription-manager"),
          new Kind("salt-minion", "/etc/salt/minion_id", Value.FIRST_LINE, "salt-minion"),
          new Kind("puppet-certificate", "/var/lib/puppet/ssl/*", Value.NONE, "puppet-data-log"),
          new Kind(
              "mesh-network", "/var/lib/tailscale/tailscaled.state", Value.NONE, "mesh-network"),
          new Kind("kubernetes-node", "/var/lib/kubelet/pki/*", Value.NONE, "kubernetes-node"),
          new Kind("cron-job", "/var/spool/cron/crontabs/*", Value.NONE, "cron-spool"),
          new Kind("mail", "/var/mail/*", Value.NONE, "mail-spool"),
          new Kind("passwd-backup", "/etc/passwd-", Value.NONE, "passwd-backups"),
          new Kind("tls-key", "/etc/ssl/private/ssl-cert-snakeoil.key", Value.NONE, ""));

  private final GuestTree tree;
  private final List<UniqueFact> facts = new ArrayList<>();

  private Uniques(GuestTree tree) {
    this.tree = tree;
  }

  static List<UniqueFact> of(GuestTree tree) throws IOException {
    Uniques uniques = new Uniques(tree);
    uniques.identity();
    uniques.sshHostKeys();
    for (Kind kind : KINDS) {
      uniques.files(kind);
    }
    uniques.homes();
    return uniques.facts;
  }

  private void identity() throws IOException {
    Optional<String> hostname = HostnameFiles.current(tree).filter(n -> !n.equals("localhost"));
    if (hostname.isPresent()) {
      add("hostname", "/etc/hostname", hostname, "hostname");
    }
    machineId("machine-id", "/etc/machine-id");
    if (tree.readLink("/var/lib/dbus/machine-id").isEmpty()) {
      machineId("dbus-machine-id", "/var/lib/dbus/machine-id");
    }
    for (String pattern : RandomSeed.FILES) {
      files(new Kind("random-seed", pattern, Value.NONE, "random-seed"));
    }
  }

  private void machineId(String kind, String path) throws IOException {
    Optional<String> id = firstLine(path).filter(line -> !line.isBlank());
    if (id.isPresent() && !id.get().equals("uninitialized")) {
      add(kind, path, id, "machine-id");
    }
  }

  private void sshHostKeys() throws IOException {
    for (String path : tree.glob("/etc/ssh/ssh_host_*_key")) {
      Optional<String> line = firstLine(path + ".pub");
      add("ssh-host-key", path, line.flatMap(Uniques::fingerprint), "ssh-hostkeys");
    }
  }

  /// The type and fingerprint of a public key's line.
  private static Optional<String> fingerprint(String line) {
    String[] words = line.strip().split("\\s+");
    if (words.length < 2) {
      return Optional.empty();
    }
    try {
      byte[] blob = Base64.getDecoder().decode(words[1]);
      return Optional.of(words[0] + " " + SshHostKey.fingerprint(blob));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private void files(Kind kind) throws IOException {
    for (String path : tree.glob(kind.pattern)) {
      Optional<String> value =
          kind.value == Value.FIRST_LINE ? firstLine(path) : Optional.<String>empty();
      boolean asksForOne = value.equals(Optional.of("GenerateName=yes"));
      if (!asksForOne) {
        add(kind.name, path, value, kind.operation);
      }
    }
  }

  /// A file without content, as a machine that is switched off early leaves one, identifies nobody.
  private boolean isEmpty(String path) throws IOException {
    return tree.isFile(path) && tree.readStart(path, 1).orElse(new byte[0]).length == 0;
  }

  private void homes() throws IOException {
    for (String home : Homes.ofPeople(tree)) {
      file("shell-history", home + "/.bash_history", "bash-history");
      file("shell-history", home + "/.zsh_history", "zsh-history");
      if (tree.isDirectory(home + "/.ssh")) {
        add("ssh-user-keys", home + "/.ssh", Optional.empty(), "ssh-userdir");
      }
    }
  }

  private void file(String kind, String path, String operation) throws IOException {
    if (tree.isFile(path)) {
      add(kind, path, Optional.empty(), operation);
    }
  }

  private Optional<String> firstLine(String path) throws IOException {
    byte[] start = tree.readStart(path, 4 * MAX_VALUE).orElse(new byte[0]);
    return io.calco.fs.GuestNames.decode(start).lines().findFirst().map(String::strip);
  }

  private void add(String kind, String path, Optional<String> value, String operation)
      throws IOException {
    if (value.isEmpty() && isEmpty(path)) {
      return;
    }
    if (facts.size() < MAX_FACTS) {
      Optional<String> by = operation.isEmpty() ? Optional.empty() : Optional.of(operation);
      facts.add(new UniqueFact(kind, path, value, by));
    }
  }
}
