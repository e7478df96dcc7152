package io.calco.machine;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A TCP port of this host's loopback address that leads to a port of the guest.
///
/// @param host 1 to 65535
/// @param guest 1 to 65535
public record Forward(int host, int guest) {
  private static final Pattern RULE = Pattern.compile("(\\d{1,5}):(\\d{1,5})");
  private static final int PORT_MAX = 65_535;

  /// The one that is written `HOST:GUEST`: `2222:22`.
  public static Optional<Forward> parse(String text) {
    Matcher matcher = RULE.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    int host = Integer.parseInt(matcher.group(1));
    int guest = Integer.parseInt(matcher.group(2));
    boolean ports = Math.min(host, guest) > 0 && Math.max(host, guest) <= PORT_MAX;
    return ports ? Optional.of(new Forward(host, guest)) : Optional.empty();
  }

  /// QEMU's word for it.
  String option() {
    return ",hostfwd=tcp:127.0.0.1:%d-:%d".formatted(host, guest);
  }
}
