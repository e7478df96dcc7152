package io.calco.guest.sshkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.testkit.Oracle;
import io.calco.testkit.Seeds;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SshHostKeyTest {
  @TempDir Path directory;

  private static IdentitySeed seed(String text) {
    return IdentitySeed.of(text.getBytes(StandardCharsets.UTF_8), "web1");
  }

  @ParameterizedTest
  @EnumSource(HostKeyType.class)
  void sshKeygenReadsWhatWeWrite(HostKeyType type) throws Exception {
    Oracle keygen = Oracle.named("ssh-keygen");
    SshHostKey key = SshHostKey.of(type, IdentitySeed.fresh(), "root@web1");
    Path file = write(key);
    assertThat(keygen.run("-lf", file).succeeds().out())
        .isEqualTo("%d %s root@web1 (%s)\n".formatted(type.bits(), key.fingerprint(), type.name()));
    assertThat(keygen.run("-yf", file).succeeds().out().strip()).isEqualTo(key.publicLine());
    // The comment and the padding are only right when the private part can be written again.
    keygen.run("-p", "-P", "", "-N", "secret", "-f", file).succeeds();
    assertThat(keygen.run("-y", "-P", "secret", "-f", file).succeeds().out().strip())
        .isEqualTo(key.publicLine());
  }

  @ParameterizedTest
  @EnumSource(HostKeyType.class)
  void itsSignaturesVerify(HostKeyType type) throws Exception {
    Oracle keygen = Oracle.named("ssh-keygen");
    SshHostKey key = SshHostKey.of(type, IdentitySeed.fresh(), "root@web1");
    Path file = write(key);
    Path text = Files.writeString(directory.resolve("text"), "signed");
    keygen.run("-Y", "sign", "-n", "file", "-f", file, text).succeeds();
    Path signature = directory.resolve("text.sig");
    assertThat(
            keygen
                .run("-Y", "find-principals", "-s", signature, "-f", allowed(key))
                .succeeds()
                .out())
        .isEqualTo("me\n");
  }

  private Path allowed(SshHostKey key) throws Exception {
    return Files.writeString(directory.resolve("allowed"), "me " + key.publicKey() + "\n");
  }

  private Path write(SshHostKey key) throws Exception {
    Path file = directory.resolve("key");
    Files.write(file, key.privateFile().bytes());
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file;
  }

  /// RFC 8032, section 7.1.
  @ParameterizedTest
  @CsvSource({
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60,"
        + "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb,"
        + "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7,"
        + "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    "f5e5767cf153319517630f226876b86c8160cc583bc013744c6bf255f5cc0ee5,"
        + "278117fc144c72340f67d0f2316e8386ceffbf2b2428c9c51fef7c597f1d426e",
    "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42,"
        + "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf"
  })
  void ed25519IsTheStandards(String secret, String open) {
    byte[] key = Ed25519.publicKey(HexFormat.of().parseHex(secret));
    assertThat(HexFormat.of().formatHex(key)).isEqualTo(open);
  }

  @Test
  void p256AgreesWithTheJdk() throws Exception {
    Seeds.run(
        20,
        random -> {
          KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
          generator.initialize(new ECGenParameterSpec("secp256r1"));
          var pair = generator.generateKeyPair();
          var point = ((ECPublicKey) pair.getPublic()).getW();
          byte[] ours = P256.publicKey(((ECPrivateKey) pair.getPrivate()).getS());
          assertThat(new BigInteger(1, ours, 1, 32)).isEqualTo(point.getAffineX());
          assertThat(new BigInteger(1, ours, 33, 32)).isEqualTo(point.getAffineY());
        });
  }

  @Test
  void p256MultipliesByOneTwoAndTheLast() {
    String g = "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";
    assertThat(hex(1)).startsWith(g);
    assertThat(hex(2))
        .startsWith("047cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc47669978");
    BigInteger last =
        new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550", 16);
    assertThat(HexFormat.of().formatHex(P256.publicKey(last))).startsWith(g);
  }

  private static String hex(long scalar) {
    return HexFormat.of().formatHex(P256.publicKey(BigInteger.valueOf(scalar)));
  }

  /// Computed once; a change here changes the identity of every clone made from a seed.
  @Test
  void theSameSeedGivesTheSameIdentityForEver() {
    IdentitySeed seed = seed("0123456789abcdef");
    List<String> fingerprints =
        Arrays.stream(HostKeyType.values())
            .map(type -> SshHostKey.of(type, seed, "root@web1").fingerprint())
            .toList();
    assertThat(fingerprints)
        .containsExactly(
            "SHA256:AS5hohyq/lyZgl7Ieo+vY7Q6v6zARzp2l0hNUGH9YzU",
            "SHA256:S/7+OqfMSDgBo0RY3NK+Wa44dOpdogpOosS7IoR7J3Q",
            "SHA256:kgoszMG4n6K2Ic38Cn7htgpHdZnul+htpdwFWiLm4wI");
    assertThat(seed.machineId()).isEqualTo("a029f2c33abf4e169cc5d7cceeda7568");
  }

  @Test
  void clonesAndPurposesDiffer() {
    IdentitySeed one = IdentitySeed.of("0123456789abcdef".getBytes(StandardCharsets.UTF_8), "a");
    IdentitySeed two = IdentitySeed.of("0123456789abcdef".getBytes(StandardCharsets.UTF_8), "b");
    assertThat(one.machineId()).isNotEqualTo(two.machineId()).matches("[0-9a-f]{12}4.{19}");
    assertThat(one.derive("x", 32)).isNotEqualTo(one.derive("y", 32));
    assertThat(IdentitySeed.fresh().machineId()).isNotEqualTo(IdentitySeed.fresh().machineId());
    assertThatThrownBy(() -> IdentitySeed.of(new byte[15], "a"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void secretsAreNotPrinted() {
    SshHostKey key = SshHostKey.of(HostKeyType.ED25519, seed("0123456789abcdef"), "root@web1");
    assertThat(key.toString()).doesNotContain("PRIVATE");
  }
}
