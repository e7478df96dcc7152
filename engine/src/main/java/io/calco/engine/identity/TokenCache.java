package io.calco.engine.identity;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/// What tokens mean, as long as nothing changed. All that is kept was read under one revision
/// ([io.calco.catalog.Accounts]); a newer one empties it, and what was read under an older one is
/// not taken. The tokens that were asked for last stay.
///
/// Thread rule: safe for several threads.
final class TokenCache<T> {
  private final int capacity;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Kept<T>> kept;
  private long revision;

  TokenCache(int capacity) {
    this.capacity = capacity;
    this.kept =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, Kept<T>> eldest) {
            return size() > TokenCache.this.capacity;
          }
        };
  }

  private record Kept<T>(T meaning, Instant until) {}

  /// What is kept under a key.
  ///
  /// @param newest the newest revision that is known
  Optional<T> find(String key, long newest, Instant now) {
    lock.lock();
    try {
      forgetBefore(newest);
      Kept<T> found = kept.get(key);
      if (found == null) {
        return Optional.empty();
      }
      if (!now.isBefore(found.until())) {
        kept.remove(key);
        return Optional.empty();
      }
      return Optional.of(found.meaning());
    } finally {
      lock.unlock();
    }
  }

  /// Keeps what was read.
  ///
  /// @param until when it is to be read again
  /// @param readUnder the revision that it was read under
  void keep(String key, T meaning, Instant until, long readUnder) {
    lock.lock();
    try {
      forgetBefore(readUnder);
      if (readUnder == revision) {
        kept.put(key, new Kept<>(meaning, until));
      }
    } finally {
      lock.unlock();
    }
  }

  private void forgetBefore(long newest) {
    if (newest > revision) {
      revision = newest;
      kept.clear();
    }
  }

  int size() {
    lock.lock();
    try {
      return kept.size();
    } finally {
      lock.unlock();
    }
  }
}
