package io.calco.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

class OracleTest {
  private final Oracle sh = Oracle.named("sh");

  @Test
  void reportsExitCodeAndBothStreams() {
    Oracle.Run run = sh.run("-c", "echo out; echo err >&2; exit 3");

    assertThat(run.exit()).isEqualTo(3);
    assertThat(run.out()).isEqualTo("out\n");
    assertThat(run.err()).isEqualTo("err\n");
    run.exits(2, 3).says("out").says("err");
  }

  @Test
  void saysWhatTheProgramSaidWhenAnExpectationFails() {
    Oracle.Run run = sh.run("-c", "echo broken refcount >&2; exit 2");

    assertThatThrownBy(run::succeeds)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("exit code: 2")
        .hasMessageContaining("broken refcount");
    assertThatThrownBy(() -> run.says("fine")).isInstanceOf(AssertionError.class);
  }

  @Test
  void doesNotStallOnMuchOutputOrOnItsInput() {
    Oracle.Run run = sh.run(Map.of("N", "200000"), "-c", "cat; head -c $N /dev/zero | tr '\\0' x");

    assertThat(run.succeeds().out()).hasSize(200_000);
  }

  @Test
  void skipsWithAWordWhereAToolIsMissingAndFailsInCi() {
    boolean ci = "true".equals(System.getenv("CI"));

    assertThatThrownBy(() -> Oracle.named("no-such-tool"))
        .isInstanceOf(ci ? AssertionError.class : TestAbortedException.class)
        .hasMessageContaining("no-such-tool is not installed");
  }
}
