package io.calco.ssh;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.apache.sshd.common.NamedResource;
import org.apache.sshd.common.config.keys.FilePasswordProvider;
import org.apache.sshd.common.config.keys.loader.KeyPairResourceParser;
import org.apache.sshd.common.config.keys.loader.openssh.OpenSSHKeyPairResourceParser;
import org.apache.sshd.common.config.keys.loader.pem.PEMResourceParserUtils;

/// What a user proves by who they are.
///
/// @param keys in the order in which they are offered
/// @param password offered after the keys
/// @param names of the files that were used, for messages
record Identities(List<KeyPair> keys, Optional<String> password, List<String> names) {
  private static final List<String> USUAL = List.of("id_ed25519", "id_ecdsa", "id_rsa");
  private static final long FILE_MAX = 1 << 20;

  static Identities of(SshLogin login) throws IOException {
    List<KeyPair> keys = new ArrayList<>();
    List<String> names = new ArrayList<>();
    if (login.identity().isPresent()) {
      keys.addAll(read(login.identity().get()));
      names.add(login.identity().get().toString());
    } else {
      for (String name : USUAL) {
        Path file = login.sshDirectory().resolve(name);
        if (Files.isReadable(file)) {
          addUsual(file, keys, names);
        }
      }
    }
    Optional<String> password = Optional.empty();
    if (login.passwordFile().isPresent()) {
      Path file = login.passwordFile().get();
      password = Optional.of(lines(file).stream().findFirst().orElse(""));
      names.add(file.toString());
    }
    return new Identities(List.copyOf(keys), password, List.copyOf(names));
  }

  private static void addUsual(Path file, List<KeyPair> keys, List<String> names)
      throws IOException {
    try {
      keys.addAll(read(file));
      names.add(file.toString());
    } catch (FileSystemException unusable) {
      names.add(unusable.getFile() + " (which " + unusable.getReason() + ")");
    }
  }

  private static List<String> lines(Path file) throws IOException {
    if (Files.size(file) > FILE_MAX) {
      throw new FileSystemException(file.toString(), null, "is too long for a key or password");
    }
    return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList();
  }

  private static Collection<KeyPair> read(Path file) throws IOException {
    List<String> lines = lines(file);
    NamedResource name = NamedResource.ofName(file.toString());
    boolean[] asked = new boolean[1];
    FilePasswordProvider none =
        (session, resource, retry) -> {
          asked[0] = true;
          return null;
        };
    try {
      for (KeyPairResourceParser parser :
          List.of(OpenSSHKeyPairResourceParser.INSTANCE, PEMResourceParserUtils.PROXY)) {
        if (parser.canExtractKeyPairs(name, lines)) {
          Collection<KeyPair> keys = parser.loadKeyPairs(null, name, none, lines);
          if (keys != null && !keys.isEmpty()) {
            return keys;
          }
        }
      }
    } catch (IOException | GeneralSecurityException | RuntimeException e) {
      // Told below.
    }
    throw new FileSystemException(
        file.toString(),
        null,
        asked[0]
            ? "is protected by a passphrase; Calco takes keys without one"
            : "holds no private key that is understood");
  }

  @Override
  public String toString() {
    return "Identities[…]";
  }
}
