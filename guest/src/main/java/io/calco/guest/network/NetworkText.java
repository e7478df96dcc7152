package io.calco.guest.network;

import io.calco.guest.network.IpAddress.Family;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;

/// An interface's settings in each network service's own words.
final class NetworkText {
  private static final String MADE = "# Made by Calco for this machine.\n";

  private NetworkText() {}

  private static String list(List<?> values, String separator) {
    return values.stream().map(String::valueOf).collect(Collectors.joining(separator));
  }

  private static String quoted(List<?> values) {
    return values.stream().map(v -> "\"" + v + "\"").collect(Collectors.joining(", ", "[", "]"));
  }

  /// netplan(5), version 2.
  static String netplan(List<InterfaceSettings> all) {
    StringBuilder out = new StringBuilder(MADE).append("network:\n  version: 2\n  ethernets:\n");
    for (InterfaceSettings one : all) {
      boolean hardware = one.hardwareAddress().isPresent();
      out.append("    \"%s\":\n".formatted(hardware ? "calco" + one.label() : one.device()));
      if (hardware) {
        out.append("      match:\n        macaddress: \"%s\"\n".formatted(one.device()));
      }
      out.append("      dhcp4: %s\n".formatted(one.dhcp()));
      if (!one.dhcp()) {
        out.append("      dhcp6: false\n");
        out.append("      addresses: %s\n".formatted(quoted(one.addresses())));
      }
      if (!one.gateways().isEmpty()) {
        out.append("      routes:\n");
        for (IpAddress gateway : one.gateways()) {
          String all4 = gateway.family() == Family.IPV4 ? "0.0.0.0/0" : "::/0";
          out.append("        - to: \"%s\"\n          via: \"%s\"\n".formatted(all4, gateway));
        }
      }
      if (!one.nameServers().isEmpty() || !one.searchDomains().isEmpty()) {
        out.append("      nameservers:\n");
        out.append("        addresses: %s\n".formatted(quoted(one.nameServers())));
        out.append("        search: %s\n".formatted(quoted(one.searchDomains())));
      }
    }
    return out.toString();
  }

  /// nm-settings-keyfile(5).
  static String keyfile(InterfaceSettings one, UUID uuid) {
    StringBuilder out = new StringBuilder(MADE);
    out.append("[connection]\nid=calco-%s\nuuid=%s\ntype=ethernet\n".formatted(one.label(), uuid));
    if (one.hardwareAddress().isEmpty()) {
      out.append("interface-name=%s\n".formatted(one.device()));
    }
    out.append("autoconnect=true\nautoconnect-priority=100\n\n[ethernet]\n");
    one.hardwareAddress().ifPresent(mac -> out.append("mac-address=%s\n".formatted(mac)));
    for (Family family : Family.values()) {
      out.append(family == Family.IPV4 ? "\n[ipv4]\n" : "\n[ipv6]\n");
      List<Subnet> own = one.of(family);
      String automatic = one.dhcp() || family == Family.IPV6 ? "auto" : "disabled";
      out.append("method=%s\n".formatted(own.isEmpty() ? automatic : "manual"));
      String gateway = one.gateway(family).map(address -> "," + address).orElse("");
      for (int i = 0; i < own.size(); i++) {
        out.append("address%d=%s%s\n".formatted(i + 1, own.get(i), i == 0 ? gateway : ""));
      }
      if (!one.nameServers(family).isEmpty()) {
        out.append("dns=%s;\n".formatted(list(one.nameServers(family), ";")));
      }
      if (family == Family.IPV4 && !one.searchDomains().isEmpty()) {
        out.append("dns-search=%s;\n".formatted(list(one.searchDomains(), ";")));
      }
    }
    return out.toString();
  }

  /// systemd.network(5).
  static String networkd(InterfaceSettings one) {
    StringBuilder out = new StringBuilder(MADE).append("[Match]\n");
    out.append(
        (one.hardwareAddress().isPresent() ? "MACAddress=%s\n" : "Name=%s\n")
            .formatted(one.device()));
    out.append("\n[Network]\n");
    if (one.dhcp()) {
      out.append("DHCP=ipv4\n");
    }
    one.addresses().forEach(own -> out.append("Address=%s\n".formatted(own)));
    one.gateways().forEach(gateway -> out.append("Gateway=%s\n".formatted(gateway)));
    one.nameServers().forEach(server -> out.append("DNS=%s\n".formatted(server)));
    if (!one.searchDomains().isEmpty()) {
      out.append("Domains=%s\n".formatted(list(one.searchDomains(), " ")));
    }
    return out.toString();
  }

  /// interfaces(5); several addresses of a family are several stanzas, the first has the gateway.
  static String ifupdown(InterfaceSettings one) {
    StringBuilder out = new StringBuilder("\n%sauto %s\n".formatted(MADE, one.device()));
    if (one.dhcp()) {
      out.append("iface %s inet dhcp\n".formatted(one.device()));
      resolver(one, out);
    }
    boolean first = true;
    for (Family family : Family.values()) {
      String gateway = one.gateway(family).map("    gateway %s\n"::formatted).orElse("");
      for (Subnet own : one.of(family)) {
        boolean v4 = family == Family.IPV4;
        out.append("iface %s %s static\n".formatted(one.device(), v4 ? "inet" : "inet6"));
        out.append(
            "    address %s\n    netmask %s\n"
                .formatted(own.address(), v4 ? own.netmask() : own.prefix()));
        out.append(gateway);
        gateway = "";
        if (first) {
          resolver(one, out);
          first = false;
        }
      }
    }
    return out.toString();
  }

  private static void resolver(InterfaceSettings one, StringBuilder out) {
    if (!one.nameServers().isEmpty()) {
      out.append("    dns-nameservers %s\n".formatted(list(one.nameServers(), " ")));
    }
    if (!one.searchDomains().isEmpty()) {
      out.append("    dns-search %s\n".formatted(list(one.searchDomains(), " ")));
    }
  }

  /// resolv.conf(5), for guests where nothing else writes it.
  static String resolvConf(List<IpAddress> servers, List<String> domains) {
    StringBuilder out = new StringBuilder(MADE);
    if (!domains.isEmpty()) {
      out.append("search %s\n".formatted(list(domains, " ")));
    }
    servers.forEach(server -> out.append("nameserver %s\n".formatted(server)));
    return out.toString();
  }

  /// ifcfg(5), SUSE.
  static String wicked(InterfaceSettings one) {
    StringBuilder out = new StringBuilder(MADE).append("STARTMODE='auto'\n");
    out.append("BOOTPROTO='%s'\n".formatted(one.dhcp() ? "dhcp4" : "static"));
    for (int i = 0; i < one.addresses().size(); i++) {
      out.append("IPADDR%s='%s'\n".formatted(i == 0 ? "" : "_" + i, one.addresses().get(i)));
    }
    return out.toString();
  }

  /// ifroute(5), SUSE.
  static String wickedRoutes(InterfaceSettings one) {
    return MADE
        + one.gateways().stream().map("default %s - -\n"::formatted).collect(Collectors.joining());
  }

  /// Red Hat's `sysconfig.txt`.
  static String redHat(InterfaceSettings one) {
    StringBuilder out = new StringBuilder(MADE);
    out.append("DEVICE=%s\nTYPE=Ethernet\nONBOOT=yes\n".formatted(one.device()));
    out.append("BOOTPROTO=%s\n".formatted(one.dhcp() ? "dhcp" : "none"));
    List<Subnet> own = one.of(Family.IPV4);
    for (int i = 0; i < own.size(); i++) {
      String number = i == 0 ? "" : Integer.toString(i);
      out.append(
          "IPADDR%s=%s\nPREFIX%s=%d\n"
              .formatted(number, own.get(i).address(), number, own.get(i).prefix()));
    }
    one.gateway(Family.IPV4).ifPresent(gateway -> out.append("GATEWAY=%s\n".formatted(gateway)));
    List<Subnet> own6 = one.of(Family.IPV6);
    if (!own6.isEmpty()) {
      out.append("IPV6INIT=yes\nIPV6_AUTOCONF=no\nIPV6ADDR=%s\n".formatted(own6.getFirst()));
      if (own6.size() > 1) {
        out.append(
            "IPV6ADDR_SECONDARIES=\"%s\"\n".formatted(list(own6.subList(1, own6.size()), " ")));
      }
    }
    one.gateway(Family.IPV6)
        .ifPresent(gateway -> out.append("IPV6_DEFAULTGW=%s\n".formatted(gateway)));
    for (int i = 0; i < one.nameServers().size(); i++) {
      out.append("DNS%d=%s\n".formatted(i + 1, one.nameServers().get(i)));
    }
    if (!one.searchDomains().isEmpty()) {
      out.append("DOMAIN=\"%s\"\n".formatted(list(one.searchDomains(), " ")));
    }
    return out.toString();
  }
}
