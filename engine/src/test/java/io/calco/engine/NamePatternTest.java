package io.calco.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class NamePatternTest {
  @Test
  void plainNamesStayAsTheyAre() {
    assertThat(NamePattern.expand(List.of("web1", "web2"))).containsExactly("web1", "web2");
  }

  @Test
  void rangesKeepTheirWidth() {
    List<String> names = NamePattern.expand(List.of("aula-{01..30}"));
    assertThat(names).hasSize(30).startsWith("aula-01", "aula-02").endsWith("aula-30");
    assertThat(NamePattern.expand(List.of("n{9..11}"))).containsExactly("n9", "n10", "n11");
  }

  @Test
  void bracesMultiplyFromTheLeft() {
    assertThat(NamePattern.expand(List.of("{a,b}{1..2}x")))
        .containsExactly("a1x", "a2x", "b1x", "b2x");
  }

  @Test
  void whatCannotBeMeantIsRefused() {
    assertThatThrownBy(() -> NamePattern.expand(List.of("a", "a"))).hasMessageContaining("twice");
    assertThatThrownBy(() -> NamePattern.expand(List.of("a{5..1}"))).hasMessageContaining("range");
    assertThatThrownBy(() -> NamePattern.expand(List.of("a{1..999999999}")))
        .isInstanceOf(OperationException.class);
    assertThatThrownBy(() -> NamePattern.expand(List.of("{1..500}{1..500}")))
        .isInstanceOf(OperationException.class);
  }
}
