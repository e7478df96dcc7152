package io.calco.guest.operation;

/// Takes MAC addresses out of the interfaces' settings.
final class NetHwaddr extends InterfaceFiles {
  NetHwaddr() {
    super("net-hwaddr", "Remove MAC addresses from network interfaces (Red Hat)", "HWADDR");
  }
}
