package io.calco.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NbdAddressTest {
  @ParameterizedTest
  @CsvSource({
    "nbd://localhost, nbd://localhost:10809/",
    "nbd://[::1]:1/a%20b, nbd://[::1]:1/a%20b",
    "nbds://h/x?tls-certificates=/etc/pki, nbds://h:10809/x?tls-certificates=/etc/pki",
    "nbd+unix:///?socket=/run/a.sock, nbd+unix:///?socket=/run/a.sock",
    "nbd+unix:///name?socket=/run/a+b%20c, nbd+unix:///name?socket=/run/a%2Bb%20c",
    "nbds+unix:///%D1%8F?socket=s, nbds+unix:///%D1%8F?socket=s",
  })
  void reads(String text, String whole) {
    assertThat(NbdAddress.parse(text)).hasToString(whole);
    assertThat(NbdAddress.parse(whole)).isEqualTo(NbdAddress.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nbd:///x",
        "nbd+unix:///x",
        "http://h/",
        "nbd://h/?socket=/x",
        "nbd://h/?junk",
        "nbd://h h/"
      })
  void refuses(String text) {
    assertThatThrownBy(() -> NbdAddress.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void tellsAddressesFromFiles() {
    assertThat(NbdAddress.isAddress("nbd:/host/x")).isTrue();
    assertThat(NbdAddress.isAddress("nbds+unix:///?socket=/x")).isTrue();
    assertThat(NbdAddress.isAddress("./nbd:/host/x")).isFalse();
    assertThat(NbdAddress.isAddress("/nbd:/host")).isFalse();
    assertThat(NbdAddress.isAddress("nbd.raw")).isFalse();
  }
}
