package io.calco.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Seeds;
import java.util.BitSet;
import org.junit.jupiter.api.Test;

/// Runs against a set of bits.
class RunsTest {
  private static final int SIZE = 400;

  @Test
  void areWhatWasAdded() {
    Seeds.run(
        300,
        random -> {
          Runs.Builder builder = new Runs.Builder();
          BitSet model = new BitSet();
          for (int i = random.nextInt(30); i > 0; i--) {
            int start = random.nextInt(SIZE);
            int end = start + random.nextInt(20);
            builder.add(start, end);
            model.set(start, end);
          }
          Runs runs = builder.build();
          assertThat(runs.bytes()).isEqualTo(model.cardinality());
          for (int at = 0; at < SIZE + 30; at++) {
            assertThat(runs.contains(at)).isEqualTo(model.get(at));
            int end = model.get(at) ? model.nextClearBit(at) : model.nextSetBit(at);
            assertThat(runs.endAt(at)).isEqualTo(end < 0 ? Long.MAX_VALUE : end);
            int length = random.nextInt(50);
            assertThat(runs.bytesIn(at, length))
                .isEqualTo(model.get(at, at + length).cardinality());
          }
        });
  }

  /// A file system that says that every second block is free takes no more memory than any other.
  @Test
  void forgetTheShortestWhenThereAreTooMany() throws java.io.IOException {
    Runs.Builder builder = new Runs.Builder(100);
    for (int i = 0; i < 10_000; i++) {
      long start = i * 1000L;
      builder.add(start, start + (i % 400 == 0 ? 900 : 10));
    }
    Runs runs = builder.build();
    assertThat(runs.count()).isBetween(25, 99);
    runs.forEach((start, end) -> assertThat(start % 1000).isZero());
  }
}
