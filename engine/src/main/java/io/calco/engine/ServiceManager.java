package io.calco.engine;

import io.calco.sys.UnixDatagram;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;

/// The systemd that started this process as a service of type `notify`, if it did: it is told when
/// the service is ready and when it stops, and again and again that it lives
/// ([sd_notify(3)](https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html)).
/// Without one, nothing is told.
///
/// Thread rule: safe.
public final class ServiceManager implements AutoCloseable {
  private static final Logger LOG = System.getLogger(ServiceManager.class.getName());
  private static final int TIMES_IN_A_LIMIT = 3;

  private final String socket;
  private final Duration watchdog;
  private final Thread alive;

  /// Ready to tell the systemd that these variables name.
  ///
  /// @param environment of the process: `NOTIFY_SOCKET`, `WATCHDOG_USEC`, `WATCHDOG_PID`
  /// @param healthy whether the process lives on; asked three times within each limit
  public ServiceManager(Map<String, String> environment, BooleanSupplier healthy) {
    socket = environment.getOrDefault("NOTIFY_SOCKET", "");
    watchdog = watchdog(environment);
    alive =
        Thread.ofPlatform().daemon().name("systemd-watchdog").unstarted(() -> tellAlive(healthy));
  }

  private static Duration watchdog(Map<String, String> environment) {
    String micros = environment.getOrDefault("WATCHDOG_USEC", "");
    String own = String.valueOf(ProcessHandle.current().pid());
    boolean ours = environment.getOrDefault("WATCHDOG_PID", own).equals(own);
    return ours && micros.matches("[0-9]{1,15}")
        ? Duration.ofNanos(Math.multiplyExact(Long.parseLong(micros), 1000L))
        : Duration.ZERO;
  }

  /// The service answers.
  ///
  /// @param status a line for `systemctl status`
  public void tellReady(String status) {
    tell("READY=1\nSTATUS=" + status.replace('\n', ' '));
    if (!socket.isEmpty() && watchdog.isPositive()) {
      alive.start();
    }
  }

  /// The service is being stopped.
  ///
  /// @param atMost how long that may take
  public void tellStopping(Duration atMost) {
    tell(
        "STOPPING=1\nSTATUS=waiting for requests that run\nEXTEND_TIMEOUT_USEC="
            + atMost.plusSeconds(10).toNanos() / 1000);
  }

  private void tellAlive(BooleanSupplier healthy) {
    try {
      while (true) {
        Thread.sleep(watchdog.dividedBy(TIMES_IN_A_LIMIT));
        if (healthy.getAsBoolean()) {
          tell("WATCHDOG=1");
        }
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private void tell(String message) {
    if (socket.isEmpty()) {
      return;
    }
    try {
      UnixDatagram.send(socket, message);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "systemd was not told: {0}", e.getMessage());
    }
  }

  @Override
  public void close() {
    alive.interrupt();
  }
}
