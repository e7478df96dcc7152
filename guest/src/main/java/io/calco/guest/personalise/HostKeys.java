package io.calco.guest.personalise;

import io.calco.fs.FileAttributes;
import io.calco.guest.Content;
import io.calco.guest.Draft;
import io.calco.guest.account.AccountEditor;
import io.calco.guest.sshkey.HostKeyType;
import io.calco.guest.sshkey.SshHostKey;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Makes a clone's SSH host keys and drafts their files.
final class HostKeys {
  private static final Pattern NAMES_RSA =
      Pattern.compile("(?mi)^\\s*HostKey\\s+\\S*ssh_host_rsa_key\\s*$");

  private final Draft draft;

  HostKeys(Draft draft) {
    this.draft = draft;
  }

  /// Takes away whatever keys are there and writes new ones.
  ///
  /// @return none when the guest has no SSH server
  List<SshHostKey> install(Personalisation clone) throws IOException {
    if (!draft.isDirectory("/etc/ssh")
        || !(draft.isFile("/etc/ssh/sshd_config") || draft.isFile("/usr/sbin/sshd"))) {
      return List.of();
    }
    List<SshHostKey> keys = new ArrayList<>();
    for (HostKeyType type : types(clone.extraHostKeys())) {
      keys.add(SshHostKey.of(type, clone.seed(), "root@" + clone.hostname().label()));
    }
    for (String path : draft.glob("/etc/ssh/ssh_host_*_key*")) {
      boolean replaced =
          keys.stream()
              .anyMatch(k -> path.equals(k.type().path()) || path.equals(k.type().path() + ".pub"));
      if (!replaced) {
        draft.remove(path);
      }
    }
    FileAttributes secret = secretAttributes();
    for (SshHostKey key : keys) {
      String path = key.type().path();
      draft.put(path, key.privateFile(), secret);
      draft.put(
          path + ".pub",
          Content.of(key.publicLine() + "\n"),
          FileAttributes.root(0644, Instant.EPOCH));
    }
    return keys;
  }

  private Set<HostKeyType> types(Set<HostKeyType> extra) throws IOException {
    Set<HostKeyType> types = EnumSet.of(HostKeyType.ED25519, HostKeyType.ECDSA);
    types.addAll(extra);
    List<String> configurations = new ArrayList<>(List.of("/etc/ssh/sshd_config"));
    configurations.addAll(draft.glob("/etc/ssh/sshd_config.d/*.conf"));
    for (String path : configurations) {
      if (NAMES_RSA.matcher(draft.text(path).orElse("")).find()) {
        types.add(HostKeyType.RSA);
      }
    }
    return types;
  }

  /// Red Hat lets a group read them, for host-based authentication.
  private FileAttributes secretAttributes() throws IOException {
    Optional<Integer> group = new AccountEditor(draft).groupId("ssh_keys");
    return group.isPresent()
        ? new FileAttributes(0640, 0, group.get(), Instant.EPOCH)
        : FileAttributes.root(0600, Instant.EPOCH);
  }
}
