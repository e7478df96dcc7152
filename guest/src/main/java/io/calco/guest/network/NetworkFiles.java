package io.calco.guest.network;

import io.calco.guest.Draft;
import io.calco.guest.GuestRequestException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;

/// Sets a guest's network in the files that its network service reads.
public final class NetworkFiles {
  private static final String INTERFACES = "/etc/network/interfaces";
  private static final String RED_HAT = "/etc/sysconfig/network-scripts";
  private static final String SUSE = "/etc/sysconfig/network";
  private static final Pattern STANZA =
      Pattern.compile("\\s*(iface|mapping|auto|allow-\\S+|no-auto-down|source\\S*)\\b.*");

  private final Draft draft;

  /// What reads a guest's settings.
  private enum Service {
    NETPLAN,
    NETWORK_MANAGER,
    WICKED,
    NETWORKD,
    IFUPDOWN,
    RED_HAT
  }

  private NetworkFiles(Draft draft) {
    this.draft = draft;
  }

  /// Drafts the settings of these interfaces; others stay as they are.
  ///
  /// @throws GuestRequestException when nothing that sets a network is known in the guest, or it
  ///   cannot know an interface by its hardware address
  public static void set(Draft draft, List<InterfaceSettings> all) throws IOException {
    if (all.isEmpty()) {
      return;
    }
    NetworkFiles files = new NetworkFiles(draft);
    Service service = files.service(all);
    if (service == Service.NETPLAN) {
      files.netplan(all);
    }
    for (InterfaceSettings one : all) {
      files.set(service, one);
    }
    if (service == Service.IFUPDOWN) {
      files.resolver(all);
    }
    if (draft.isDirectory("/etc/cloud/cloud.cfg.d")) {
      draft.putText(
          "/etc/cloud/cloud.cfg.d/99-calco-network.cfg",
          "# This machine's network is set already.\nnetwork: {config: disabled}\n",
          0644);
    }
  }

  private Service service(List<InterfaceSettings> all) throws IOException {
    boolean ifupdown = draft.isFile(INTERFACES) && anyFile("/sbin/ifup", "/usr/sbin/ifup");
    boolean named = false;
    for (InterfaceSettings one : all) {
      named |= ifupdown && !without(text(INTERFACES), one.device()).equals(text(INTERFACES));
    }
    if (anyFile("/usr/sbin/netplan") && draft.isDirectory("/etc/netplan")) {
      return Service.NETPLAN;
    }
    if (named) {
      return Service.IFUPDOWN;
    }
    if (anyFile("/usr/sbin/NetworkManager", "/usr/bin/NetworkManager")) {
      return Service.NETWORK_MANAGER;
    }
    if (anyFile("/usr/sbin/wicked", "/sbin/wicked")) {
      return Service.WICKED;
    }
    if (enabled("systemd-networkd.service")) {
      return Service.NETWORKD;
    }
    if (ifupdown) {
      return Service.IFUPDOWN;
    }
    if (draft.isDirectory(RED_HAT)) {
      return Service.RED_HAT;
    }
    throw new GuestRequestException(
        "nothing that sets a network is known in the guest: its interfaces cannot be set");
  }

  private boolean anyFile(String... paths) throws IOException {
    for (String path : paths) {
      if (draft.isFile(path)) {
        return true;
      }
    }
    return false;
  }

  /// True when systemd starts the unit at boot.
  private boolean enabled(String unit) throws IOException {
    return draft.exists("/etc/systemd/system/multi-user.target.wants/" + unit)
        || draft.exists("/etc/systemd/system/network-online.target.wants/" + unit);
  }

  private String text(String path) throws IOException {
    return draft.text(path).orElse("");
  }

  private void netplan(List<InterfaceSettings> all) throws IOException {
    for (String path : draft.glob("/etc/netplan/*.yaml")) {
      for (InterfaceSettings one : all) {
        Pattern key =
            Pattern.compile(
                "(?im)^\\s*(macaddress:\\s*)?[\"']?"
                    + Pattern.quote(one.device())
                    + "[\"']?:?\\s*$");
        if (key.matcher(text(path)).find()) {
          draft.remove(path);
          draft.note("%s set %s too, and is removed".formatted(path, one.device()));
        }
      }
    }
    draft.putText("/etc/netplan/90-calco.yaml", NetworkText.netplan(all), 0600);
  }

  private void set(Service service, InterfaceSettings one) throws IOException {
    String label = one.label();
    switch (service) {
      case NETPLAN -> {}
      case NETWORK_MANAGER ->
          draft.putText(
              "/etc/NetworkManager/system-connections/calco-" + label + ".nmconnection",
              NetworkText.keyfile(one, uuid(one)),
              0600);
      case WICKED -> wicked(one);
      case NETWORKD ->
          draft.putText(
              "/etc/systemd/network/05-calco-" + label + ".network",
              NetworkText.networkd(one),
              0644);
      case IFUPDOWN -> ifupdown(one);
      case RED_HAT ->
          draft.putText(RED_HAT + "/ifcfg-" + named(one), NetworkText.redHat(one), 0644);
    }
  }

  /// One interface's connection has the same UUID on every machine, as NetworkManager gives those
  /// that it makes of ifcfg files.
  private static UUID uuid(InterfaceSettings one) {
    return UUID.nameUUIDFromBytes(("calco-" + one.device()).getBytes(StandardCharsets.UTF_8));
  }

  private static String named(InterfaceSettings one) throws GuestRequestException {
    if (one.hardwareAddress().isPresent()) {
      throw new GuestRequestException(
          "the guest's network service knows interfaces by their names only, not as "
              + one.device());
    }
    return one.device();
  }

  private void wicked(InterfaceSettings one) throws IOException {
    draft.putText(SUSE + "/ifcfg-" + named(one), NetworkText.wicked(one), 0644);
    draft.remove(SUSE + "/ifroute-" + one.device());
    if (!one.gateways().isEmpty()) {
      draft.putText(SUSE + "/ifroute-" + one.device(), NetworkText.wickedRoutes(one), 0644);
    }
    if (!one.nameServers().isEmpty()) {
      String servers = String.join(" ", one.nameServers().stream().map(IpAddress::text).toList());
      draft.edit(SUSE + "/config", text -> assigned(text, "NETCONFIG_DNS_STATIC_SERVERS", servers));
    }
    if (!one.searchDomains().isEmpty()) {
      String domains = String.join(" ", one.searchDomains());
      draft.edit(
          SUSE + "/config", text -> assigned(text, "NETCONFIG_DNS_STATIC_SEARCHLIST", domains));
    }
  }

  private static String assigned(String text, String name, String value) {
    String line = "%s=\"%s\"\n".formatted(name, value);
    List<String> others = text.lines().filter(each -> !each.startsWith(name + "=")).toList();
    return (others.isEmpty() ? "" : String.join("\n", others) + "\n") + line;
  }

  private void ifupdown(InterfaceSettings one) throws IOException {
    String name = named(one);
    for (String path : draft.glob("/etc/network/interfaces.d/*")) {
      draft.edit(path, text -> without(text, name));
    }
    draft.edit(INTERFACES, text -> without(text, name) + NetworkText.ifupdown(one));
  }

  /// Takes an interface's stanzas out, and its name out of `auto` and `allow-` lines.
  static String without(String text, String name) {
    List<String> kept = new ArrayList<>();
    boolean inside = false;
    for (String line : text.lines().toList()) {
      List<String> words = List.of(line.strip().split("\\s+"));
      if (STANZA.matcher(line).matches()) {
        boolean list = words.getFirst().equals("auto") || words.getFirst().startsWith("allow-");
        inside = words.getFirst().equals("iface") && words.size() > 1 && words.get(1).equals(name);
        if (list && words.subList(1, words.size()).contains(name)) {
          List<String> others = words.stream().filter(word -> !word.equals(name)).toList();
          if (others.size() > 1) {
            kept.add(String.join(" ", others));
          }
          continue;
        }
      }
      if (!inside) {
        kept.add(line);
      }
    }
    String rest = String.join("\n", kept);
    return kept.isEmpty() ? "" : rest + "\n";
  }

  /// Where no program makes it, the file itself is what names are looked up by.
  private void resolver(List<InterfaceSettings> all) throws IOException {
    List<IpAddress> servers = all.stream().flatMap(i -> i.nameServers().stream()).toList();
    List<String> domains = all.stream().flatMap(i -> i.searchDomains().stream()).toList();
    if (!servers.isEmpty()
        && draft.readLink("/etc/resolv.conf").isEmpty()
        && !anyFile("/usr/sbin/resolvconf", "/sbin/resolvconf")) {
      draft.putText("/etc/resolv.conf", NetworkText.resolvConf(servers, domains), 0644);
    }
  }
}
