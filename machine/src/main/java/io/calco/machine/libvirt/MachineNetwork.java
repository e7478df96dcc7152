package io.calco.machine.libvirt;

import org.w3c.dom.Element;

/// What a network card is connected to.
public sealed interface MachineNetwork {
  /// A network that libvirt keeps.
  record Named(String name) implements MachineNetwork {}

  /// A bridge of the host's.
  record Bridge(String name) implements MachineNetwork {}

  /// QEMU's own: the guest reaches out as a program of its user would.
  record User() implements MachineNetwork {}

  /// Nothing: there is no card.
  record None() implements MachineNetwork {}

  /// Reads `default`, `bridge=br0`, `user`, `none`.
  ///
  /// @throws IllegalArgumentException when it names nothing
  static MachineNetwork parse(String text) {
    if (text.equals("user")) {
      return new User();
    }
    if (text.equals("none")) {
      return new None();
    }
    int equals = text.indexOf('=');
    String name = text.substring(equals + 1);
    String kind = equals < 0 ? "network" : text.substring(0, equals);
    if (name.isEmpty() || !kind.equals("network") && !kind.equals("bridge")) {
      throw new IllegalArgumentException(
          "\"%s\" is no network; expected a network's name, bridge=NAME, user or none"
              .formatted(text));
    }
    return kind.equals("network") ? new Named(name) : new Bridge(name);
  }

  /// Connects a card, or takes it out of its machine.
  ///
  /// @param card an `interface` of a machine's description
  default void connect(Element card) {
    XmlText.remove(card, "source", "virtualport", "portgroup");
    switch (this) {
      case Named(String name) -> {
        card.setAttribute("type", "network");
        XmlText.add(card, "source", "network", name);
      }
      case Bridge(String name) -> {
        card.setAttribute("type", "bridge");
        XmlText.add(card, "source", "bridge", name);
      }
      case User() -> card.setAttribute("type", "user");
      case None() -> card.getParentNode().removeChild(card);
    }
  }
}
