package io.calco.engine.plan;

import io.calco.catalog.plan.ReadingEntry;
import io.calco.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Which slices of a repository are to be read now, so that all are within so many days. Pure.
///
/// @param first the first
/// @param count how many; 0 for none
record ReadingShare(int first, int count) {

  /// What is due.
  ///
  /// @param known how far it has been read; empty for not at all
  static ReadingShare due(Optional<ReadingEntry> known, int days, Instant now) {
    long perSlice = Math.max(1, Duration.ofDays(days).toSeconds() / Store.SLICES);
    if (known.isEmpty()) {
      return new ReadingShare(0, (int) Math.ceilDiv((long) Store.SLICES, (long) days));
    }
    Instant last = known.get().sliceReadAt();
    // After the clock was set back nothing is known of how long it was: one slice, to go on from.
    long elapsed = last.isAfter(now) ? perSlice : Duration.between(last, now).toSeconds();
    long count = elapsed < perSlice ? 0 : Math.ceilDiv(elapsed, perSlice);
    return new ReadingShare(
        Math.floorMod(known.get().slice(), Store.SLICES), (int) Math.min(Store.SLICES, count));
  }

  /// What is known when it has been read.
  ReadingEntry read(String plan, String repository, Optional<ReadingEntry> known, Instant now) {
    Instant begun = known.map(ReadingEntry::cycleBegunAt).orElse(now);
    boolean ends = first + count >= Store.SLICES;
    return new ReadingEntry(
        plan,
        repository,
        (first + count) % Store.SLICES,
        ends ? now : begun,
        now,
        count == Store.SLICES
            ? Optional.of(now)
            : ends ? Optional.of(begun) : known.flatMap(ReadingEntry::readAt));
  }
}
