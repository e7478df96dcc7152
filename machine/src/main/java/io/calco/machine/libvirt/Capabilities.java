package io.calco.machine.libvirt;

import java.util.List;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/// What a host can run (`virsh capabilities`).
///
/// @param architectures of machines that are emulated or run, each with what runs them
public record Capabilities(List<Guest> architectures) {
  /// Copies the list.
  public Capabilities {
    architectures = List.copyOf(architectures);
  }

  /// @param architecture such as `x86_64`
  /// @param types what runs it: `qemu`, `kvm`
  public record Guest(String architecture, List<String> types) {
    /// Copies the list.
    public Guest {
      types = List.copyOf(types);
    }
  }

  Capabilities(Document document) {
    this(
        XmlText.elements(document.getDocumentElement(), "guest").stream()
            .flatMap(guest -> XmlText.elements(guest, "arch").stream())
            .map(Capabilities::guest)
            .toList());
  }

  private static Guest guest(Element arch) {
    return new Guest(
        arch.getAttribute("name"),
        XmlText.elements(arch, "domain").stream()
            .map(domain -> domain.getAttribute("type"))
            .toList());
  }

  /// True when libvirt offers the processor itself for machines of this architecture.
  public boolean kvm(String architecture) {
    return architectures.stream()
        .anyMatch(
            guest -> guest.architecture().equals(architecture) && guest.types().contains("kvm"));
  }
}
