package io.calco.server.web.machine;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.engine.host.ConsoleKind;
import io.calco.engine.host.ConsoleKind.Claim;
import io.calco.server.web.machine.ConsoleTickets.Ticket;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// Tickets on a clock that is moved by hand.
class ConsoleTicketsTest {
  private static final Ticket ANAS = new Ticket("ana", "vm", ConsoleKind.SERIAL, Claim.FREE);

  private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 1); // it wraps amid the test
  private final ConsoleTickets tickets = new ConsoleTickets(clock::get);

  @Test
  void eachServesOnce() {
    String first = tickets.give(ANAS);
    String second = tickets.give(ANAS);
    assertThat(first).isNotEqualTo(second).matches("[A-Za-z0-9_-]{43}");
    assertThat(tickets.take(first)).contains(ANAS);
    assertThat(tickets.take(first)).isEmpty();
    assertThat(tickets.take(second)).contains(ANAS);
    assertThat(tickets.take("")).isEmpty();
  }

  @Test
  void andSoon() {
    String used = tickets.give(ANAS);
    String late = tickets.give(ANAS);
    clock.addAndGet(ConsoleTickets.LASTS.toNanos());
    assertThat(tickets.take(used)).contains(ANAS);
    clock.addAndGet(1);
    assertThat(tickets.take(late)).isEmpty();
  }

  @Test
  void forWhatItWasGiven() {
    assertThat(ANAS.isFor("ana", "vm", ConsoleKind.SERIAL)).isTrue();
    assertThat(ANAS.isFor("eva", "vm", ConsoleKind.SERIAL)).isFalse();
    assertThat(ANAS.isFor("ana", "vm2", ConsoleKind.SERIAL)).isFalse();
    assertThat(ANAS.isFor("ana", "vm", ConsoleKind.SCREEN)).isFalse();
  }

  @Test
  void whoeverAsksForManyLosesTheOldest() {
    String first = tickets.give(ANAS);
    String second = tickets.give(ANAS);
    for (int i = 0; i < 999; i++) {
      tickets.give(ANAS);
    }
    assertThat(tickets.take(first)).isEmpty();
    assertThat(tickets.take(second)).contains(ANAS);
  }
}
