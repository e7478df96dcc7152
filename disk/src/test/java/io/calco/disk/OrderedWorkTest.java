package io.calco.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class OrderedWorkTest {
  private static final int PIECES = 500;

  /// Where a station fails, at piece 200.
  enum Failing {
    NOWHERE,
    TAKE,
    PREPARE,
    FINISH
  }

  private final AtomicInteger taken = new AtomicInteger();
  private final AtomicInteger taking = new AtomicInteger();
  private final AtomicInteger finishing = new AtomicInteger();
  private final AtomicInteger open = new AtomicInteger();
  private final List<Integer> finished = Collections.synchronizedList(new ArrayList<>());
  private final List<String> wrong = Collections.synchronizedList(new ArrayList<>());

  private final class Station implements OrderedWork.Station {
    private final Failing failing;
    private int piece;
    private int square;

    Station(Failing failing) {
      this.failing = failing;
      open.incrementAndGet();
    }

    @Override
    public boolean take() throws IOException {
      alone(taking, "taking");
      piece = taken.getAndIncrement();
      fail(Failing.TAKE);
      taking.decrementAndGet();
      return piece < PIECES;
    }

    @Override
    public void prepare() throws IOException {
      fail(Failing.PREPARE);
      square = piece * piece;
      if (piece % 7 == 0) {
        LockSupport.parkNanos(1_000); // lets others by
      }
    }

    @Override
    public void finish() throws IOException {
      alone(finishing, "finishing");
      fail(Failing.FINISH);
      if (square != piece * piece) {
        wrong.add("piece " + piece + " finished before it was prepared");
      }
      finished.add(piece);
      finishing.decrementAndGet();
    }

    private void alone(AtomicInteger count, String what) {
      if (count.incrementAndGet() > 1) {
        wrong.add("two are " + what);
      }
    }

    private void fail(Failing now) throws IOException {
      if (failing == now && piece == 200) {
        throw new IOException("piece 200");
      }
    }

    @Override
    public void close() {
      open.decrementAndGet();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void finishesEverythingInOrder(int threads) throws IOException {
    OrderedWork.run(threads, () -> new Station(Failing.NOWHERE));
    assertThat(finished).isEqualTo(IntStream.range(0, PIECES).boxed().toList());
    assertThat(wrong).isEmpty();
    assertThat(open).hasValue(0);
  }

  @ParameterizedTest
  @CsvSource({"1,TAKE", "1,PREPARE", "1,FINISH", "3,TAKE", "3,PREPARE", "3,FINISH"})
  void stopsAtTheFirstFailure(int threads, Failing failing) {
    assertThatThrownBy(() -> OrderedWork.run(threads, () -> new Station(failing)))
        .isInstanceOf(IOException.class)
        .hasMessage("piece 200");
    assertThat(finished).isEqualTo(IntStream.range(0, finished.size()).boxed().toList());
    assertThat(finished.size()).isLessThanOrEqualTo(200);
    assertThat(wrong).isEmpty();
    assertThat(open).hasValue(0);
  }
}
