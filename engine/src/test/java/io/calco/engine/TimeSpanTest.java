package io.calco.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.engine.OperationException.Kind;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Lengths of time that people write.
class TimeSpanTest {
  @ParameterizedTest
  @CsvSource({
    "90s, PT90S",
    "30m, PT30M",
    "12h, PT12H",
    "30d, PT720H",
    "0s, PT0S",
    "999999d, P999999D"
  })
  void aNumberAndItsUnit(String text, Duration time) {
    assertThat(TimeSpan.find(text)).contains(time);
    assertThat(TimeSpan.parse(text)).isEqualTo(time);
  }

  @Test
  void aNumberAloneIsSecondsOnlyToACommand() {
    assertThat(TimeSpan.parse("5")).isEqualTo(Duration.ofSeconds(5));
    assertThat(TimeSpan.find("5")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "s", "-1s", "1.5h", "1000000s", "1000000", "5 m", "5M", "PT5M", "1h30m", "٣s"})
  void nothingElse(String text) {
    assertThat(TimeSpan.find(text)).isEmpty();
    assertThatThrownBy(() -> TimeSpan.parse(text))
        .isInstanceOfSatisfying(
            OperationException.class, e -> assertThat(e.kind()).isEqualTo(Kind.USAGE))
        .hasMessageContaining("\"" + text + "\" is no length of time");
  }
}
