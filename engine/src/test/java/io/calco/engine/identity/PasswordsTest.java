package io.calco.engine.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.calco.testkit.Oracle;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Hashes of passwords, judged by the reference implementation's own program.
class PasswordsTest {
  private final Passwords passwords = new Passwords();

  @Test
  void readsWhatArgon2Wrote() {
    Oracle.named("argon2");
    for (String costs : List.of("-t 2 -k 19456 -p 1 -l 32", "-t 1 -k 64 -p 4 -l 24")) {
      String written =
          Oracle.named("sh")
              .run("-c", "printf %s 'contraseña 1' | argon2 saltsalt -id -e " + costs)
              .succeeds()
              .out()
              .strip();
      assertThat(passwords.matches(written, "contraseña 1")).as(written).isTrue();
      assertThat(passwords.matches(written, "contraseña 2")).as(written).isFalse();
    }
  }

  @Test
  void everyHashHasItsOwnSalt() {
    String hash = passwords.hash("pw");
    assertThat(hash).startsWith("$argon2id$v=19$m=19456,t=2,p=1$").hasSize(97);
    assertThat(passwords.hash("pw")).isNotEqualTo(hash);
    assertThat(passwords.matches(hash, "pw")).isTrue();
    assertThat(passwords.matches(hash, "pW")).isFalse();
    assertThat(passwords.matches(hash, "")).isFalse();
  }

  @Test
  void anythingElseIsNoHash() {
    String tail = "$c2FsdHNhbHQ$" + "A".repeat(43);
    for (String bad :
        List.of(
            "",
            "secret",
            "$argon2i$v=19$m=64,t=1,p=1" + tail,
            "$argon2id$v=19$m=4,t=1,p=1" + tail,
            "$argon2id$v=19$m=9999999,t=1,p=1" + tail,
            "$argon2id$v=19$m=64,t=999,p=1" + tail,
            "$argon2id$v=19$m=64,t=1,p=0" + tail)) {
      assertThatIllegalArgumentException()
          .as(bad)
          .isThrownBy(() -> passwords.matches(bad, "secret"));
    }
  }
}
