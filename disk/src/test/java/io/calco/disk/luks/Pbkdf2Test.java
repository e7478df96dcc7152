package io.calco.disk.luks;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// Known answers: RFC 6070, RFC 7914, and an empty password by Python's hashlib.
class Pbkdf2Test {
  private static String derive(
      LuksHash hash, String password, String salt, int rounds, int length) {
    return HexFormat.of()
        .formatHex(
            Pbkdf2.derive(
                hash,
                password.getBytes(StandardCharsets.US_ASCII),
                salt.getBytes(StandardCharsets.US_ASCII),
                rounds,
                length));
  }

  @Test
  void derivesWhatTheStandardsSay() {
    assertThat(derive(LuksHash.SHA1, "password", "salt", 2, 20))
        .isEqualTo("ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957");
    assertThat(derive(LuksHash.SHA1, "pass\0word", "sa\0lt", 4096, 16))
        .isEqualTo("56fa6aa75548099dcc37d7f03425e0c3");
    assertThat(derive(LuksHash.SHA256, "passwd", "salt", 1, 64))
        .isEqualTo(
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
                + "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
    assertThat(derive(LuksHash.SHA512, "", "salt", 3, 100))
        .isEqualTo(
            "35728858479af699c1690e989eba0d104c6c9d7ff67373a48e4f87e90cb55af7"
                + "71ac93458ee4ba4ac24f1e927bc4aba5bfed6aa82a752ad40403fbfd9575a46c"
                + "ac3cb73c1f1e395b2fec2c54b0a2bc7f4f3ddddeb2571d69ce74214189cf7645f38193a3");
  }

  @Test
  void measuresRoundsWithinBounds() {
    int few = Pbkdf2.roundsFor(LuksHash.SHA256, 64, Duration.ofMillis(1));
    int more = Pbkdf2.roundsFor(LuksHash.SHA256, 64, Duration.ofMinutes(1));
    assertThat(few).isBetween(Pbkdf2.ROUNDS_MIN, Pbkdf2.ROUNDS_MAX);
    assertThat(more).isBetween(few, Pbkdf2.ROUNDS_MAX);
  }
}
