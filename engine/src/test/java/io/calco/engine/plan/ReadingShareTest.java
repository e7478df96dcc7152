package io.calco.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.catalog.plan.ReadingEntry;
import io.calco.testkit.Seeds;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReadingShareTest {
  private static final Instant BEGIN = Instant.parse("2026-11-22T02:30:00Z");

  @Test
  void allIsReadWithinTheDays() {
    Seeds.run(
        50,
        random -> {
          int days = 1 + random.nextInt(90);
          Instant now = BEGIN;
          Optional<ReadingEntry> known = Optional.empty();
          Instant[] read = new Instant[256];
          Arrays.fill(read, BEGIN);
          Duration longest = Duration.ofMinutes(1);
          long slices = 0;
          while (now.isBefore(BEGIN.plus(Duration.ofDays(4L * days)))) {
            ReadingShare share = ReadingShare.due(known, days, now);
            slices += share.count();
            for (int i = 0; i < share.count(); i++) {
              read[(share.first() + i) % 256] = now;
            }
            if (share.count() > 0) {
              known = Optional.of(share.read("p", "r", known, now));
            }
            Duration step = Duration.ofMinutes(1 + random.nextInt(60 * 36));
            longest = step.compareTo(longest) > 0 ? step : longest;
            now = now.plus(step);
            Instant oldest = Arrays.stream(read).min(Instant::compareTo).orElseThrow();
            // What a run that comes late leaves is for the next.
            assertThat(Duration.between(oldest, now))
                .isLessThan(Duration.ofDays(days).plus(longest.multipliedBy(2)));
            known
                .flatMap(ReadingEntry::readAt)
                .ifPresent(readAt -> assertThat(readAt).isBeforeOrEqualTo(oldest));
          }
          assertThat(known.orElseThrow().readAt()).isPresent();
          assertThat(slices).isGreaterThanOrEqualTo(3 * 256);
        });
  }

  @Test
  void nothingIsReadTwiceInAShortTime() {
    ReadingEntry known = new ReadingEntry("p", "r", 9, BEGIN, BEGIN, Optional.empty());
    assertThat(ReadingShare.due(Optional.of(known), 30, BEGIN.plusSeconds(60)).count()).isZero();
  }

  @Test
  void afterTheClockWasSetBackItGoesOn() {
    ReadingEntry known = new ReadingEntry("p", "r", 255, BEGIN, BEGIN, Optional.empty());
    ReadingShare share = ReadingShare.due(Optional.of(known), 30, BEGIN.minusSeconds(86_400));
    assertThat(share).isEqualTo(new ReadingShare(255, 1));
    ReadingEntry read = share.read("p", "r", Optional.of(known), BEGIN.minusSeconds(86_400));
    assertThat(read.slice()).isZero();
    assertThat(read.readAt()).contains(BEGIN);
  }

  @Test
  void afterALongTimeAllIsRead() {
    ReadingEntry known = new ReadingEntry("p", "r", 77, BEGIN, BEGIN, Optional.empty());
    Instant now = BEGIN.plus(Duration.ofDays(400));
    ReadingShare share = ReadingShare.due(Optional.of(known), 30, now);
    assertThat(share).isEqualTo(new ReadingShare(77, 256));
    assertThat(share.read("p", "r", Optional.of(known), now).readAt()).contains(now);
  }
}
