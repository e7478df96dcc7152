package io.calco.engine.published;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.engine.OperationException;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What gpg signs.
class OpenPgpTest {
  private static final byte[] SUMS =
      """
      9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08  debian-12.qcow2
      - dashes are escaped, and blanks at the end go  \t
      """
          .getBytes(StandardCharsets.UTF_8);

  @TempDir Path dir;
  private Path sums;

  @BeforeEach
  void home() throws IOException {
    Files.createDirectory(
        dir.resolve("gnupg"),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    sums = Files.write(dir.resolve("SHA256SUMS"), SUMS);
  }

  @AfterEach
  void stopAgent() {
    Oracle.named("gpgconf").run("--homedir", dir.resolve("gnupg"), "--kill", "all");
  }

  private Oracle.Run gpg(Object... words) {
    List<Object> all =
        new ArrayList<>(List.of("--homedir", dir.resolve("gnupg"), "--batch", "--yes", "--no-tty"));
    all.addAll(List.of("--pinentry-mode", "loopback", "--passphrase", ""));
    all.addAll(List.of(words));
    return Oracle.named("gpg").run(all.toArray());
  }

  private byte[] made(String name, Object... words) throws IOException {
    Path file = dir.resolve(name);
    List<Object> all = new ArrayList<>(List.of("--output", file));
    all.addAll(List.of(words));
    gpg(all.toArray()).succeeds();
    return Files.readAllBytes(file);
  }

  private void makeKey(String user, String algorithm, String usage) {
    gpg("--quick-generate-key", user, algorithm, usage, "never").succeeds();
  }

  private OpenPgp keyring(Object... words) throws IOException {
    List<Object> all = new ArrayList<>(List.of(words));
    all.add("--export");
    return OpenPgp.of("keyring", made("keyring", all.toArray()));
  }

  private String fingerprint(String user) {
    return gpg("--with-colons", "--fingerprint", user)
        .succeeds()
        .out()
        .lines()
        .filter(line -> line.startsWith("fpr:"))
        .findFirst()
        .orElseThrow()
        .split(":")[9];
  }

  @ParameterizedTest
  @ValueSource(strings = {"ed25519", "rsa2048", "nistp256"})
  void detachedAndCleartext(String algorithm) throws IOException {
    makeKey("Publisher <p@example.org>", algorithm, "sign");
    OpenPgp keys = keyring();
    OpenPgp armoured = keyring("--armor");
    for (Object[] how :
        new Object[][] {
          {"--detach-sign"},
          {"--detach-sign", "--armor"},
          {"--detach-sign", "--digest-algo", "SHA512"}
        }) {
      List<Object> words = new ArrayList<>(Arrays.asList(how));
      words.add(sums);
      Signed signed = keys.verifyDetached("SHA256SUMS", SUMS, made("sig", words.toArray()));
      assertThat(signed.fingerprint()).isEqualTo(fingerprint("p@example.org"));
      assertThat(signed.signer()).isEqualTo("Publisher <p@example.org>");
      assertThat(signed.text()).isEqualTo(SUMS);
      byte[] changed = SUMS.clone();
      changed[3] ^= 1;
      assertThatThrownBy(() ->
              keys.verifyDetached("SHA256SUMS", changed, Files.readAllBytes(dir.resolve("sig"))))
          .isInstanceOf(OperationException.class)
          .hasMessageContaining("has another text");
    }
    byte[] clear = made("clear", "--clear-sign", sums);
    assertThat(OpenPgp.isCleartextSigned(clear)).isTrue();
    Signed signed = armoured.verifyCleartext("CHECKSUM", clear);
    assertThat(new String(signed.text(), StandardCharsets.UTF_8))
        .contains("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")
        .contains("\n- dashes are escaped");
    assertThat(ChecksumList.parse("x", signed.text()).get("debian-12.qcow2").toString())
        .startsWith("sha256:9f86d081");
    String text = new String(clear, StandardCharsets.UTF_8).replace("9f86d0", "9f86d1");
    assertThatThrownBy(
            () -> armoured.verifyCleartext("CHECKSUM", text.getBytes(StandardCharsets.UTF_8)))
        .hasMessageContaining("has another text");
  }

  @Test
  void subkeysAndKeysThatMayNot() throws IOException {
    makeKey("Root <r@example.org>", "ed25519", "cert");
    String root = fingerprint("r@example.org");
    gpg("--quick-add-key", root, "ed25519", "sign", "never").succeeds();
    byte[] signature = made("sig", "--detach-sign", sums);
    assertThat(keyring().verifyDetached("S", SUMS, signature).fingerprint()).isEqualTo(root);

    makeKey("Other <o@example.org>", "ed25519", "sign");
    byte[] other = made("sig2", "--local-user", "o@example.org", "--detach-sign", sums);
    OpenPgp rootOnly = OpenPgp.of("k", made("k", "--export", root));
    assertThatThrownBy(() -> rootOnly.verifyDetached("S", SUMS, other))
        .hasMessageContaining("not in the keyring");

    Path revocation = dir.resolve("gnupg/openpgp-revocs.d/%s.rev".formatted(root));
    String text = Files.readString(revocation).replace(":-----BEGIN", "-----BEGIN");
    Path usable = Files.writeString(dir.resolve("revoke"), text);
    gpg("--import", usable).succeeds();
    OpenPgp revoked = keyring();
    assertThatThrownBy(() -> revoked.verifyDetached("S", SUMS, signature))
        .hasMessageContaining("revoked");
  }

  @Test
  void weakAndExpired() throws IOException {
    makeKey("P <p@example.org>", "rsa2048", "sign");
    byte[] weak =
        made("sig", "--allow-weak-digest-algos", "--digest-algo", "SHA1", "--detach-sign", sums);
    assertThatThrownBy(() -> keyring().verifyDetached("S", SUMS, weak))
        .hasMessageContaining("hash that is broken");
    byte[] good = made("sig", "--detach-sign", sums);
    gpg(
            "--faked-system-time",
            "20300101T000000!",
            "--quick-generate-key",
            "F <f@example.org>",
            "ed25519",
            "sign",
            "1d")
        .succeeds();
    assertThat(keyring().verifyDetached("S", SUMS, good).signer()).isEqualTo("P <p@example.org>");
    byte[] both = Arrays.copyOf(weak, weak.length + good.length);
    System.arraycopy(good, 0, both, weak.length, good.length);
    assertThat(keyring().verifyDetached("S", SUMS, both).signer()).startsWith("P");
  }

  @Test
  void whatIsNoKeyOrSignature() throws IOException {
    makeKey("P <p@example.org>", "ed25519", "sign");
    OpenPgp keys = keyring();
    byte[] signature = made("sig", "--detach-sign", sums);
    Random random = new Random(11);
    for (int i = 0; i < 300; i++) {
      byte[] broken = signature.clone();
      broken[random.nextInt(broken.length)] ^= (byte) (1 << random.nextInt(8));
      if (random.nextBoolean()) {
        broken = Arrays.copyOf(broken, random.nextInt(broken.length));
      }
      byte[] tried = broken;
      try {
        Signed same = keys.verifyDetached("S", SUMS, tried); // what is not signed was changed
        assertThat(same.fingerprint()).isEqualTo(fingerprint("p@example.org"));
      } catch (OperationException refused) {
        assertThat(refused.kind()).isEqualTo(OperationException.Kind.CORRUPT);
      }
    }
    byte[] ring = Files.readAllBytes(dir.resolve("keyring"));
    for (int i = 0; i < 300; i++) {
      byte[] broken = ring.clone();
      broken[random.nextInt(broken.length)] ^= (byte) (1 << random.nextInt(8));
      try {
        OpenPgp.of("k", broken).verifyDetached("S", SUMS, signature);
      } catch (OperationException refused) {
        assertThat(refused.kind()).isEqualTo(OperationException.Kind.CORRUPT);
      }
    }
    for (String none : List.of("", "hello", "-----BEGIN PGP SIGNED MESSAGE-----\n\nx\n")) {
      byte[] bytes = none.getBytes(StandardCharsets.UTF_8);
      assertThatThrownBy(() -> OpenPgp.of("k", bytes)).isInstanceOf(OperationException.class);
      assertThatThrownBy(() -> keys.verifyDetached("S", SUMS, bytes))
          .isInstanceOf(OperationException.class);
      assertThatThrownBy(() -> keys.verifyCleartext("S", bytes))
          .isInstanceOf(OperationException.class);
    }
    assertThatThrownBy(() -> OpenPgp.of("k", Files.readAllBytes(dir.resolve("gnupg/pubring.kbx"))))
        .hasMessageContaining("keybox");
  }
}
