package io.calco.server.http;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/// How many requests a client may make: a bucket for each address that holds a minute's worth and
/// fills with time. In IPv6 a client has a network of 64 bits to choose addresses from, so that is
/// what counts.
///
/// Thread rule: safe.
final class RequestLimit {
  /// How many clients are remembered; those that asked last.
  private static final int CLIENTS_MAX = 20_000;

  private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);
  private static final int NETWORK_BYTES = 8;

  private final long nanosEach;
  private final LongSupplier clock;
  private final ReentrantLock lock = new ReentrantLock();

  /// When each client's bucket will be full again, in nanoseconds of the clock.
  private final Map<String, Long> full =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
          return size() > CLIENTS_MAX;
        }
      };

  /// @param perMinute at least 1
  RequestLimit(int perMinute, LongSupplier clock) {
    this.nanosEach = MINUTE / perMinute;
    this.clock = clock;
  }

  /// Counts a request.
  ///
  /// @return empty when it may be answered; otherwise how long to wait
  Optional<Duration> take(String client) {
    lock.lock();
    try {
      long now = clock.getAsLong();
      Long at = full.get(client);
      long next = (at == null || at - now < 0 ? now : at) + nanosEach;
      if (next - now > MINUTE) {
        return Optional.of(Duration.ofNanos(next - now - MINUTE));
      }
      full.put(client, next);
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  /// What of an address stands for a client.
  ///
  /// @param address as text
  static String client(String address) {
    try {
      InetAddress parsed = InetAddress.ofLiteral(address);
      return parsed instanceof Inet6Address
          ? HexFormat.of().formatHex(Arrays.copyOf(parsed.getAddress(), NETWORK_BYTES))
          : address;
    } catch (IllegalArgumentException e) {
      return address;
    }
  }
}
