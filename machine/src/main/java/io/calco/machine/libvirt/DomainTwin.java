package io.calco.machine.libvirt;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/// A machine like another one, as `virt-clone --preserve-data` makes it: what must be its own is
/// new, everything else is as in the original.
///
/// | | |
/// |---|---|
/// | new | name, UUID (in `sysinfo` as well), addresses of its network cards |
/// | of its own | the disks that are given; the file with the firmware's variables |
/// | left out, so that libvirt gives it one | the agent channel's socket, screens' ports, the host's end of network cards, a vsock number, the generation id |
/// | with the new name in it | other files and sockets of serial ports and channels that have the old one |
/// | left out | title |
///
/// @param name the new machine's
/// @param uuid the new machine's
/// @param macs one for each network card, in their order
/// @param disks new files by the places of the disks that they replace: `vda`
/// @param memory in bytes; the original's unless stated
/// @param processors the original's unless stated
/// @param network what all its network cards are connected to; as in the original unless stated
public record DomainTwin(
    String name,
    UUID uuid,
    List<String> macs,
    Map<String, File> disks,
    Optional<Long> memory,
    OptionalInt processors,
    Optional<MachineNetwork> network) {

  /// Copies the collections.
  public DomainTwin {
    macs = List.copyOf(macs);
    disks = Map.copyOf(disks);
  }

  /// A disk's file.
  ///
  /// @param format such as `qcow2`
  public record File(Path path, String format) {}

  /// The twin of a machine.
  ///
  /// @throws IOException when it has more network cards than there are addresses, or no disk in one
  ///   of the places
  public DomainXml of(DomainXml original) throws IOException {
    Document document = original.copy();
    Element root = document.getDocumentElement();
    String old = original.name();
    root.removeAttribute("id");
    XmlText.element(root, "name").ifPresent(element -> element.setTextContent(name));
    XmlText.remove(root, "title", "uuid", "genid");
    if (XmlText.element(original.root(), "genid").isPresent()) {
      XmlText.add(root, "genid");
    }
    XmlText.add(root, "uuid").setTextContent(uuid.toString());
    tellSystem(root);
    size(root);
    XmlText.element(root, "os")
        .flatMap(os -> XmlText.element(os, "nvram"))
        .filter(nvram -> original.nvram().isPresent())
        .ifPresent(
            nvram -> nvram.setTextContent(nvramBeside(original.nvram().orElseThrow()).toString()));
    Optional<Element> devices = XmlText.element(root, "devices");
    if (devices.isPresent()) {
      disks(old, devices.get());
      cards(old, devices.get());
      ports(old, devices.get());
    }
    return new DomainXml(document);
  }

  /// Where the variables of the twin's firmware go.
  public Path nvramBeside(Path original) {
    return original.resolveSibling(name + "_VARS.fd");
  }

  /// libvirt refuses a UUID in the firmware's tables that is not the machine's.
  private void tellSystem(Element root) {
    for (Element sysinfo : XmlText.elements(root, "sysinfo")) {
      for (Element system : XmlText.elements(sysinfo, "system")) {
        XmlText.elements(system, "entry").stream()
            .filter(entry -> entry.getAttribute("name").equals("uuid"))
            .forEach(entry -> entry.setTextContent(uuid.toString()));
      }
    }
  }

  private void size(Element root) {
    memory.ifPresent(bytes -> {
      for (String element : List.of("memory", "currentMemory")) {
        XmlText.element(root, element)
            .ifPresent(one -> {
              one.setAttribute("unit", "KiB");
              one.setTextContent(Long.toString(bytes >> 10));
            });
      }
    });
    processors.ifPresent(count -> {
      XmlText.element(root, "vcpu")
          .ifPresent(vcpu -> {
            vcpu.removeAttribute("current");
            vcpu.setTextContent(Integer.toString(count));
          });
      XmlText.remove(root, "vcpus");
      XmlText.element(root, "cpu").ifPresent(cpu -> XmlText.remove(cpu, "topology", "numa"));
    });
  }

  private void disks(String old, Element devices) throws IOException {
    Map<String, File> left = new java.util.HashMap<>(disks);
    for (Element disk : XmlText.elements(devices, "disk")) {
      File file = left.remove(XmlText.attribute(disk, "target", "dev").orElse(""));
      if (file != null) {
        replace(disk, file);
      }
    }
    if (!left.isEmpty()) {
      throw new IOException(
          "machine %s has no disk %s".formatted(old, String.join(", ", left.keySet())));
    }
  }

  private static void replace(Element disk, File file) {
    disk.setAttribute("type", "file");
    Optional<Element> oldSource = XmlText.element(disk, "source");
    Element source = disk.getOwnerDocument().createElementNS(disk.getNamespaceURI(), "source");
    source.setAttribute("file", file.path().toString());
    if (oldSource.isPresent()) {
      disk.replaceChild(source, oldSource.get());
    } else {
      disk.appendChild(source);
    }
    XmlText.remove(disk, "backingStore", "mirror");
    XmlText.element(disk, "driver")
        .orElseGet(() -> XmlText.add(disk, "driver", "name", "qemu"))
        .setAttribute("type", file.format());
  }

  private void cards(String old, Element devices) throws IOException {
    List<Element> cards = XmlText.elements(devices, "interface");
    if (cards.size() > macs.size()) {
      throw new IOException(
          "machine %s has %d network cards, and there are %d addresses for its twin's"
              .formatted(old, cards.size(), macs.size()));
    }
    for (int i = 0; i < cards.size(); i++) {
      Element card = cards.get(i);
      XmlText.remove(card, "target");
      network.ifPresent(other -> other.connect(card));
      XmlText.element(card, "mac")
          .orElseGet(() -> XmlText.add(card, "mac"))
          .setAttribute("address", macs.get(i));
    }
  }

  private void ports(String old, Element devices) {
    for (Element graphics : XmlText.elements(devices, "graphics")) {
      if (XmlText.attribute(graphics, "port").isPresent()
          || XmlText.attribute(graphics, "tlsPort").isPresent()) {
        graphics.removeAttribute("tlsPort");
        graphics.setAttribute("port", "-1");
        graphics.setAttribute("autoport", "yes");
      }
      graphics.removeAttribute("websocket");
    }
    for (Element channel : XmlText.elements(devices, "channel")) {
      String target = XmlText.attribute(channel, "target", "name").orElse("");
      XmlText.element(channel, "source")
          .filter(source ->
              channel.getAttribute("type").equals("unix")
                  && !target.isEmpty()
                  && source.getAttribute("path").contains(target))
          .ifPresent(channel::removeChild);
    }
    for (String kind : List.of("serial", "console", "parallel", "channel")) {
      for (Element port : XmlText.elements(devices, kind)) {
        XmlText.element(port, "source")
            .filter(source -> source.hasAttribute("path"))
            .ifPresent(source ->
                source.setAttribute("path", source.getAttribute("path").replace(old, name)));
      }
    }
    for (Element vsock : XmlText.elements(devices, "vsock")) {
      XmlText.element(vsock, "cid")
          .ifPresent(cid -> {
            cid.removeAttribute("address");
            cid.setAttribute("auto", "yes");
          });
    }
  }
}
