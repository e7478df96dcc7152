package io.calco.engine.backup;

import io.calco.backup.Hardware;
import io.calco.backup.Hardware.DiskDevice;
import io.calco.backup.Hardware.NetworkCard;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The machine that this host is, as far as Linux tells: SMBIOS's fields (`/sys/class/dmi/id`; only
/// root may read numbers there) or a device tree's, processors, memory, disks, network cards, and
/// how its firmware starts it. What cannot be read is left out. Only reads.
final class HostHardware {
  private static final int FILE_MAX = 1 << 20; // ours: of /proc/cpuinfo
  private static final int TEXT_MAX = 200; // ours
  private static final int DEVICES_MAX = 64; // ours, of each kind

  /// What makers leave in who never said anything.
  private static final Pattern UNSAID =
      Pattern.compile(
          "(?i)to be filled by o\\.?e\\.?m\\.?|default string|not specified|none|n/a|system (manufacturer|product name|serial number)|[0.x-]*");

  private final Path sys;
  private final Path proc;

  private HostHardware(Path sys, Path proc) {
    this.sys = sys;
    this.proc = proc;
  }

  /// Looks at this host.
  static Hardware read() throws IOException {
    return read(Path.of("/sys"), Path.of("/proc"));
  }

  /// Looks at a host.
  ///
  /// @param sys its sysfs
  /// @param proc its procfs
  static Hardware read(Path sys, Path proc) throws IOException {
    return new HostHardware(sys, proc).look();
  }

  private Hardware look() throws IOException {
    List<String> processors = lines(proc.resolve("cpuinfo"));
    long threads = processors.stream().filter(line -> line.matches("processor\\s*:.*")).count();
    int sockets = new TreeSet<>(values(processors, "physical id")).size();
    return new Hardware(
        dmi("sys_vendor"),
        dmi("product_name").or(this::deviceTreeModel),
        dmi("product_serial"),
        dmi("product_uuid"),
        joined("board_vendor", "board_name"),
        joined("bios_vendor", "bios_version", "bios_date"),
        values(processors, "model name").stream().findFirst(),
        sockets > 0 ? OptionalInt.of(sockets) : OptionalInt.empty(),
        threads > 0 ? OptionalInt.of(Math.toIntExact(threads)) : OptionalInt.empty(),
        memory(),
        disks(),
        networkCards(),
        EfiVariables.read(sys.resolve("firmware/efi/efivars")));
  }

  private Optional<String> dmi(String field) {
    return text(sys.resolve("class/dmi/id").resolve(field))
        .filter(said -> !UNSAID.matcher(said).matches());
  }

  private Optional<String> joined(String... fields) {
    return Optional.of(
            Stream.of(fields)
                .flatMap(field -> dmi(field).stream())
                .collect(Collectors.joining(" ")))
        .filter(all -> !all.isEmpty());
  }

  private Optional<String> deviceTreeModel() {
    return text(sys.resolve("firmware/devicetree/base/model"));
  }

  private OptionalLong memory() throws IOException {
    Pattern line = Pattern.compile("MemTotal:\\s*([0-9]{1,15}) kB");
    return lines(proc.resolve("meminfo")).stream()
        .map(line::matcher)
        .filter(Matcher::matches)
        .mapToLong(found -> Long.parseLong(found.group(1)) << 10)
        .findFirst();
  }

  private List<DiskDevice> disks() throws IOException {
    List<DiskDevice> disks = new ArrayList<>();
    Path blocks = sys.resolve("class/block");
    for (String name : HostDevice.names(blocks)) {
      Path own = blocks.resolve(name);
      if (Files.exists(own.resolve("device")) && !HostDevice.isMemory(name)) {
        HostDevice disk = HostDevice.described(Path.of("/dev", name), own);
        disks.add(
            new DiskDevice(
                name,
                disk.model().map(HostHardware::cut),
                disk.serial().map(HostHardware::cut),
                HostDevice.size(own)));
      }
    }
    return disks.subList(0, Math.min(disks.size(), DEVICES_MAX));
  }

  private List<NetworkCard> networkCards() throws IOException {
    List<NetworkCard> cards = new ArrayList<>();
    Path network = sys.resolve("class/net");
    for (String name : HostDevice.names(network)) {
      Path device = network.resolve(name).resolve("device");
      Optional<String> mac = text(network.resolve(name).resolve("address"));
      if (Files.exists(device) && mac.isPresent()) {
        Path driver = device.resolve("driver");
        cards.add(
            new NetworkCard(
                name,
                mac.get(),
                Files.exists(driver)
                    ? Optional.of(cut(String.valueOf(driver.toRealPath().getFileName())))
                    : Optional.empty()));
      }
    }
    return cards.subList(0, Math.min(cards.size(), DEVICES_MAX));
  }

  private static List<String> values(List<String> lines, String field) {
    return lines.stream()
        .map(line -> line.split("\\s*:\\s*", 2))
        .filter(parts -> parts.length == 2 && parts[0].equals(field) && !parts[1].isBlank())
        .map(parts -> cut(parts[1].strip()))
        .toList();
  }

  private static Optional<String> text(Path file) {
    return HostDevice.line(file).map(HostHardware::cut).filter(text -> !text.isEmpty());
  }

  private static String cut(String text) {
    String printable = text.replaceAll("\\p{Cntrl}", "").strip();
    return printable.length() > TEXT_MAX ? printable.substring(0, TEXT_MAX) : printable;
  }

  private static List<String> lines(Path file) throws IOException {
    if (!Files.isReadable(file)) {
      return List.of();
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(FILE_MAX);
      return new String(bytes, StandardCharsets.UTF_8).lines().toList();
    }
  }
}
