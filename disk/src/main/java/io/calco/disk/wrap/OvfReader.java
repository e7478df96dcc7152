package io.calco.disk.wrap;

import io.calco.disk.CorruptImageException;
import io.calco.disk.OpenPolicy;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.jspecify.annotations.Nullable;

/// Reads an OVF descriptor. Elements and attributes are known by their local names, as versions 1
/// and 2 differ in namespaces and programs in their care for them. Nothing outside the descriptor
/// is ever opened: document types are refused, so there are no entities. Thread rule: confined.
final class OvfReader {
  private static final XMLInputFactory FACTORY = factory();
  private static final Pattern POWER =
      Pattern.compile("byte\\s*\\*\\s*(2|10)\\s*\\^\\s*(\\d{1,2})");

  /// CIM's numbers for kinds of hardware.
  private static final int CPU = 3;

  private static final int MEMORY = 4;
  private static final int IDE = 5;
  private static final int SCSI = 6;
  private static final int NETWORK = 10;
  private static final int DISK = 17;
  private static final int OTHER_STORAGE = 20;

  /// A disk as it is declared.
  private record Declared(
      String id, long capacity, Optional<String> fileRef, Optional<String> parent) {}

  private final String file;
  private final Map<String, Ovf.File> files = new HashMap<>();
  private final List<Declared> disks = new ArrayList<>();
  private final List<Map<String, String>> items = new ArrayList<>();
  private final Map<String, String> texts = new HashMap<>();
  private Optional<String> systemId = Optional.empty();
  private Optional<String> firmware = Optional.empty();
  private @Nullable Map<String, String> item;

  private OvfReader(String file) {
    this.file = file;
  }

  private static XMLInputFactory factory() {
    XMLInputFactory factory = XMLInputFactory.newDefaultFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_COALESCING, true);
    return factory;
  }

  /// Reads a descriptor.
  ///
  /// @param file for messages
  static Ovf read(String file, byte[] xml) throws CorruptImageException {
    OvfReader reader = new OvfReader(file);
    try {
      XMLStreamReader in = FACTORY.createXMLStreamReader(new StringReader(decode(xml)));
      reader.readAll(in);
      in.close();
    } catch (XMLStreamException e) {
      throw new CorruptImageException(
          "%s: the OVF descriptor is no XML at line %d"
              .formatted(file, e.getLocation() == null ? 1 : e.getLocation().getLineNumber()));
    }
    return reader.result();
  }

  /// UTF-16 by its mark, else UTF-8, whatever the declaration says: the JDK's reader prints to the
  /// terminal when bytes do not fit.
  private static String decode(byte[] xml) {
    boolean utf16 = xml.length >= 2 && ((xml[0] ^ xml[1]) & 0xff) == 0x01;
    String text = new String(xml, utf16 ? StandardCharsets.UTF_16 : StandardCharsets.UTF_8);
    return text.startsWith("\uFEFF") ? text.substring(1) : text;
  }

  private void readAll(XMLStreamReader in) throws XMLStreamException, CorruptImageException {
    StringBuilder text = new StringBuilder();
    List<String> path = new ArrayList<>();
    while (in.hasNext()) {
      switch (in.next()) {
        case XMLStreamConstants.DTD, XMLStreamConstants.ENTITY_REFERENCE ->
            throw new CorruptImageException(
                file + ": the OVF descriptor has a document type or entities");
        case XMLStreamConstants.START_ELEMENT -> {
          path.add(in.getLocalName());
          text.setLength(0);
          begin(in);
        }
        case XMLStreamConstants.CHARACTERS -> text.append(in.getText());
        case XMLStreamConstants.END_ELEMENT -> {
          path.removeLast();
          end(in.getLocalName(), path.isEmpty() ? "" : path.getLast(), text.toString().strip());
          text.setLength(0);
        }
        default -> {}
      }
    }
  }

  private void begin(XMLStreamReader in) throws CorruptImageException {
    switch (in.getLocalName()) {
      case "File" -> {
        OptionalLong chunk =
            attribute(in, "chunkSize").map(OvfReader::longOf).orElse(OptionalLong.empty());
        attribute(in, "id")
            .ifPresent(id -> files.put(id, new Ovf.File(attribute(in, "href").orElse(""), chunk)));
      }
      case "Disk" ->
          disks.add(
              new Declared(
                  attribute(in, "diskId").orElse(""),
                  capacity(in),
                  attribute(in, "fileRef"),
                  attribute(in, "parentRef")));
      case "VirtualSystem" -> systemId = systemId.or(() -> attribute(in, "id"));
      case "Item", "StorageItem", "EthernetPortItem" -> item = new HashMap<>();
      case "Config", "ExtraConfig" -> {
        if (attribute(in, "key").orElse("").equals("firmware")) {
          firmware = attribute(in, "value");
        }
      }
      case "Firmware" -> firmware = attribute(in, "type");
      default -> {}
    }
  }

  private void end(String element, String parent, String text) {
    switch (element) {
      case "Item", "StorageItem", "EthernetPortItem" -> {
        if (item != null) {
          items.add(item);
        }
        item = null;
      }
      case "Name" -> {
        if (parent.equals("VirtualSystem")) {
          texts.putIfAbsent(element, text);
        }
      }
      case "Description" -> {
        if (parent.equals("OperatingSystemSection")) {
          texts.putIfAbsent(element, text);
        }
      }
      case "VirtualSystemType" -> texts.putIfAbsent(element, text);
      default -> {
        if (item != null && !text.isEmpty()) {
          item.putIfAbsent(element, text);
        }
      }
    }
  }

  private static Optional<String> attribute(XMLStreamReader in, String name) {
    for (int i = 0; i < in.getAttributeCount(); i++) {
      if (in.getAttributeLocalName(i).equals(name)) {
        return Optional.of(in.getAttributeValue(i));
      }
    }
    return Optional.empty();
  }

  private long capacity(XMLStreamReader in) throws CorruptImageException {
    String text = attribute(in, "capacity").orElse("");
    OptionalLong value = longOf(text);
    OptionalLong unit = unit(attribute(in, "capacityAllocationUnits").orElse("byte"));
    if (value.isEmpty()
        || unit.isEmpty()
        || Math.multiplyHigh(value.getAsLong(), unit.getAsLong()) != 0
        || value.getAsLong() * unit.getAsLong() < 0) {
      throw new CorruptImageException(
          "%s: the OVF descriptor has a disk of capacity \"%s\""
              .formatted(file, OpenPolicy.printable(text)));
    }
    return value.getAsLong() * unit.getAsLong();
  }

  private static OptionalLong longOf(String text) {
    return text.matches("[0-9]{1,18}")
        ? OptionalLong.of(Long.parseLong(text))
        : OptionalLong.empty();
  }

  /// Bytes in a unit, as DSP0004 writes it, or as early programs did.
  private static OptionalLong unit(String text) {
    Matcher power = POWER.matcher(text.strip());
    if (power.matches()) {
      int exponent = Integer.parseInt(power.group(2));
      boolean binary = power.group(1).equals("2");
      if (exponent > (binary ? 60 : 18)) {
        return OptionalLong.empty();
      }
      return OptionalLong.of(binary ? 1L << exponent : powerOfTen(exponent));
    }
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "byte", "bytes", "" -> OptionalLong.of(1);
      case "kilobytes" -> OptionalLong.of(1L << 10);
      case "megabytes" -> OptionalLong.of(1L << 20);
      case "gigabytes" -> OptionalLong.of(1L << 30);
      default -> OptionalLong.empty();
    };
  }

  private static long powerOfTen(int exponent) {
    long value = 1;
    for (int i = 0; i < exponent; i++) {
      value *= 10;
    }
    return value;
  }

  private Ovf result() {
    OptionalInt cpus = OptionalInt.empty();
    OptionalLong memory = OptionalLong.empty();
    int adapters = 0;
    for (Map<String, String> each : items) {
      long quantity = longOf(each.getOrDefault("VirtualQuantity", "")).orElse(0);
      switch (kind(each)) {
        case CPU -> cpus = OptionalInt.of((int) Math.min(quantity, Integer.MAX_VALUE));
        case MEMORY -> {
          long unit = unit(each.getOrDefault("AllocationUnits", "megabytes")).orElse(1L << 20);
          memory =
              Math.multiplyHigh(quantity, unit) == 0 && quantity * unit >= 0
                  ? OptionalLong.of(quantity * unit)
                  : OptionalLong.empty();
        }
        case NETWORK -> adapters++;
        default -> {}
      }
    }
    return new Ovf(
        Optional.ofNullable(texts.get("Name")).or(() -> systemId).orElse(""),
        Optional.ofNullable(texts.get("Description")),
        Optional.ofNullable(texts.get("VirtualSystemType")),
        firmware.map(name -> name.toLowerCase(Locale.ROOT).startsWith("efi") ? "efi" : "bios"),
        cpus,
        memory,
        adapters,
        disks.stream().map(this::disk).toList());
  }

  private Ovf.VirtualDisk disk(Declared disk) {
    return new Ovf.VirtualDisk(
        disk.id(),
        disk.capacity(),
        disk.fileRef().map(ref -> files.getOrDefault(ref, new Ovf.File(ref, OptionalLong.empty()))),
        disk.parent(),
        controllerOf(disk.id()));
  }

  /// What the item that names the disk hangs on.
  private Optional<String> controllerOf(String disk) {
    for (Map<String, String> each : items) {
      if (kind(each) == DISK && each.getOrDefault("HostResource", "").endsWith("/disk/" + disk)) {
        String parent = each.getOrDefault("Parent", "");
        return items.stream()
            .filter(other -> other.getOrDefault("InstanceID", "").equals(parent))
            .findFirst()
            .flatMap(OvfReader::controller);
      }
    }
    return Optional.empty();
  }

  private static Optional<String> controller(Map<String, String> item) {
    return switch (kind(item)) {
      case IDE -> Optional.of("ide");
      case SCSI -> Optional.of("scsi");
      case OTHER_STORAGE ->
          item.getOrDefault("ResourceSubType", "").toLowerCase(Locale.ROOT).contains("nvme")
              ? Optional.of("nvme")
              : Optional.of("sata");
      default -> Optional.empty();
    };
  }

  private static int kind(Map<String, String> item) {
    return (int) Math.min(longOf(item.getOrDefault("ResourceType", "")).orElse(0), 1 << 16);
  }
}
