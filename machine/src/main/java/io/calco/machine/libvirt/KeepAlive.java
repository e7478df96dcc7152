package io.calco.machine.libvirt;

import java.io.IOException;
import java.time.Duration;

/// Asks a daemon that says nothing whether it is there, as libvirt's own clients do, and gives it
/// up when it stays silent. Who waits for an answer is not disturbed: they have their own patience,
/// and a daemon that works on many questions reads nothing else meanwhile (`max_client_requests`).
///
/// Specification: `src/rpc/virkeepaliveprotocol.x`; empty messages, whose serial number is 0.
final class KeepAlive {
  static final int PROGRAM = 0x6b656570; // "keep"
  static final int VERSION = 1;

  /// Of silence, after which it is asked: as libvirt's own clients have it.
  static final Duration INTERVAL = Duration.ofSeconds(5);

  /// How often it is asked in vain.
  private static final int TIMES = 4;

  /// What is said.
  enum Signal {
    PING(1),
    PONG(2);

    private final int number;

    Signal(int number) {
      this.number = number;
    }

    int number() {
      return number;
    }
  }

  private final Wire wire;
  private final Duration interval;

  private KeepAlive(Wire wire, Duration interval) {
    this.wire = wire;
    this.interval = interval;
  }

  /// From now on, until the connection ends.
  static void start(Wire wire, Duration interval) {
    Thread.ofVirtual().name("libvirt-keepalive").start(new KeepAlive(wire, interval)::run);
  }

  private void run() {
    long heard = -1;
    int asked = 0;
    try {
      while (wire.alive()) {
        long now = wire.heard();
        if (now != heard || wire.asked()) {
          heard = now;
          asked = 0;
        } else if (asked < TIMES) {
          wire.signal(Signal.PING);
          asked++;
        } else {
          wire.dead(interval.multipliedBy(TIMES + 1));
        }
        Thread.sleep(interval);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      // The connection is gone: who reads from it sees it, and says so.
      System.getLogger(KeepAlive.class.getName())
          .log(System.Logger.Level.DEBUG, "libvirt cannot be asked whether it is there", e);
    }
  }
}
