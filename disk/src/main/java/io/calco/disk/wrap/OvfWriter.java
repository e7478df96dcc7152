package io.calco.disk.wrap;

import io.calco.disk.OpenPolicy;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/// Writes an OVF 1 descriptor, such as VMware's and VirtualBox's programs read. Thread rule:
/// confined.
final class OvfWriter {
  private static final String OVF = "http://schemas.dmtf.org/ovf/envelope/1";
  private static final String CIM = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/";
  private static final String RASD = CIM + "CIM_ResourceAllocationSettingData";
  private static final String VSSD = CIM + "CIM_VirtualSystemSettingData";
  private static final String VMW = "http://www.vmware.com/schema/ovf";
  private static final String STREAM_OPTIMIZED =
      "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized";
  private static final String NETWORK = "network";
  private static final long MEBIBYTE = 1 << 20;

  /// CIM's number of an operating system that its description names.
  private static final String OTHER_SYSTEM = "1";

  private final StringWriter text = new StringWriter();
  private final XMLStreamWriter out;
  private int depth;
  private int instance;

  private OvfWriter() throws XMLStreamException {
    out = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
  }

  /// The descriptor.
  ///
  /// @param sizes of the disks' files, in bytes
  static byte[] write(Ovf machine, List<Long> sizes) {
    try {
      OvfWriter writer = new OvfWriter();
      writer.envelope(machine, sizes);
      return writer.text.toString().getBytes(StandardCharsets.UTF_8);
    } catch (XMLStreamException e) {
      throw new IllegalStateException("a string cannot be written to", e);
    }
  }

  private void envelope(Ovf machine, List<Long> sizes) throws XMLStreamException {
    out.writeStartDocument("UTF-8", "1.0");
    out.setDefaultNamespace(OVF);
    out.setPrefix("ovf", OVF);
    out.setPrefix("rasd", RASD);
    out.setPrefix("vssd", VSSD);
    out.setPrefix("vmw", VMW);
    begin(OVF, "Envelope");
    out.writeDefaultNamespace(OVF);
    out.writeNamespace("ovf", OVF);
    out.writeNamespace("rasd", RASD);
    out.writeNamespace("vssd", VSSD);
    out.writeNamespace("vmw", VMW);
    references(machine, sizes);
    section("DiskSection", "The virtual disks");
    for (Ovf.VirtualDisk disk : machine.disks()) {
      line();
      out.writeEmptyElement(OVF, "Disk");
      attribute("capacity", Long.toString(disk.capacityBytes()));
      attribute("capacityAllocationUnits", "byte");
      attribute("diskId", disk.id());
      attribute("fileRef", fileId(disk));
      attribute("format", STREAM_OPTIMIZED);
    }
    end();
    section("NetworkSection", "The logical networks");
    begin(OVF, "Network");
    attribute("name", NETWORK);
    element(OVF, "Description", "The network that the machine hangs on");
    end();
    end();
    system(machine);
    end();
    out.writeEndDocument();
    text.append('\n');
  }

  private void references(Ovf machine, List<Long> sizes) throws XMLStreamException {
    begin(OVF, "References");
    for (int i = 0; i < machine.disks().size(); i++) {
      Ovf.VirtualDisk disk = machine.disks().get(i);
      line();
      out.writeEmptyElement(OVF, "File");
      attribute("href", disk.file().orElseThrow().href());
      attribute("id", fileId(disk));
      attribute("size", Long.toString(sizes.get(i)));
    }
    end();
  }

  private static String fileId(Ovf.VirtualDisk disk) {
    return "file-" + disk.id();
  }

  private void system(Ovf machine) throws XMLStreamException {
    begin(OVF, "VirtualSystem");
    attribute("id", printable(machine.name()));
    element(OVF, "Info", "A virtual machine");
    element(OVF, "Name", printable(machine.name()));
    begin(OVF, "OperatingSystemSection");
    attribute("id", OTHER_SYSTEM);
    element(OVF, "Info", "The operating system");
    element(OVF, "Description", printable(machine.operatingSystem().orElse("Other")));
    end();
    section("VirtualHardwareSection", "The virtual hardware");
    begin(OVF, "System");
    element(VSSD, "ElementName", "Virtual Hardware Family");
    element(VSSD, "InstanceID", "0");
    element(VSSD, "VirtualSystemIdentifier", printable(machine.name()));
    element(VSSD, "VirtualSystemType", printable(machine.hardware().orElse("vmx-13")));
    end();
    processorsAndMemory(machine);
    disks(machine);
    for (int i = 0; i < machine.networkAdapters(); i++) {
      begin(OVF, "Item");
      element(RASD, "AddressOnParent", Integer.toString(7 + i));
      element(RASD, "AutomaticAllocation", "true");
      element(RASD, "Connection", NETWORK);
      element(RASD, "ElementName", "Network adapter " + (i + 1));
      element(RASD, "InstanceID", nextInstance());
      element(RASD, "ResourceSubType", "E1000");
      element(RASD, "ResourceType", "10");
      end();
    }
    if (machine.firmware().isPresent()) {
      line();
      out.writeEmptyElement(VMW, "Config");
      attribute("required", "false");
      out.writeAttribute(VMW, "key", "firmware");
      out.writeAttribute(VMW, "value", machine.firmware().get());
    }
    end();
    end();
  }

  private void processorsAndMemory(Ovf machine) throws XMLStreamException {
    String cpus = Integer.toString(machine.cpus().orElse(1));
    begin(OVF, "Item");
    element(RASD, "AllocationUnits", "hertz * 10^6");
    element(RASD, "Description", "Number of virtual CPUs");
    element(RASD, "ElementName", cpus + " virtual CPUs");
    element(RASD, "InstanceID", nextInstance());
    element(RASD, "ResourceType", "3");
    element(RASD, "VirtualQuantity", cpus);
    end();
    long memory = Math.ceilDiv(machine.memoryBytes().orElse(1L << 30), MEBIBYTE);
    begin(OVF, "Item");
    element(RASD, "AllocationUnits", "byte * 2^20");
    element(RASD, "Description", "Memory size");
    element(RASD, "ElementName", memory + " MB of memory");
    element(RASD, "InstanceID", nextInstance());
    element(RASD, "ResourceType", "4");
    element(RASD, "VirtualQuantity", Long.toString(memory));
    end();
  }

  /// A controller of each kind that is asked for, and the disks on them.
  private void disks(Ovf machine) throws XMLStreamException {
    List<String> kinds = new ArrayList<>();
    for (Ovf.VirtualDisk disk : machine.disks()) {
      String kind = disk.controller().orElse("scsi");
      if (!kinds.contains(kind)) {
        kinds.add(kind);
      }
    }
    for (String kind : kinds) {
      String controller = nextInstance();
      controller(kind, controller, kinds.indexOf(kind));
      int place = 0;
      for (Ovf.VirtualDisk disk : machine.disks()) {
        if (disk.controller().orElse("scsi").equals(kind)) {
          begin(OVF, "Item");
          element(RASD, "AddressOnParent", Integer.toString(place++));
          element(RASD, "ElementName", "Hard disk " + printable(disk.id()));
          element(RASD, "HostResource", "ovf:/disk/" + printable(disk.id()));
          element(RASD, "InstanceID", nextInstance());
          element(RASD, "Parent", controller);
          element(RASD, "ResourceType", "17");
          end();
        }
      }
    }
  }

  private void controller(String kind, String id, int address) throws XMLStreamException {
    String subtype =
        switch (kind) {
          case "ide" -> "PIIX4";
          case "sata" -> "AHCI";
          case "nvme" -> "vmware.nvme.controller";
          default -> "lsilogic";
        };
    String type =
        switch (kind) {
          case "ide" -> "5";
          case "sata", "nvme" -> "20";
          default -> "6";
        };
    begin(OVF, "Item");
    element(RASD, "Address", Integer.toString(address));
    element(RASD, "ElementName", kind + " controller");
    element(RASD, "InstanceID", id);
    element(RASD, "ResourceSubType", subtype);
    element(RASD, "ResourceType", type);
    end();
  }

  private String nextInstance() {
    return Integer.toString(++instance);
  }

  private void section(String name, String info) throws XMLStreamException {
    begin(OVF, name);
    element(OVF, "Info", info);
  }

  private void begin(String namespace, String name) throws XMLStreamException {
    line();
    out.writeStartElement(namespace, name);
    depth++;
  }

  private void end() throws XMLStreamException {
    depth--;
    line();
    out.writeEndElement();
  }

  private void element(String namespace, String name, String content) throws XMLStreamException {
    line();
    out.writeStartElement(namespace, name);
    out.writeCharacters(content);
    out.writeEndElement();
  }

  private void attribute(String name, String value) throws XMLStreamException {
    out.writeAttribute(OVF, name, printable(value));
  }

  private void line() throws XMLStreamException {
    out.writeCharacters("\n" + "  ".repeat(depth));
  }

  /// XML has no control characters.
  private static String printable(String value) {
    return OpenPolicy.printable(value);
  }
}
