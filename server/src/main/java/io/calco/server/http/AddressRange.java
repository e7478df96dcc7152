package io.calco.server.http;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.net.InetAddress;

/// Addresses that begin alike: `10.0.0.0/8`, `fd00::/8`; one alone has no length.
///
/// @param address the first
/// @param bits how many bits are common, 0 to 32 or 128
record AddressRange(InetAddress address, int bits) {

  /// As a user wrote it. Names are not looked up.
  ///
  /// @throws OperationException of kind USAGE when it is none
  static AddressRange parse(String text) {
    int slash = text.indexOf('/');
    String head = slash < 0 ? text : text.substring(0, slash);
    String tail = slash < 0 ? "" : text.substring(slash + 1);
    try {
      InetAddress address = InetAddress.ofLiteral(head);
      int length = address.getAddress().length * Byte.SIZE;
      if (slash < 0) {
        return new AddressRange(address, length);
      }
      if (tail.matches("\\d{1,3}") && Integer.parseInt(tail) <= length) {
        return new AddressRange(address, Integer.parseInt(tail));
      }
    } catch (IllegalArgumentException e) {
      // said below
    }
    throw new OperationException(
        Kind.USAGE,
        "\"%s\" is no address, and no network".formatted(text),
        "such as 10.1.2.3, or 10.0.0.0/8");
  }

  boolean holds(InetAddress other) {
    byte[] mine = address.getAddress();
    byte[] its = other.getAddress();
    if (mine.length != its.length) {
      return false;
    }
    for (int bit = 0; bit < bits; bit++) {
      int mask = 0x80 >> (bit & 7);
      if ((mine[bit >> 3] & mask) != (its[bit >> 3] & mask)) {
        return false;
      }
    }
    return true;
  }
}
