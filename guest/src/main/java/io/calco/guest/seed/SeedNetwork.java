package io.calco.guest.seed;

import io.calco.guest.network.InterfaceSettings;
import io.calco.guest.network.IpAddress;
import io.calco.guest.network.IpAddress.Family;
import io.calco.guest.network.Subnet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Interfaces in cloud-init's words and in OpenStack's.
final class SeedNetwork {

  private SeedNetwork() {}

  /// cloud-init's network config, version 1. Of version 2 no default route for IPv6 is read as such
  /// by all: up to cloud-init 22.4 `::/0` becomes `::/64` and `default` is refused. An interface
  /// that is known by its hardware address must have a name here, and takes it.
  static Map<String, Object> version1(List<InterfaceSettings> all) {
    List<Object> items = new ArrayList<>();
    for (InterfaceSettings one : all) {
      Map<String, Object> physical = new LinkedHashMap<>();
      physical.put("type", "physical");
      physical.put(
          "name", one.hardwareAddress().map(_ -> "calco" + items.size()).orElse(one.device()));
      one.hardwareAddress().ifPresent(address -> physical.put("mac_address", address));
      physical.put("subnets", one.dhcp() ? List.of(Map.of("type", "dhcp4")) : subnets(one));
      items.add(physical);
    }
    for (InterfaceSettings one : all) {
      if (one.dhcp() && !(one.nameServers().isEmpty() && one.searchDomains().isEmpty())) {
        Map<String, Object> resolver = new LinkedHashMap<>();
        resolver.put("type", "nameserver");
        resolver.put("address", one.nameServers());
        resolver.put("search", one.searchDomains());
        items.add(resolver);
      }
    }
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("version", 1);
    config.put("config", items);
    return config;
  }

  private static List<Object> subnets(InterfaceSettings one) {
    List<Object> subnets = new ArrayList<>();
    List<IpAddress> gateways = new ArrayList<>(one.gateways());
    for (Subnet own : one.addresses()) {
      Map<String, Object> subnet = new LinkedHashMap<>();
      subnet.put("type", "static");
      subnet.put("address", own);
      take(gateways, own.address().family()).ifPresent(gateway -> subnet.put("gateway", gateway));
      if (subnets.isEmpty() && !one.nameServers().isEmpty()) {
        subnet.put("dns_nameservers", one.nameServers());
      }
      if (subnets.isEmpty() && !one.searchDomains().isEmpty()) {
        subnet.put("dns_search", one.searchDomains());
      }
      subnets.add(subnet);
    }
    return subnets;
  }

  /// The first address of a family has the gateway, which is taken out of those that are left.
  private static Optional<IpAddress> take(List<IpAddress> gateways, Family family) {
    Optional<IpAddress> first =
        gateways.stream().filter(gateway -> gateway.family() == family).findFirst();
    first.ifPresent(gateways::remove);
    return first;
  }

  /// OpenStack's `network_data.json`. It has no place for search domains. `name` and `gateway` are
  /// cloud-init's additions: where it writes ifupdown's files, routes are set by a program that few
  /// guests still have.
  static Map<String, Object> openStack(List<InterfaceSettings> all) {
    List<Object> links = new ArrayList<>();
    List<Object> networks = new ArrayList<>();
    List<Object> services = new ArrayList<>();
    for (InterfaceSettings one : all) {
      Map<String, Object> link = new LinkedHashMap<>();
      link.put("id", one.device());
      link.put("type", "phy");
      link.put(one.hardwareAddress().isPresent() ? "ethernet_mac_address" : "name", one.device());
      links.add(link);
      if (one.dhcp()) {
        networks.add(network(one, networks.size(), "ipv4_dhcp"));
      }
      List<IpAddress> gateways = new ArrayList<>(one.gateways());
      for (Subnet subnet : one.addresses()) {
        networks.add(network(one, networks.size(), subnet, gateways));
      }
      for (IpAddress server : one.nameServers()) {
        Map<String, Object> service = new LinkedHashMap<>();
        service.put("type", "dns");
        service.put("address", server);
        services.add(service);
      }
    }
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("links", links);
    data.put("networks", networks);
    data.put("services", services);
    return data;
  }

  private static Map<String, Object> network(InterfaceSettings one, int number, String type) {
    Map<String, Object> network = new LinkedHashMap<>();
    network.put("id", "network" + number);
    network.put("type", type);
    network.put("link", one.device());
    return network;
  }

  private static Map<String, Object> network(
      InterfaceSettings one, int number, Subnet subnet, List<IpAddress> gateways) {
    Family family = subnet.address().family();
    boolean v4 = family == Family.IPV4;
    Map<String, Object> network = network(one, number, v4 ? "ipv4" : "ipv6");
    network.put("ip_address", subnet.address());
    network.put("netmask", mask(family, subnet.prefix()));
    take(gateways, family)
        .ifPresent(gateway -> {
          network.put("gateway", gateway);
          Map<String, Object> route = new LinkedHashMap<>();
          route.put("network", v4 ? "0.0.0.0" : "::");
          route.put("netmask", v4 ? "0.0.0.0" : "::");
          route.put("gateway", gateway);
          network.put("routes", List.of(route));
        });
    return network;
  }

  private static String mask(Family family, int prefix) {
    int bits = family == Family.IPV4 ? 8 : 16;
    List<String> parts = new ArrayList<>();
    for (int at = 0; at < family.bits(); at += bits) {
      int set = Math.clamp(prefix - at, 0, bits);
      int part = (1 << bits) - (1 << bits - set);
      parts.add(bits == 8 ? Integer.toString(part) : Integer.toHexString(part));
    }
    return String.join(bits == 8 ? "." : ":", parts);
  }
}
