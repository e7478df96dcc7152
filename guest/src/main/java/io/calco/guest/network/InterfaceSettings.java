package io.calco.guest.network;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/// How a network interface of a machine is set.
///
/// @param device its name, or its hardware address in lower case with colons
/// @param addresses its own, each with its prefix; none when DHCP gives them
/// @param gateways where the rest of the world is: at most one of each family
/// @param nameServers in the order in which they are asked
/// @param searchDomains what a name without a dot is looked for in
public record InterfaceSettings(
    String device,
    List<Subnet> addresses,
    List<IpAddress> gateways,
    List<IpAddress> nameServers,
    List<String> searchDomains) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_.-]{0,14}");
  private static final Pattern HARDWARE = Pattern.compile("[0-9a-f]{2}(:[0-9a-f]{2}){5}");
  private static final Pattern DOMAIN =
      Pattern.compile("(?!-)[A-Za-z0-9-]{1,63}(\\.[A-Za-z0-9-]{1,63})*");

  /// Checks and copies.
  ///
  /// @throws IllegalArgumentException when the device is neither a name of at most 15 characters
  ///   nor a hardware address, or a gateway has no address of its family
  public InterfaceSettings {
    addresses = List.copyOf(addresses);
    gateways = List.copyOf(gateways);
    nameServers = List.copyOf(nameServers);
    searchDomains = List.copyOf(searchDomains);
    if (!NAME.matcher(device).matches() && !HARDWARE.matcher(device).matches()) {
      throw new IllegalArgumentException(
          "\"%s\" is neither an interface's name nor a hardware address".formatted(device));
    }
    for (IpAddress gateway : gateways) {
      if (addresses.stream().noneMatch(own -> own.address().family() == gateway.family())
          || gateways.stream().filter(g -> g.family() == gateway.family()).count() > 1) {
        throw new IllegalArgumentException(
            "%s: gateway %s: one for each family that it has an address of"
                .formatted(device, gateway));
      }
    }
    for (String domain : searchDomains) {
      if (!DOMAIN.matcher(domain).matches()) {
        throw new IllegalArgumentException("\"%s\" is no domain".formatted(domain));
      }
    }
  }

  /// Reads `eth0=192.0.2.10/24,gw=192.0.2.1,dns=192.0.2.53`, `52:54:00:12:34:56=dhcp`. Between
  /// commas stand addresses with their prefix, or `dhcp`; `gw=`, `dns=` and `search=`, repeated for
  /// more.
  ///
  /// @throws IllegalArgumentException when it is not that
  public static InterfaceSettings parse(String text) {
    int equals = text.indexOf('=');
    if (equals < 1) {
      throw new IllegalArgumentException(
          "\"%s\" is not INTERFACE=ADDRESS/PREFIX,gw=ADDRESS,dns=ADDRESS".formatted(text));
    }
    String device = text.substring(0, equals);
    List<Subnet> addresses = new ArrayList<>();
    List<IpAddress> gateways = new ArrayList<>();
    List<IpAddress> servers = new ArrayList<>();
    List<String> domains = new ArrayList<>();
    boolean dhcp = false;
    for (String word : text.substring(equals + 1).split(",", -1)) {
      if (word.equals("dhcp")) {
        dhcp = true;
      } else if (word.startsWith("gw=")) {
        gateways.add(IpAddress.parse(word.substring(3)));
      } else if (word.startsWith("dns=")) {
        servers.add(IpAddress.parse(word.substring(4)));
      } else if (word.startsWith("search=")) {
        domains.add(word.substring(7));
      } else {
        addresses.add(Subnet.parse(word));
      }
    }
    if (dhcp != addresses.isEmpty()) {
      throw new IllegalArgumentException(
          "%s: either addresses of its own, or dhcp".formatted(device));
    }
    boolean hardware = HARDWARE.matcher(device.toLowerCase(Locale.ROOT)).matches();
    return new InterfaceSettings(
        hardware ? device.toLowerCase(Locale.ROOT) : device, addresses, gateways, servers, domains);
  }

  /// True when DHCP gives its addresses.
  public boolean dhcp() {
    return addresses.isEmpty();
  }

  /// The hardware address, when it is known by that.
  public Optional<String> hardwareAddress() {
    return HARDWARE.matcher(device).matches() ? Optional.of(device) : Optional.empty();
  }

  /// A name for files and connections: the interface's, or made of its hardware address.
  String label() {
    return device.replace(":", "");
  }

  List<Subnet> of(IpAddress.Family family) {
    return addresses.stream().filter(own -> own.address().family() == family).toList();
  }

  Optional<IpAddress> gateway(IpAddress.Family family) {
    return gateways.stream().filter(gateway -> gateway.family() == family).findFirst();
  }

  List<IpAddress> nameServers(IpAddress.Family family) {
    return nameServers.stream().filter(server -> server.family() == family).toList();
  }
}
