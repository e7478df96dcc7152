package io.calco.backup.clonezilla;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The devices of a disk as lsblk and blkid list them. Confined.
final class BlockDevices {
  private final List<Device> devices = new ArrayList<>();

  /// A device.
  ///
  /// @param name its own
  /// @param type as lsblk says it: `disk`, `part`, `lvm`
  /// @param size in bytes
  /// @param fileSystem as blkid says it; empty when nothing is known
  /// @param uuid the file system's
  /// @param label the file system's
  /// @param partitionUuid the partition's
  /// @param partitionName the partition's
  record Device(
      DeviceName name,
      String type,
      long size,
      String fileSystem,
      Optional<String> uuid,
      Optional<String> label,
      Optional<String> partitionUuid,
      String partitionName) {}

  /// Adds one; the disk comes first.
  void add(Device device) {
    devices.add(device);
  }

  /// `lsblk -o KNAME,NAME,SIZE,TYPE,FSTYPE,MOUNTPOINT,MODEL`.
  String list() {
    StringBuilder text = new StringBuilder("KNAME NAME SIZE TYPE FSTYPE MOUNTPOINT MODEL\n");
    for (int i = 0; i < devices.size(); i++) {
      Device device = devices.get(i);
      String branch = i == 0 ? "" : i == devices.size() - 1 ? "`-" : "|-";
      text.append(
          "%s %s%s %s %s %s\n"
              .formatted(
                  device.name().file(),
                  branch,
                  device.name().file(),
                  Sizes.binary(device.size()),
                  device.type(),
                  device.fileSystem()));
    }
    return text.toString();
  }

  /// `blkid`.
  String attributes() {
    StringBuilder text = new StringBuilder();
    for (Device device : devices) {
      StringBuilder line = new StringBuilder();
      device.label().ifPresent(label -> attribute(line, "LABEL", label));
      device.uuid().ifPresent(uuid -> attribute(line, "UUID", uuid));
      if (!device.fileSystem().isEmpty()) {
        attribute(line, "TYPE", device.fileSystem());
      }
      if (!device.partitionName().isEmpty()) {
        attribute(line, "PARTLABEL", device.partitionName());
      }
      device.partitionUuid().ifPresent(uuid -> attribute(line, "PARTUUID", uuid));
      if (!line.isEmpty()) {
        text.append(device.name().path()).append(':').append(line).append('\n');
      }
    }
    return text.toString();
  }

  private static void attribute(StringBuilder line, String name, String value) {
    line.append(' ').append(name).append("=\"");
    value
        .codePoints()
        .forEach(c -> {
          if (c == '"' || c == '\\') {
            line.append('\\');
          }
          line.appendCodePoint(Character.isISOControl(c) ? '_' : c);
        });
    line.append('"');
  }

  /// `lsblk -JOb`, the columns that mean anything of a saved disk.
  String json() {
    StringBuilder text = new StringBuilder("{\n   \"blockdevices\": [\n");
    for (int i = 0; i < devices.size(); i++) {
      Device device = devices.get(i);
      text.append("      {\"name\":").append(string(device.name().file()));
      text.append(",\"kname\":").append(string(device.name().file()));
      text.append(",\"path\":").append(string(device.name().path()));
      text.append(",\"size\":").append(device.size());
      text.append(",\"type\":").append(string(device.type()));
      text.append(",\"fstype\":").append(stringOrNull(device.fileSystem()));
      text.append(",\"label\":").append(stringOrNull(device.label().orElse("")));
      text.append(",\"uuid\":").append(stringOrNull(device.uuid().orElse("")));
      text.append(",\"partuuid\":").append(stringOrNull(device.partitionUuid().orElse("")));
      text.append(",\"partlabel\":").append(stringOrNull(device.partitionName()));
      text.append(",\"pkname\":")
          .append(i == 0 ? "null" : string(devices.getFirst().name().file()));
      text.append(i == devices.size() - 1 ? "}\n" : "},\n");
    }
    return text.append("   ]\n}\n").toString();
  }

  private static String stringOrNull(String value) {
    return value.isEmpty() ? "null" : string(value);
  }

  private static String string(String value) {
    StringBuilder text = new StringBuilder("\"");
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c) || c == 0x7f) {
        text.append("\\u%04x".formatted((int) c));
      } else {
        text.append(c);
      }
    }
    return text.append('"').toString();
  }
}
