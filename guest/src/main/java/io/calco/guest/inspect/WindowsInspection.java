package io.calco.guest.inspect;

import io.calco.disk.bytes.LittleEndian;
import io.calco.guest.GuestTree;
import io.calco.guest.PrintableText;
import io.calco.guest.WindowsPaths;
import io.calco.guest.inspect.WindowsFacts.Driver;
import io.calco.guest.inspect.WindowsFacts.Start;
import io.calco.guest.inspect.WindowsFacts.SysprepState;
import io.calco.guest.registry.FileTime;
import io.calco.guest.registry.Hive;
import io.calco.guest.registry.Recovery;
import io.calco.guest.registry.RegistryData;
import io.calco.guest.registry.RegistryKey;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Reads a Windows' facts from its hives SOFTWARE, SYSTEM and SAM. A hive that cannot be read costs
/// its facts and gives a warning.
public final class WindowsInspection {
  private static final String CONFIG = "/Windows/System32/config/";
  private static final String CURRENT_VERSION = "Microsoft\\Windows NT\\CurrentVersion";
  private static final int MAX_LOG = 64 << 20; // ours, bytes
  private static final int MAX_LISTED = 1000; // ours: users, addresses
  private static final int FIRST_WINDOWS_11 = 22_000; // build

  /// Services of virtio's drivers, of Xen's and of VMware's disks and network.
  private static final List<String> DRIVERS =
      List.of(
          "viostor",
          "vioscsi",
          "netkvm",
          "vioser",
          "balloon",
          "viorng",
          "viofs",
          "xenvbd",
          "xennet",
          "pvscsi",
          "vmxnet3ndis6");

  private final GuestTree tree;
  private final List<String> warnings;

  private WindowsInspection(GuestTree tree, List<String> warnings) {
    this.tree = tree;
    this.warnings = warnings;
  }

  /// Reads.
  @FunctionalInterface
  private interface Reader<T> {
    Optional<T> read(RegistryKey key) throws IOException;
  }

  /// What the tree's Windows says of itself.
  ///
  /// @param warnings gets a sentence for what cannot be read
  public static WindowsFacts of(GuestTree tree, List<String> warnings) {
    return new WindowsInspection(tree, warnings).facts();
  }

  /// Whether the tree's Windows was generalised.
  ///
  /// @throws IOException when the hive SOFTWARE cannot be read: nothing is known then
  public static SysprepState sysprepState(GuestTree tree) throws IOException {
    WindowsInspection inspection = new WindowsInspection(tree, new ArrayList<>());
    return sysprep(inspection.hive("SOFTWARE"), inspection.hive("SYSTEM"));
  }

  private WindowsFacts facts() {
    Optional<RegistryKey> software = root("SOFTWARE");
    Optional<RegistryKey> system = root("SYSTEM");
    Optional<RegistryKey> sam = root("SAM");
    Optional<RegistryKey> version = at(software, CURRENT_VERSION);
    Optional<RegistryKey> control = controlSet(system);
    Optional<RegistryKey> services = at(control, "Services");
    Optional<Integer> build =
        text(version, "CurrentBuild")
            .or(() -> text(version, "CurrentBuildNumber"))
            .map(this::digits);
    return new WindowsFacts(
        text(version, "ProductName").map(name -> productName(name, build.orElse(0))),
        text(version, "EditionID"),
        versionNumber(version),
        build.map(number -> number + number(version, "UBR").map(ubr -> "." + ubr).orElse("")),
        text(version, "DisplayVersion").or(() -> text(version, "ReleaseId")),
        text(at(control, "Control\\Session Manager\\Environment"), "PROCESSOR_ARCHITECTURE")
            .map(WindowsInspection::architecture),
        text(at(control, "Control\\ComputerName\\ComputerName"), "ComputerName"),
        read(at(sam, "SAM\\Domains\\Account"), WindowsInspection::machineSid),
        text(at(control, "Control\\TimeZoneInformation"), "TimeZoneKeyName"),
        read(at(control, "Control\\Windows"), WindowsInspection::shutdownTime),
        read(software, key -> Optional.of(sysprep(Optional.of(key), system)))
            .orElse(new SysprepState(Optional.empty(), Optional.empty(), false, Optional.empty())),
        at(services, "cloudbase-init").isPresent(),
        drivers(services),
        read(at(services, "Tcpip\\Parameters\\Interfaces"), WindowsInspection::staticAddresses)
            .orElse(List.of()),
        read(at(sam, "SAM\\Domains\\Account\\Users\\Names"), WindowsInspection::names)
            .orElse(List.of()));
  }

  private Optional<RegistryKey> root(String name) {
    try {
      return hive(name);
    } catch (IOException e) {
      warnings.add("cannot read the registry's " + name + ": " + e.getMessage());
      return Optional.empty();
    }
  }

  private Optional<RegistryKey> hive(String name) throws IOException {
    Optional<String> path = WindowsPaths.find(tree, CONFIG + name);
    Optional<byte[]> content =
        path.isEmpty() ? Optional.empty() : tree.readBytes(path.get(), Hive.MAX_SIZE);
    if (content.isEmpty()) {
      warnings.add("the registry's " + name + " is not there");
      return Optional.empty();
    }
    List<byte[]> logs = new ArrayList<>();
    for (String log : List.of(".LOG1", ".LOG2")) {
      Optional<String> place = WindowsPaths.find(tree, CONFIG + name + log);
      if (place.isPresent()) {
        tree.readBytes(place.get(), MAX_LOG).ifPresent(logs::add);
      }
    }
    Hive hive = Hive.of(PrintableText.of(path.get()), content.get(), logs);
    if (hive.recovery() == Recovery.DIRTY) {
      warnings.add(
          "the registry's " + name + " was not written completely: Windows was not shut down");
    }
    return Optional.of(hive.root());
  }

  private <T> Optional<T> read(Optional<RegistryKey> key, Reader<T> reader) {
    try {
      return key.isEmpty() ? Optional.empty() : reader.read(key.get());
    } catch (IOException e) {
      warnings.add("the registry: " + e.getMessage());
      return Optional.empty();
    }
  }

  private Optional<RegistryKey> at(Optional<RegistryKey> key, String path) {
    return read(key, k -> k.find(path));
  }

  private Optional<String> text(Optional<RegistryKey> key, String name) {
    return read(key, k -> k.text(name)).filter(text -> !text.isBlank());
  }

  private Optional<Integer> number(Optional<RegistryKey> key, String name) {
    return read(key, k -> k.number(name));
  }

  /// The control set that the last boot used.
  private Optional<RegistryKey> controlSet(Optional<RegistryKey> system) {
    int current = number(at(system, "Select"), "Current").orElse(1);
    return at(system, "ControlSet%03d".formatted(Math.clamp(current, 0, 999)));
  }

  private Integer digits(String text) {
    return text.matches("[0-9]{1,9}") ? Integer.valueOf(text) : 0;
  }

  /// Windows 11 still calls itself 10 there.
  private static String productName(String name, int build) {
    return build >= FIRST_WINDOWS_11 && name.startsWith("Windows 10")
        ? "Windows 11" + name.substring("Windows 10".length())
        : name;
  }

  private Optional<String> versionNumber(Optional<RegistryKey> version) {
    Optional<Integer> major = number(version, "CurrentMajorVersionNumber");
    return major.isPresent()
        ? Optional.of(major.get() + "." + number(version, "CurrentMinorVersionNumber").orElse(0))
        : text(version, "CurrentVersion");
  }

  private static String architecture(String windows) {
    return switch (windows) {
      case "AMD64" -> "x86_64";
      case "x86" -> "i686";
      case "ARM64" -> "aarch64";
      default -> windows;
    };
  }

  /// The domain's `V` ends with the three numbers that are the machine's own.
  private static Optional<String> machineSid(RegistryKey account) throws IOException {
    Optional<byte[]> data = account.findValue("V").map(RegistryData::encode);
    if (data.isEmpty() || data.get().length < 12) {
      return Optional.empty();
    }
    int at = data.get().length - 12;
    return Optional.of(
        "S-1-5-21-%d-%d-%d"
            .formatted(
                LittleEndian.u32(data.get(), at),
                LittleEndian.u32(data.get(), at + 4),
                LittleEndian.u32(data.get(), at + 8)));
  }

  private static Optional<Instant> shutdownTime(RegistryKey windows) throws IOException {
    return windows
        .findValue("ShutdownTime")
        .map(RegistryData::encode)
        .filter(data -> data.length == 8)
        .map(data -> FileTime.toInstant(LittleEndian.s64(data, 0)));
  }

  private static SysprepState sysprep(Optional<RegistryKey> software, Optional<RegistryKey> system)
      throws IOException {
    Optional<RegistryKey> state =
        find(software, "Microsoft\\Windows\\CurrentVersion\\Setup\\State");
    Optional<RegistryKey> status = find(system, "Setup\\Status\\SysprepStatus");
    Optional<RegistryKey> setup = find(system, "Setup");
    return new SysprepState(
        state.isEmpty() ? Optional.empty() : state.get().text("ImageState"),
        status.isEmpty() ? Optional.empty() : status.get().number("GeneralizationState"),
        setup.isPresent() && setup.get().number("SystemSetupInProgress").orElse(0) != 0,
        setup.isEmpty() ? Optional.empty() : setup.get().texts("CloneTag").stream().findFirst());
  }

  private static Optional<RegistryKey> find(Optional<RegistryKey> key, String path)
      throws IOException {
    return key.isEmpty() ? Optional.empty() : key.get().find(path);
  }

  private List<Driver> drivers(Optional<RegistryKey> services) {
    List<Driver> drivers = new ArrayList<>();
    for (String name : DRIVERS) {
      Optional<RegistryKey> service = at(services, name);
      if (service.isPresent()) {
        drivers.add(new Driver(name, start(number(service, "Start").orElse(-1))));
      }
    }
    return drivers;
  }

  private static Start start(int number) {
    Start[] starts = Start.values();
    return number >= 0 && number < starts.length ? starts[number] : Start.UNKNOWN;
  }

  private static Optional<List<String>> staticAddresses(RegistryKey interfaces) throws IOException {
    List<String> addresses = new ArrayList<>();
    for (RegistryKey key : interfaces.subkeys()) {
      if (key.number("EnableDHCP").orElse(0) == 0 && addresses.size() < MAX_LISTED) {
        key.texts("IPAddress").stream().filter(a -> !a.equals("0.0.0.0")).forEach(addresses::add);
      }
    }
    return Optional.of(addresses);
  }

  private static Optional<List<String>> names(RegistryKey users) throws IOException {
    return Optional.of(users.subkeys().stream().map(RegistryKey::name).limit(MAX_LISTED).toList());
  }
}
