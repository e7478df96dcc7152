package io.calco.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SizeChangeTest {
  @ParameterizedTest
  @CsvSource({
    "512,512",
    "1k,1024",
    "20G,21474836480",
    "20GiB,21474836480",
    "1.5M,1572864",
    "0,0",
    "2T,2199023255552"
  })
  void unitsArePowersOf1024(String text, long bytes) {
    assertThat(SizeChange.parseBytes(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "G", "20X", "1e3", "-", "99999999999G", "20 G", "0x10"})
  void whatIsNoSizeIsRefused(String text) {
    assertThatThrownBy(() -> SizeChange.parse(text)).isInstanceOf(OperationException.class);
  }

  @Test
  void signsAreRelative() {
    assertThat(SizeChange.parse("+1k").from(1000)).isEqualTo(2024);
    assertThat(SizeChange.parse("-1k").from(2024)).isEqualTo(1000);
    assertThatThrownBy(() -> SizeChange.parse("-1k").from(1000))
        .isInstanceOf(OperationException.class);
    assertThatThrownBy(() -> SizeChange.parseBytes("+1k")).isInstanceOf(OperationException.class);
  }
}
