package io.calco.guest.network;

/// An interface's address and how many of its bits name its network: `192.0.2.10/24`.
///
/// @param address the interface's own
/// @param prefix 1 to 32, or 128 for IPv6
public record Subnet(IpAddress address, int prefix) {

  /// Checks the prefix.
  ///
  /// @throws IllegalArgumentException when the address has fewer bits
  public Subnet {
    if (prefix < 1 || prefix > address.family().bits()) {
      throw new IllegalArgumentException(
          "%s/%d: a prefix of 1 to %d".formatted(address, prefix, address.family().bits()));
    }
  }

  /// Reads one.
  ///
  /// @throws IllegalArgumentException when it is none
  public static Subnet parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0 || !text.substring(slash + 1).matches("[0-9]{1,3}")) {
      throw new IllegalArgumentException("\"%s\" is not ADDRESS/PREFIX".formatted(text));
    }
    return new Subnet(
        IpAddress.parse(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
  }

  /// The prefix as four decimal numbers; of IPv4.
  String netmask() {
    int mask = -1 << (32 - prefix);
    return "%d.%d.%d.%d".formatted(mask >>> 24, mask >>> 16 & 0xFF, mask >>> 8 & 0xFF, mask & 0xFF);
  }

  @Override
  public String toString() {
    return address + "/" + prefix;
  }
}
