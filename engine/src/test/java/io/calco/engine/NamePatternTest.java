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

  @Test
  void wildNamesAreThoseThatAreThere() {
    List<String> there = List.of("aula-01", "aula-02", "aula.3", "web");
    assertThat(NamePattern.select(List.of("web", "aula-*"), there))
        .containsExactly("web", "aula-01", "aula-02");
    assertThat(NamePattern.select(List.of("aula.?", "none"), there))
        .containsExactly("aula.3", "none");
    assertThat(NamePattern.select(List.of("*"), there)).isEqualTo(there);
    assertThat(NamePattern.select(List.of("web", "w*"), there)).containsExactly("web");
    assertThat(there)
        .filteredOn(NamePattern.matching("aula-*"))
        .containsExactly("aula-01", "aula-02");
    assertThat(NamePattern.matching("a{b,c?}|x").test("cz|x")).isFalse();
    assertThat(NamePattern.matching("a{b,c?}|x").test("acz|x")).isTrue();
    assertThatThrownBy(() -> NamePattern.select(List.of("aulax*"), there))
        .hasMessage("there is none named as aulax*");
    assertThatThrownBy(() -> NamePattern.select(List.of("web", "web"), there))
        .hasMessageContaining("twice");
  }

  @Test
  void addressesGoPairwise() {
    assertThat(NamePattern.pairwise("ens3=192.0.2.{9..11}/24,2001:db8::{a,b,c}/64", 3))
        .containsExactly(
            "ens3=192.0.2.9/24,2001:db8::a/64",
            "ens3=192.0.2.10/24,2001:db8::b/64",
            "ens3=192.0.2.11/24,2001:db8::c/64");
    assertThat(NamePattern.pairwise("ens3=dhcp", 2)).containsExactly("ens3=dhcp", "ens3=dhcp");
    assertThatThrownBy(() -> NamePattern.pairwise("{1..3}", 2))
        .isInstanceOf(OperationException.class)
        .hasMessageContaining("3 values for 2 machines");
  }
}
