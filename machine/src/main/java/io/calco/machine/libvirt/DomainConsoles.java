package io.calco.machine.libvirt;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.Optional;
import java.util.stream.Stream;
import org.w3c.dom.Element;

/// How a running machine can be talked to, by its description.
///
/// @param serial whether it has a console that libvirt hands out
/// @param screen where this host reaches its screen by VNC: a port of the loopback address, or a
///   socket; empty when it has no such screen, or it listens elsewhere
public record DomainConsoles(boolean serial, Optional<SocketAddress> screen) {
  private static final int PORT_MAX = 65_535;

  /// What the description of a running machine says.
  public static DomainConsoles of(DomainXml machine) {
    Optional<Element> devices = XmlText.element(machine.root(), "devices");
    return new DomainConsoles(
        devices.stream()
            .flatMap(all -> Stream.of("console", "serial").map(name -> XmlText.element(all, name)))
            .flatMap(Optional::stream)
            .anyMatch(console -> console.getAttribute("type").equals("pty")),
        devices.stream()
            .flatMap(all -> XmlText.elements(all, "graphics").stream())
            .filter(graphics -> graphics.getAttribute("type").equals("vnc"))
            .flatMap(graphics -> address(graphics).stream())
            .findFirst());
  }

  private static Optional<SocketAddress> address(Element vnc) {
    Optional<String> socket = XmlText.attribute(vnc, "socket");
    if (socket.isPresent()) {
      return Optional.of(UnixDomainSocketAddress.of(socket.get()));
    }
    Optional<Integer> port =
        XmlText.attribute(vnc, "port")
            .filter(text -> text.matches("[0-9]{1,5}"))
            .map(Integer::parseInt)
            .filter(number -> number > 0 && number <= PORT_MAX);
    Optional<InetAddress> listen = XmlText.attribute(vnc, "listen").flatMap(DomainConsoles::local);
    return port.isEmpty() || listen.isEmpty()
        ? Optional.empty()
        : Optional.of(new InetSocketAddress(listen.get(), port.get()));
  }

  /// The loopback address that leads to what listens at an address. One that is no number is not
  /// looked up.
  private static Optional<InetAddress> local(String listen) {
    try {
      InetAddress address = InetAddress.ofLiteral(listen);
      if (address.isAnyLocalAddress()) {
        return Optional.of(InetAddress.ofLiteral(listen.contains(":") ? "::1" : "127.0.0.1"));
      }
      return Optional.of(address).filter(InetAddress::isLoopbackAddress);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
