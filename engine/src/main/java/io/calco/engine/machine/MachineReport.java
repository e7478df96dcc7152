package io.calco.engine.machine;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.machine.libvirt.DomainState;
import io.calco.machine.libvirt.DomainXml;
import io.calco.machine.libvirt.DomainXml.Card;
import io.calco.machine.libvirt.DomainXml.Graphics;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// A machine as it is now.
///
/// @param name unique
/// @param uuid never changes
/// @param state what it does
/// @param autostart it starts with the host
/// @param persistent libvirt keeps it when it ends
/// @param type what runs it: `kvm`, `qemu`
/// @param memory in bytes
/// @param processors how many
/// @param disks in their order
/// @param cards its network cards
/// @param graphics its screens
/// @param addresses that libvirt's networks gave it: `192.0.2.7/24`
public record MachineReport(
    String name,
    UUID uuid,
    DomainState state,
    boolean autostart,
    boolean persistent,
    String type,
    long memory,
    int processors,
    List<Disk> disks,
    List<Card> cards,
    List<Graphics> graphics,
    List<String> addresses) {

  /// Copies the lists.
  public MachineReport {
    disks = List.copyOf(disks);
    cards = List.copyOf(cards);
    graphics = List.copyOf(graphics);
    addresses = List.copyOf(addresses);
  }

  /// A disk of a machine.
  ///
  /// @param facts what libvirt says
  /// @param owner what of the catalogue it is
  public record Disk(DomainXml.Disk facts, Optional<CatalogueDisk> owner) {}

  /// Makes sure that starting it writes no template.
  ///
  /// @throws OperationException when it has a template's sealed disk
  void requireNoTemplate() {
    for (CatalogueDisk owner : owners()) {
      if (owner instanceof CatalogueDisk.OfTemplate template) {
        throw new OperationException(
            Kind.REFUSED,
            "machine %s has the sealed disk of %s, which nothing may write"
                .formatted(name, template),
            "start a clone of it: calco clone create %s NAME".formatted(template.name()));
      }
    }
  }

  /// True when it runs with a card in one of libvirt's networks and was given no address, which may
  /// come any time.
  public boolean awaitsAddress() {
    return state.active()
        && addresses.isEmpty()
        && cards.stream().anyMatch(card -> card.type().equals("network"));
  }

  /// What of the catalogue it runs, the first of its disks first.
  public List<CatalogueDisk> owners() {
    return disks.stream().flatMap(disk -> disk.owner().stream()).toList();
  }
}
