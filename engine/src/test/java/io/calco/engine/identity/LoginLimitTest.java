package io.calco.engine.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LoginLimitTest {
  private Instant now = Instant.parse("2026-11-21T10:00:00Z");
  private final LoginLimit limit = new LoginLimit(() -> now);

  private boolean allowed(String name, String address) {
    return limit.take(name, address).isEmpty();
  }

  @Test
  void guessingIsSlow() {
    for (int i = 0; i < 10; i++) {
      assertThat(allowed("ana", "a")).isTrue();
    }
    assertThat(limit.take("ana", "a")).hasValue(Duration.ofSeconds(6));
    assertThat(allowed("ana", "b")).as("a stranger does not lock the user out").isTrue();
    assertThat(allowed("leo", "a")).as("nor all who share an address").isTrue();
    now = now.plusSeconds(4);
    assertThat(limit.take("ana", "a")).hasValue(Duration.ofSeconds(2));
    now = now.plusSeconds(2);
    assertThat(allowed("ana", "a")).isTrue();
    assertThat(allowed("ana", "a")).isFalse();
  }

  @Test
  void guessingFromManyAddressesIsSlowToo() {
    int allowed = 0;
    for (int i = 0; i < 500; i++) {
      allowed += allowed("ana", "address " + i) ? 1 : 0;
    }
    assertThat(allowed).isEqualTo(100);
  }

  @Test
  void oneAddressDoesNotTryEverybody() {
    int allowed = 0;
    for (int i = 0; i < 500; i++) {
      allowed += allowed("user " + i, "a") ? 1 : 0;
    }
    assertThat(allowed).isEqualTo(100);
  }

  @Test
  void rightOnesAreNotCounted() {
    for (int i = 0; i < 1000; i++) {
      assertThat(limit.take("ana", "a")).isEqualTo(Optional.empty());
      limit.giveBack("ana", "a");
    }
  }

  @Test
  void aClockThatGoesBackGivesNothing() {
    for (int i = 0; i < 10; i++) {
      allowed("ana", "a");
    }
    now = now.minusSeconds(3600);
    assertThat(allowed("ana", "a")).isFalse();
    now = now.plusSeconds(3);
    assertThat(allowed("ana", "a")).isFalse();
  }
}
