package io.calco.machine;

import io.calco.machine.MachineSettings.Bus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// A machine that QEMU alone runs, as it is kept.
///
/// @param name unique; letters, digits, `.`, `_`, `-`, 1 to 40 of them, the first no sign
/// @param uuid never changes
/// @param settings what it is made of
/// @param disk what it starts from
/// @param format of that file
/// @param mac of its network card, which leads out by NAT; empty for none
public record PlainMachine(
    String name,
    UUID uuid,
    MachineSettings settings,
    Path disk,
    String format,
    Optional<String> mac) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,39}");
  private static final Pattern FORMAT = Pattern.compile("[a-z0-9]{1,20}");
  private static final Pattern MAC = Pattern.compile("[0-9a-f]{2}(?::[0-9a-f]{2}){5}");
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /// Checks what becomes part of a path or of QEMU's words.
  public PlainMachine {
    require(isName(name), "\"%s\" is no name for a machine".formatted(name));
    require(disk.isAbsolute(), "%s: the path of a machine's disk is absolute".formatted(disk));
    require(FORMAT.matcher(format).matches(), "\"%s\" is no format".formatted(format));
    mac.ifPresent(address ->
        require(MAC.matcher(address).matches(), "\"%s\" is no address".formatted(address)));
  }

  /// True for what a machine can be called.
  static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }

  /// The same under another name.
  public PlainMachine named(String other) {
    return new PlainMachine(other, uuid, settings, disk, format, mac);
  }

  /// The same on another disk.
  PlainMachine on(Path otherDisk, String otherFormat) {
    return new PlainMachine(name, uuid, settings, otherDisk, otherFormat, mac);
  }

  /// Its disk's place in the guest.
  public String target() {
    return settings.bus() == Bus.VIRTIO ? "vda" : "sda";
  }

  /// What QEMU is told of it but for its sockets.
  ///
  /// @param variables of its firmware, where it has any
  List<String> options(Path variables) throws IOException {
    List<String> words = new ArrayList<>(settings.hardware(name, Optional.of(variables)));
    words.addAll(List.of("-uuid", uuid.toString(), "-display", "none"));
    words.addAll(
        List.of(
            "-drive",
            "if=none,id=%s,discard=unmap,format=%s,file=%s"
                .formatted(PlainDisk.DEVICE, format, Machine.escaped(disk))));
    words.addAll(List.of("-device", settings.disk()));
    words.addAll(
        List.of(
            "-nic",
            mac.map(own -> "user,model=%s,mac=%s".formatted(settings.card(), own)).orElse("none")));
    words.addAll(List.of("-device", "virtio-rng-pci", "-device", "virtio-serial-pci"));
    return words;
  }

  /// Reads what [#toString] wrote.
  ///
  /// @param source for messages
  /// @throws IOException when it is something else
  public static PlainMachine parse(String json, Path source) throws IOException {
    try {
      JsonNode node = MAPPER.readTree(json);
      return new PlainMachine(
          node.required("name").asString(),
          UUID.fromString(node.required("uuid").asString()),
          new MachineSettings(
              Accelerator.named(node.required("accelerator").asString()).orElseThrow(),
              Firmware.named(node.required("firmware").asString()).orElseThrow(),
              Bus.named(node.required("bus").asString()).orElseThrow(),
              node.required("memory-mib").asInt(),
              node.required("processors").asInt()),
          Path.of(node.required("disk").asString()),
          node.required("format").asString(),
          Optional.ofNullable(node.get("mac")).map(JsonNode::asString));
    } catch (JacksonException | IllegalArgumentException | NoSuchElementException e) {
      throw new IOException(source + ": is no machine as Calco keeps them", e);
    }
  }

  /// As it is kept: JSON.
  @Override
  public String toString() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("name", name);
    fields.put("uuid", uuid.toString());
    fields.put("accelerator", settings.accelerator().toString());
    fields.put("firmware", settings.firmware().name().toLowerCase(Locale.ROOT));
    fields.put("bus", settings.bus().name().toLowerCase(Locale.ROOT));
    fields.put("memory-mib", settings.memoryMiB());
    fields.put("processors", settings.processors());
    fields.put("disk", disk.toString());
    fields.put("format", format);
    mac.ifPresent(own -> fields.put("mac", own));
    return MAPPER.writeValueAsString(fields) + "\n";
  }
}
