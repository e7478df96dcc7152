package io.calco.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NameTest {
  @ParameterizedTest
  @ValueSource(strings = {"a", "web1", "aula-01", "Debian_12.5", "0", "a..b", "x.qcow2"})
  void takesNames(String text) throws CatalogException {
    assertThat(Name.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", ".", "..", "-a", "_a", ".hidden", "a/b", "../a", "a b", "a\0", "a\nb", "ä", "a*", "a\\b"
      })
  void refusesWhatIsUnsafeAsAFileName(String text) {
    assertThatThrownBy(() -> Name.parse(text)).isInstanceOf(CatalogException.InvalidName.class);
    assertThatThrownBy(() -> new Name(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void hasALimit() throws CatalogException {
    assertThat(Name.parse("a".repeat(63)).value()).hasSize(63);
    assertThatThrownBy(() -> Name.parse("a".repeat(64)))
        .hasMessage("the name aaaaaaaaaaaaaaaaaaaa… has 64 characters, and at most 63 are allowed");
  }

  @Test
  void showsNoControlCharacters() {
    assertThatThrownBy(() -> Name.parse("a\033[31m")).hasMessageContaining("\"a\uFFFD[31m\"");
  }
}
