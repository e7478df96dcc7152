package io.calco.machine.libvirt;

import io.calco.machine.Firmware;
import io.calco.machine.MachineSettings.Bus;
import java.io.IOException;
import java.util.UUID;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/// A fresh machine for a disk that has a system in it, as `virt-install --import` makes it: q35, a
/// serial console, the guest agent's channel, a source of chance, a screen by VNC on this host's
/// own address.
///
/// @param name unique
/// @param uuid unique
/// @param type what runs it
/// @param memory in bytes
/// @param processors how many
/// @param firmware what it starts with
/// @param disk what it starts from
/// @param bus what its disk and its network card are made for
/// @param network what its network card is connected to
/// @param mac the card's address
public record NewMachine(
    String name,
    UUID uuid,
    Type type,
    long memory,
    int processors,
    Firmware firmware,
    DomainTwin.File disk,
    Bus bus,
    MachineNetwork network,
    String mac) {

  /// What runs a machine.
  public enum Type {
    /// The processor, through `/dev/kvm`.
    KVM("kvm", "host-passthrough"),
    /// An emulation, of the best processor it can.
    QEMU("qemu", "maximum");

    private final String label;
    private final String processor;

    Type(String label, String processor) {
      this.label = label;
      this.processor = processor;
    }

    /// As libvirt has it.
    public String label() {
      return label;
    }
  }

  /// Its description.
  public DomainXml xml() throws IOException {
    Document document = XmlText.parse("<domain/>");
    Element root = document.getDocumentElement();
    root.setAttribute("type", type.label);
    XmlText.add(root, "name").setTextContent(name);
    XmlText.add(root, "uuid").setTextContent(uuid.toString());
    XmlText.add(root, "memory", "unit", "KiB").setTextContent(Long.toString(memory >> 10));
    XmlText.add(root, "vcpu").setTextContent(Integer.toString(processors));
    Element os = XmlText.add(root, "os");
    if (firmware == Firmware.UEFI) {
      os.setAttribute("firmware", "efi");
    }
    XmlText.add(os, "type", "arch", "x86_64", "machine", "q35").setTextContent("hvm");
    XmlText.add(os, "boot", "dev", "hd");
    Element features = XmlText.add(root, "features");
    XmlText.add(features, "acpi");
    XmlText.add(features, "apic");
    XmlText.add(root, "cpu", "mode", type.processor);
    clock(XmlText.add(root, "clock", "offset", "utc"));
    Element power = XmlText.add(root, "pm");
    XmlText.add(power, "suspend-to-mem", "enabled", "no");
    XmlText.add(power, "suspend-to-disk", "enabled", "no");
    devices(XmlText.add(root, "devices"));
    return new DomainXml(document);
  }

  private static void clock(Element clock) {
    XmlText.add(clock, "timer", "name", "rtc", "tickpolicy", "catchup");
    XmlText.add(clock, "timer", "name", "pit", "tickpolicy", "delay");
    XmlText.add(clock, "timer", "name", "hpet", "present", "no");
  }

  private void devices(Element devices) {
    boolean virtio = bus == Bus.VIRTIO;
    Element drive = XmlText.add(devices, "disk", "type", "file", "device", "disk");
    XmlText.add(drive, "driver", "name", "qemu", "type", disk.format(), "discard", "unmap");
    XmlText.add(drive, "source", "file", disk.path().toString());
    XmlText.add(drive, "target", "dev", virtio ? "vda" : "sda", "bus", virtio ? "virtio" : "sata");
    Element card = XmlText.add(devices, "interface");
    XmlText.add(card, "mac", "address", mac);
    XmlText.add(card, "model", "type", virtio ? "virtio" : "e1000e");
    network.connect(card);
    XmlText.add(devices, "serial", "type", "pty");
    XmlText.add(XmlText.add(devices, "console", "type", "pty"), "target", "type", "serial");
    XmlText.add(
        XmlText.add(devices, "channel", "type", "unix"),
        "target",
        "type",
        "virtio",
        "name",
        "org.qemu.guest_agent.0");
    XmlText.add(devices, "input", "type", "tablet", "bus", "usb");
    XmlText.add(devices, "graphics", "type", "vnc", "port", "-1", "autoport", "yes");
    XmlText.add(XmlText.add(devices, "video"), "model", "type", virtio ? "virtio" : "vga");
    XmlText.add(devices, "memballoon", "model", "virtio");
    Element chance = XmlText.add(devices, "rng", "model", "virtio");
    XmlText.add(chance, "backend", "model", "random").setTextContent("/dev/urandom");
  }
}
