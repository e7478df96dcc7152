package io.calco.engine.identity;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/// How often a login may be wrong. Each one takes a place in three buckets, and gives them back if
/// it was right: of who it claims to be at that address, so that guessing is slow; of who it claims
/// to be anywhere, wider, so that guessing from many addresses is slow too and a stranger does not
/// lock a user out at once; and of the address. A bucket fills again with time.
///
/// Thread rule: safe for several threads.
final class LoginLimit {
  /// How many buckets are remembered; those that were touched last.
  private static final int BUCKETS_MAX = 30_000;

  private static final Rule TOGETHER = new Rule(10, Duration.ofSeconds(6));
  private static final Rule NAME = new Rule(100, Duration.ofSeconds(1));
  private static final Rule ADDRESS = new Rule(100, Duration.ofMillis(500));

  private final InstantSource clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Bucket> buckets =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
          return size() > BUCKETS_MAX;
        }
      };

  LoginLimit(InstantSource clock) {
    this.clock = clock;
  }

  /// @param burst how many may be wrong at once
  /// @param refill after how long one more may
  private record Rule(int burst, Duration refill) {}

  /// A bucket as it was at a moment. A place is as many milliseconds as it takes to come back.
  private static final class Bucket {
    private final Rule rule;
    private long millis;
    private Instant at;

    Bucket(Rule rule, Instant now) {
      this.rule = rule;
      this.millis = full();
      this.at = now;
    }

    private long place() {
      return rule.refill().toMillis();
    }

    private long full() {
      return rule.burst() * place();
    }

    void fill(Instant now) {
      millis = Math.min(full(), millis + Math.max(0, Duration.between(at, now).toMillis()));
      at = now;
    }

    Duration untilOne() {
      return Duration.ofMillis(Math.max(0, place() - millis));
    }

    void take() {
      millis -= place();
    }

    void giveBack() {
      millis = Math.min(full(), millis + place());
    }
  }

  /// Takes the places of a login.
  ///
  /// @param name who it claims to be
  /// @param address where it comes from
  /// @return empty when it may be tried; otherwise how long to wait
  Optional<Duration> take(String name, String address) {
    lock.lock();
    try {
      List<Bucket> mine = buckets(name, address);
      Duration wait = Duration.ZERO;
      for (Bucket bucket : mine) {
        Duration until = bucket.untilOne();
        wait = until.compareTo(wait) > 0 ? until : wait;
      }
      if (wait.isPositive()) {
        return Optional.of(wait);
      }
      mine.forEach(Bucket::take);
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /// The login was right.
  void giveBack(String name, String address) {
    lock.lock();
    try {
      buckets(name, address).forEach(Bucket::giveBack);
    } finally {
      lock.unlock();
    }
  }

  private List<Bucket> buckets(String name, String address) {
    Instant now = clock.instant();
    List<Bucket> found = new ArrayList<>();
    found.add(bucket("t " + address + " " + name, TOGETHER, now));
    found.add(bucket("n " + name, NAME, now));
    found.add(bucket("a " + address, ADDRESS, now));
    return found;
  }

  private Bucket bucket(String key, Rule rule, Instant now) {
    Bucket bucket = buckets.computeIfAbsent(key, absent -> new Bucket(rule, now));
    bucket.fill(now);
    return bucket;
  }
}
