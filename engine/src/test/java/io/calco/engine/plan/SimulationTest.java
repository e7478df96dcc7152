package io.calco.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.engine.plan.PlanRepository.Filling;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimulationTest {
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

  private static Simulation of(String schedule, Keep keep, int days) {
    Plan plan =
        PlanFixtures.plan(
            schedule, List.of("/dev/sda"), PlanFixtures.repository("/near", Filling.BACKUP, keep));
    return Simulation.of(plan, "/dev/sda", plan.repositories().getFirst(), List.of(), NOW, days);
  }

  @Test
  void saysWhatWillBeThereAndWhy() {
    Simulation simulation = of("daily at 02:30", new Keep(0, 0, 3, 2, 0, 0, List.of()), 10);
    assertThat(simulation.points()).hasSize(10);
    assertThat(simulation.points().stream().filter(Simulation.Point::kept))
        .extracting(point -> point.at().toString().substring(5, 10) + " " + point.reasons())
        .containsExactly(
            "11-29 [weekly]", "11-30 [daily]", "12-01 [daily]", "12-02 [daily, weekly]");
    Simulation.Point gone = simulation.points().getFirst();
    assertThat(gone.at()).isEqualTo("2026-11-23T02:30:00Z");
    assertThat(gone.forgotten()).contains(Instant.parse("2026-11-26T02:30:00Z"));
  }

  @Test
  void allIsKeptWithoutARule() {
    assertThat(of("every 12h", Keep.all(), 3).points())
        .hasSize(6)
        .allMatch(point -> point.reasons().equals(List.of("all")));
  }

  @Test
  void isBounded() {
    assertThat(of("by hand", Keep.all(), 3660).points()).isEmpty();
    assertThatThrownBy(() -> of("every 1m", PlanFixtures.last(1), 3660))
        .hasMessageContaining("too many to foretell");
    assertThatThrownBy(() -> of("by hand", Keep.all(), 3661)).hasMessage("the days are 0 to 3660");
    assertThatThrownBy(() -> of("by hand", Keep.all(), -1)).hasMessage("the days are 0 to 3660");
  }
}
