package io.calco.nbd;

import io.calco.disk.Disk;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/// A disk that an NBD server serves.
public final class NbdDisk {
  private NbdDisk() {}

  /// What it is opened for.
  public enum Access {
    READ,
    /// Reading and writing, if the server allows that.
    WRITE
  }

  /// How it is opened.
  ///
  /// @param tls what encrypts, for addresses that ask for it; the JDK's own when empty
  /// @param connect how long connecting may take, and agreeing
  /// @param request how long a request may take; ten times that for those whose work does not end
  ///   with their data
  public record Options(
      Access access, Optional<SSLContext> tls, Duration connect, Duration request) {
    /// Half a minute to connect, one for a request.
    public static Options to(Access access) {
      return new Options(access, Optional.empty(), Duration.ofSeconds(30), Duration.ofMinutes(1));
    }

    /// The same with another trust.
    public Options with(SSLContext other) {
      return new Options(access, Optional.of(other), connect, request);
    }
  }

  /// Connects. A connection that breaks is not made anew: whatever is asked then fails.
  ///
  /// @throws io.calco.disk.UnsupportedFeatureException when the server does not serve it, or not so
  /// @throws java.net.ProtocolException when it is no such server
  public static Disk open(NbdAddress address, Options options) throws IOException {
    return Disk.owning(NbdDriver.open(address, options));
  }
}
