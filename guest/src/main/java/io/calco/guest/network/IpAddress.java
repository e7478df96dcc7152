package io.calco.guest.network;

import java.net.InetAddress;
import java.util.regex.Pattern;

/// An address of a machine, written in full: four decimal numbers, or RFC 4291's text for IPv6.
///
/// @param text as it is written into files
public record IpAddress(String text) {
  private static final Pattern V4 =
      Pattern.compile(
          "(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\\.(?!$)|$)){4}"); // no leading zeros: octal
  private static final Pattern V6 = Pattern.compile("[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*");

  /// Which protocol it is of.
  public enum Family {
    IPV4(32),
    IPV6(128);

    private final int bits;

    Family(int bits) {
      this.bits = bits;
    }

    /// Bits in an address.
    public int bits() {
      return bits;
    }
  }

  /// Checks.
  ///
  /// @throws IllegalArgumentException when it is no address
  public IpAddress {
    boolean leadingZero = text.matches("(.*\\.)?0[0-9].*") && text.indexOf(':') < 0;
    if (leadingZero || !V4.matcher(text).matches() && !V6.matcher(text).matches()) {
      throw new IllegalArgumentException("\"%s\" is no IP address".formatted(text));
    }
    InetAddress.ofLiteral(text);
  }

  /// Reads one.
  ///
  /// @throws IllegalArgumentException when it is none
  public static IpAddress parse(String text) {
    return new IpAddress(text);
  }

  /// Which protocol.
  public Family family() {
    return text.indexOf(':') < 0 ? Family.IPV4 : Family.IPV6;
  }

  @Override
  public String toString() {
    return text;
  }
}
