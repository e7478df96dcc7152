package io.calco.machine.libvirt;

import io.calco.machine.DiskLayer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/// A machine's description, as libvirt keeps it (`virsh dumpxml`; `formatdomain.html`). Immutable.
public final class DomainXml {
  private static final Map<String, Long> UNITS =
      Map.ofEntries(
          Map.entry("b", 1L),
          Map.entry("bytes", 1L),
          Map.entry("kb", 1000L),
          Map.entry("mb", 1000_000L),
          Map.entry("gb", 1000_000_000L),
          Map.entry("k", 1L << 10),
          Map.entry("kib", 1L << 10),
          Map.entry("m", 1L << 20),
          Map.entry("mib", 1L << 20),
          Map.entry("g", 1L << 30),
          Map.entry("gib", 1L << 30));

  private final Document document;

  /// Takes the tree over.
  DomainXml(Document document) {
    this.document = document;
  }

  /// @throws IOException when it is no XML, has a document type, or describes no machine
  public static DomainXml parse(String text) throws IOException {
    Document document = XmlText.parse(text);
    String root = document.getDocumentElement().getLocalName();
    if (!root.equals("domain")) {
      throw new IOException("this describes a %s, no machine (domain)".formatted(root));
    }
    return new DomainXml(document);
  }

  Element root() {
    return document.getDocumentElement();
  }

  /// A tree of one's own.
  Document copy() {
    return (Document) document.cloneNode(true);
  }

  /// The machine's name.
  public String name() {
    return XmlText.text(root(), "name").orElse("");
  }

  /// Its UUID; a description that libvirt gave has one.
  public Optional<UUID> uuid() {
    return XmlText.text(root(), "uuid").map(UUID::fromString);
  }

  /// What runs it: `kvm`, `qemu`.
  public String type() {
    return root().getAttribute("type");
  }

  /// What its processors are: `x86_64`.
  public Optional<String> architecture() {
    return XmlText.element(root(), "os").flatMap(os -> XmlText.attribute(os, "type", "arch"));
  }

  /// Its memory in bytes; 0 when it is not told in a way that we know.
  public long memory() {
    Optional<Element> memory = XmlText.element(root(), "memory");
    String unit = memory.flatMap(m -> XmlText.attribute(m, "unit")).orElse("KiB");
    try {
      return Math.multiplyExact(
          memory.map(m -> Long.parseLong(m.getTextContent().strip())).orElse(0L),
          UNITS.getOrDefault(unit.toLowerCase(Locale.ROOT), 0L));
    } catch (ArithmeticException | NumberFormatException e) {
      return 0;
    }
  }

  /// How many processors it has.
  public int processors() {
    try {
      return XmlText.text(root(), "vcpu").map(Integer::parseInt).orElse(1);
    } catch (NumberFormatException e) {
      return 1;
    }
  }

  /// Where the variables of its firmware lie.
  public Optional<Path> nvram() {
    return nvramElement()
        .map(Element::getTextContent)
        .map(String::strip)
        .filter(text -> !text.isEmpty())
        .map(Path::of);
  }

  private Optional<Element> nvramElement() {
    return XmlText.element(root(), "os").flatMap(os -> XmlText.element(os, "nvram"));
  }

  private List<Element> devices(String name) {
    return XmlText.element(root(), "devices").stream()
        .flatMap(devices -> XmlText.elements(devices, name).stream())
        .toList();
  }

  /// A disk, or a drive for one.
  ///
  /// @param target its place in the guest: `vda`
  /// @param bus what it is attached to: `virtio`, `sata`
  /// @param kind what it is
  /// @param file what it is in, when that is a file or a device of the host's
  /// @param format of that file, when it is told
  /// @param readOnly the guest cannot write it
  /// @param frozen what the guest writes lasts until its machine is off (`<transient/>`)
  public record Disk(
      String target,
      String bus,
      Kind kind,
      Optional<Path> file,
      Optional<String> format,
      boolean readOnly,
      boolean frozen) {
    /// True when it is one that the guest writes.
    public boolean isWritten() {
      return kind == Kind.DISK && !readOnly;
    }

    /// What a disk is.
    public enum Kind {
      /// A disk.
      DISK,
      /// A drive for discs or floppies, or a device of the host's that is passed on.
      DRIVE
    }
  }

  /// Its disks, in their order.
  public List<Disk> disks() {
    return devices("disk").stream().map(DomainXml::disk).toList();
  }

  /// Those that its guest writes.
  public List<Disk> writtenDisks() {
    return disks().stream().filter(Disk::isWritten).toList();
  }

  /// The images that a disk of a running machine is made of, the uppermost first.
  ///
  /// @param target the disk's place in the guest
  public List<DiskLayer> layers(String target) {
    return element(target).map(DomainLayers::of).orElse(List.of());
  }

  /// Whether a commit of a running machine's disk has come so far that it can be finished.
  ///
  /// @param target the disk's place in the guest
  public boolean mirrored(String target) {
    return element(target)
        .flatMap(disk -> XmlText.attribute(disk, "mirror", "ready"))
        .filter("yes"::equals)
        .isPresent();
  }

  private Optional<Element> element(String target) {
    return devices("disk").stream()
        .filter(disk -> XmlText.attribute(disk, "target", "dev").filter(target::equals).isPresent())
        .findFirst();
  }

  private static Disk disk(Element disk) {
    String device = XmlText.attribute(disk, "device").orElse("disk");
    Optional<Element> source = XmlText.element(disk, "source");
    return new Disk(
        XmlText.attribute(disk, "target", "dev").orElse(""),
        XmlText.attribute(disk, "target", "bus").orElse(""),
        device.equals("disk") ? Disk.Kind.DISK : Disk.Kind.DRIVE,
        source
            .flatMap(s ->
                Stream.of("file", "dev").flatMap(a -> XmlText.attribute(s, a).stream()).findFirst())
            .map(Path::of),
        XmlText.attribute(disk, "driver", "type"),
        XmlText.element(disk, "readonly").isPresent(),
        XmlText.element(disk, "transient").isPresent());
  }

  /// The same machine with its disks frozen, or not any more: drives and what the guest only reads
  /// stay as they are.
  public DomainXml withFrozen(boolean frozen) {
    Document changed = copy();
    for (Element disk :
        XmlText.element(changed.getDocumentElement(), "devices").stream()
            .flatMap(devices -> XmlText.elements(devices, "disk").stream())
            .toList()) {
      Disk facts = disk(disk);
      XmlText.remove(disk, "transient");
      if (frozen && facts.isWritten()) {
        XmlText.add(disk, "transient");
      }
    }
    return new DomainXml(changed);
  }

  /// The same machine with a disc in a drive of its own, which it can only read.
  public DomainXml withDisc(Path disc) {
    Document changed = copy();
    List<String> taken = disks().stream().map(Disk::target).toList();
    String target =
        IntStream.rangeClosed('a', 'z')
            .mapToObj(letter -> "sd" + (char) letter)
            .filter(name -> !taken.contains(name))
            .findFirst()
            .orElseThrow();
    XmlText.element(changed.getDocumentElement(), "devices")
        .ifPresent(devices -> {
          Element drive = XmlText.add(devices, "disk", "type", "file", "device", "cdrom");
          XmlText.add(drive, "driver", "name", "qemu", "type", "raw");
          XmlText.add(drive, "source", "file", disc.toString());
          XmlText.add(drive, "target", "dev", target, "bus", "sata");
          XmlText.add(drive, "readonly");
        });
    return new DomainXml(changed);
  }

  /// A network card.
  ///
  /// @param mac its address
  /// @param type what it is connected to: `network`, `bridge`, `user`
  /// @param source the network or bridge, when it has a name
  public record Card(Optional<String> mac, String type, Optional<String> source) {}

  /// Its network cards, in their order.
  public List<Card> cards() {
    return devices("interface").stream()
        .map(card ->
            new Card(
                XmlText.attribute(card, "mac", "address"),
                card.getAttribute("type"),
                Stream.of("network", "bridge", "dev")
                    .flatMap(name -> XmlText.attribute(card, "source", name).stream())
                    .findFirst()))
        .toList();
  }

  /// A screen that can be looked at from outside.
  ///
  /// @param type `vnc`, `spice`
  /// @param listen the host's address
  /// @param port 0 while it has none
  public record Graphics(String type, String listen, int port) {}

  /// Its screens.
  public List<Graphics> graphics() {
    return devices("graphics").stream()
        .map(one ->
            new Graphics(
                one.getAttribute("type"),
                one.getAttribute("listen"),
                XmlText.attribute(one, "port").map(Integer::parseInt).filter(p -> p > 0).orElse(0)))
        .toList();
  }

  /// The text, for libvirt and for people.
  @Override
  public String toString() {
    return XmlText.print(document);
  }
}
