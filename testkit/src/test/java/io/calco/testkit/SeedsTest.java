package io.calco.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SeedsTest {
  @Test
  void runsWithTheSameSeedsUnlessAskedForFreshOnes() {
    assertThat(numbers()).isEqualTo(numbers());
  }

  private static List<Long> numbers() {
    List<Long> numbers = new ArrayList<>();
    Seeds.run(3, random -> numbers.add(random.nextLong()));
    return System.getProperty("calco.seed", "").equals("fresh") ? List.of() : numbers;
  }

  @Test
  void runsWithAnotherSeedEachTime() {
    Set<Long> firsts = new HashSet<>();
    int[] runs = {0};

    Seeds.run(
        20,
        random -> {
          runs[0]++;
          firsts.add(random.nextLong());
        });

    assertThat(firsts).hasSize(runs[0]); // one run where -Dcalco.seed asks for one
  }

  @Test
  void namesTheSeedThatFails() {
    long[] first = {0};

    assertThatThrownBy(() ->
            Seeds.run(
                5,
                random -> {
                  first[0] = random.nextLong();
                  throw new IllegalStateException("boom");
                }))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("boom")
        .hasRootCauseInstanceOf(IllegalStateException.class)
        .satisfies(failure -> {
          String seed =
              String.valueOf(failure.getMessage())
                  .replaceAll("(?s).*-Dcalco.seed=(0x[0-9a-f]+).*", "$1");
          assertThat(new Random(Long.decode(seed)).nextLong()).isEqualTo(first[0]);
        });
  }
}
