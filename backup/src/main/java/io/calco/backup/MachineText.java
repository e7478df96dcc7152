package io.calco.backup;

import io.calco.backup.Hardware.DiskDevice;
import io.calco.backup.Hardware.Efi;
import io.calco.backup.Hardware.Entry;
import io.calco.backup.Hardware.NetworkCard;

/// What a point says of the machine that its disk was in, and of what was installed, as [PointText]
/// has it.
final class MachineText {
  private MachineText() {}

  static InstalledSystem system(FieldReader in) {
    return new InstalledSystem(
        in.text("id"),
        in.findText("name"),
        in.findText("version"),
        in.findText("host-name"),
        in.findText("architecture"),
        in.text("boot-mode"),
        in.texts("kernels"),
        in.findCount("packages"));
  }

  static void put(FieldWriter out, InstalledSystem system) {
    out.put("id", system.id());
    out.put("name", system.name());
    out.put("version", system.version());
    out.put("host-name", system.hostName());
    out.put("architecture", system.architecture());
    out.put("boot-mode", system.bootMode());
    out.put("kernels", system.kernels());
    out.put("packages", system.packages());
  }

  static DomainDisk domain(FieldReader in) {
    return new DomainDisk(
        in.text("name"),
        in.uuid("uuid"),
        in.text("target"),
        in.uuid("set"),
        in.texts("targets"),
        in.findText("checkpoint"),
        in.findText("xml"));
  }

  static void put(FieldWriter out, DomainDisk domain) {
    out.put("name", domain.name());
    out.put("uuid", domain.uuid().toString());
    out.put("target", domain.target());
    out.put("set", domain.set().toString());
    out.put("targets", domain.targets());
    out.put("checkpoint", domain.checkpoint());
    out.put("xml", domain.xml());
  }

  static Hardware hardware(FieldReader in) {
    return new Hardware(
        in.findText("maker"),
        in.findText("product"),
        in.findText("serial"),
        in.findText("uuid"),
        in.findText("board"),
        in.findText("firmware"),
        in.findText("processor"),
        in.findCount("sockets"),
        in.findCount("threads"),
        in.findNumber("memory"),
        in.objects("disks", MachineText::device),
        in.objects("network-cards", MachineText::card),
        in.findObject("efi", MachineText::efi));
  }

  static void put(FieldWriter out, Hardware hardware) {
    out.put("maker", hardware.maker());
    out.put("product", hardware.product());
    out.put("serial", hardware.serial());
    out.put("uuid", hardware.uuid());
    out.put("board", hardware.board());
    out.put("firmware", hardware.firmware());
    out.put("processor", hardware.processor());
    out.put("sockets", hardware.sockets());
    out.put("threads", hardware.threads());
    out.put("memory", hardware.memory());
    out.objects("disks", hardware.disks(), MachineText::put);
    out.objects("network-cards", hardware.networkCards(), MachineText::put);
    out.optional("efi", hardware.efi(), MachineText::put);
  }

  private static DiskDevice device(FieldReader in) {
    return new DiskDevice(
        in.text("name"), in.findText("model"), in.findText("serial"), in.number("size"));
  }

  private static void put(FieldWriter out, DiskDevice device) {
    out.put("name", device.name());
    out.put("model", device.model());
    out.put("serial", device.serial());
    out.put("size", device.size());
  }

  private static NetworkCard card(FieldReader in) {
    return new NetworkCard(in.text("name"), in.text("mac"), in.findText("driver"));
  }

  private static void put(FieldWriter out, NetworkCard card) {
    out.put("name", card.name());
    out.put("mac", card.mac());
    out.put("driver", card.driver());
  }

  private static Efi efi(FieldReader in) {
    return new Efi(
        in.findFlag("secure-boot"),
        in.findText("boot-current"),
        in.texts("boot-order"),
        in.objects("entries", MachineText::entry));
  }

  private static void put(FieldWriter out, Efi efi) {
    efi.secureBoot().ifPresent(enforced -> out.put("secure-boot", enforced));
    out.put("boot-current", efi.bootCurrent());
    out.put("boot-order", efi.bootOrder());
    out.objects("entries", efi.entries(), MachineText::put);
  }

  private static Entry entry(FieldReader in) {
    return new Entry(
        in.text("number"),
        in.text("title"),
        in.flag("active"),
        in.findText("partition"),
        in.findText("file"),
        in.findText("data"));
  }

  private static void put(FieldWriter out, Entry entry) {
    out.put("number", entry.number());
    out.put("title", entry.title());
    out.put("active", entry.active());
    out.put("partition", entry.partition());
    out.put("file", entry.file());
    out.put("data", entry.data());
  }
}
