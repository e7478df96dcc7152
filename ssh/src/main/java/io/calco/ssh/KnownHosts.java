package io.calco.ssh;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.sshd.client.config.hosts.KnownHostEntry;
import org.apache.sshd.client.keyverifier.ServerKeyVerifier;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.common.config.keys.PublicKeyEntryResolver;
import org.apache.sshd.common.digest.BuiltinDigests;
import org.jspecify.annotations.Nullable;

/// Whether a server is the one that is meant: its key has the fingerprint that was given, or stands
/// in `known_hosts`. Nothing is ever written there, and what was not seen before is refused.
///
/// Lines with `@revoked` refuse a key; those with `@cert-authority` are not used.
///
/// Thread rule: safe for several threads at once.
final class KnownHosts implements ServerKeyVerifier {
  private static final long FILE_MAX = 16 << 20;
  private static final String REVOKED = "revoked";

  private final SshServer server;
  private final List<KnownHostEntry> entries;
  private volatile @Nullable String refusal;

  private KnownHosts(SshServer server, List<KnownHostEntry> entries) {
    this.server = server;
    this.entries = entries;
  }

  /// What is known of a server.
  static KnownHosts of(SshServer server) throws IOException {
    List<KnownHostEntry> entries = new ArrayList<>();
    Path file = server.login().sshDirectory().resolve("known_hosts");
    if (server.login().fingerprint().isEmpty()
        && Files.isRegularFile(file)
        && Files.size(file) <= FILE_MAX) {
      for (KnownHostEntry entry : KnownHostEntry.readKnownHostEntries(file)) {
        String marker = entry.getMarker();
        if (entry.isHostMatch(server.host(), server.port())
            && (marker == null || marker.equals(REVOKED))) {
          entries.add(entry);
        }
      }
    }
    return new KnownHosts(server, List.copyOf(entries));
  }

  /// The types of the keys that the server is known by, for it to show one of these.
  List<String> keyTypes() {
    return entries.stream()
        .filter(entry -> entry.getMarker() == null)
        .map(entry -> entry.getKeyEntry().getKeyType())
        .distinct()
        .toList();
  }

  /// Why a server was refused; empty when none was.
  Optional<String> refusal() {
    return Optional.ofNullable(refusal);
  }

  @Override
  public boolean verifyServerKey(ClientSession session, SocketAddress remote, PublicKey key) {
    refusal = judge(session, key);
    return refusal == null;
  }

  private @Nullable String judge(ClientSession session, PublicKey key) {
    String shown = KeyUtils.getFingerPrint(BuiltinDigests.sha256, key);
    if (server.login().fingerprint().isPresent()) {
      return server.login().fingerprint().get().equals(shown)
          ? null
          : "its key has the fingerprint %s, which is not the one that was given".formatted(shown);
    }
    boolean known = false;
    boolean other = false;
    for (KnownHostEntry entry : entries) {
      boolean same = holds(session, entry, key);
      if (same && REVOKED.equals(entry.getMarker())) {
        return "its key (%s) is marked as revoked in known_hosts".formatted(shown);
      }
      known |= same;
      other |= !same && entry.getMarker() == null;
    }
    if (known) {
      return null;
    }
    return (other
            ? "its key is not the one in known_hosts: somebody may be in between, or it was set up"
                + " anew; it shows %s %s"
            : "it is not in known_hosts; it shows %s %s. If its administrator says the same, add"
                + " ?fingerprint=SHA256:… to the address, or log in once with ssh")
        .formatted(KeyUtils.getKeyType(key), shown);
  }

  private static boolean holds(ClientSession session, KnownHostEntry entry, PublicKey key) {
    try {
      PublicKey held =
          entry.getKeyEntry().resolvePublicKey(session, PublicKeyEntryResolver.IGNORING);
      return held != null && KeyUtils.compareKeys(held, key);
    } catch (IOException | GeneralSecurityException | RuntimeException unreadable) {
      return false;
    }
  }
}
