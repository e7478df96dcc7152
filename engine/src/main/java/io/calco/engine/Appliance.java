package io.calco.engine;

import io.calco.disk.BesideFile;
import io.calco.disk.Companions;
import io.calco.disk.CopyOptions;
import io.calco.disk.CorruptImageException;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.DiskCopy;
import io.calco.disk.HostFile;
import io.calco.disk.Image;
import io.calco.disk.ImageFormat;
import io.calco.disk.ImageFormats;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.disk.LocalFile;
import io.calco.disk.wrap.Ova;
import io.calco.disk.wrap.Ovf;
import io.calco.volume.PartitionKind;
import io.calco.volume.PartitionTable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// A disk on its way into an appliance (`.ova`): what machine is described around it.
final class Appliance {
  /// The name that stands where an image format's does.
  static final String FORMAT = "ova";

  private static final String VMDK = "vmdk";
  private static final List<String> FIRMWARES = List.of("bios", "efi");
  private static final List<String> CONTROLLERS = List.of("sata", "scsi", "ide", "nvme");
  private static final long MEMORY = 2L << 30;
  private static final int CPUS_MAX = 1024;
  private static final Map<String, String> OWN_OPTIONS = ownOptions();

  private static Map<String, String> ownOptions() {
    Map<String, String> help = new LinkedHashMap<>();
    help.put("name", "the machine's name (the file's)");
    help.put("cpus", "its processors, 1 to 1024 (1)");
    help.put("memory", "its memory, such as 4G (2G)");
    help.put("firmware", "bios or efi (what the disk starts by)");
    help.put("controller", "what the disk is on: sata, scsi, ide or nvme (sata)");
    return help;
  }

  /// The machine's options and its disk's, with a line of help each.
  static Map<String, String> options() throws IOException {
    Map<String, String> all = new LinkedHashMap<>(OWN_OPTIONS);
    all.putAll(ImageFormats.get(VMDK).createOptions());
    all.remove("subformat");
    return all;
  }

  private final Disk disk;
  private final Map<String, String> own = new LinkedHashMap<>();
  private final Map<String, String> format = new LinkedHashMap<>();
  private final Ovf machine;

  /// @param options the machine's (`name`, `cpus`, `memory`, `firmware`, `controller`), and those
  ///   of its disk's format
  /// @param name of the machine, when the options name none
  /// @throws OperationException when an option's value is none
  Appliance(Disk disk, Map<String, String> options, String name) throws IOException {
    this.disk = disk;
    options.forEach((key, value) -> (OWN_OPTIONS.containsKey(key) ? own : format).put(key, value));
    if (format.containsKey("subformat")) {
      throw new OperationException(
          OperationException.Kind.USAGE, "the disk of an appliance is always streamOptimized");
    }
    String controller = oneOf("controller", CONTROLLERS).orElse(CONTROLLERS.getFirst());
    format.putIfAbsent("adapter_type", controller.equals("scsi") ? "lsilogic" : "ide");
    format.put("subformat", "streamOptimized");
    String firmware =
        oneOf("firmware", FIRMWARES).orElse(startsByEfi(disk) ? "efi" : FIRMWARES.getFirst());
    machine =
        new Ovf(
            own.getOrDefault("name", name),
            Optional.empty(),
            Optional.empty(),
            Optional.of(firmware),
            OptionalInt.of(cpus()),
            OptionalLong.of(memory()),
            1,
            List.of(
                new Ovf.VirtualDisk(
                    "", disk.size(), Optional.empty(), Optional.empty(), Optional.of(controller))));
  }

  private Optional<String> oneOf(String option, List<String> known) {
    Optional<String> value = Optional.ofNullable(own.get(option));
    if (value.isPresent() && !known.contains(value.get())) {
      throw invalid(option, String.join(", ", known));
    }
    return value;
  }

  private int cpus() {
    String text = own.getOrDefault("cpus", "1");
    if (!text.matches("[1-9][0-9]{0,3}") || Integer.parseInt(text) > CPUS_MAX) {
      throw invalid("cpus", "1 to " + CPUS_MAX);
    }
    return Integer.parseInt(text);
  }

  private long memory() {
    return own.containsKey("memory") ? SizeChange.parseBytes(own.get("memory")) : MEMORY;
  }

  private OperationException invalid(String option, String expected) {
    return new OperationException(
        OperationException.Kind.USAGE,
        "%s=%s: expected %s".formatted(option, own.get(option), expected));
  }

  /// There is a place where firmware of that kind looks, and nothing for the other kind.
  private static boolean startsByEfi(Disk disk) throws IOException {
    try {
      return PartitionTable.find(disk)
          .filter(table -> !table.bootCode())
          .filter(table ->
              table.partitions().stream()
                  .anyMatch(each -> each.type().kind() == PartitionKind.EFI_SYSTEM))
          .isPresent();
    } catch (CorruptImageException unreadable) {
      return false;
    }
  }

  /// Writes the appliance into a file that appears, or is replaced, when it is complete.
  void make(Path target, ImageConversion.Options how, JobContext job) throws IOException {
    Path place = TargetFile.of(target);
    BesideFile.sweep(place.resolveSibling(""));
    try (BesideFile part = BesideFile.of(place)) {
      try (LocalFile file = LocalFile.create(part.path())) {
        Ova.write(file, machine, List.of(member -> fill(member, how, job)), Instant.now(), job);
      }
      part.publishReplacing(how.durability());
    }
  }

  private void fill(HostFile member, ImageConversion.Options how, JobContext job)
      throws IOException {
    ImageFormats.get(VMDK).create(member, layout(), Companions.none());
    ImageOptions writing = ImageOptions.reading().withFormat(VMDK).with(ImageOptions.Access.WRITE);
    try (Image to = Image.openOwning(member, writing)) {
      CopyOptions defaults = CopyOptions.toNew(to, "converting");
      CopyOptions options =
          how.threads()
              .map(defaults::withThreads)
              .orElse(defaults)
              .withSparseLength(how.sparseLength());
      DiskCopy.copyCompressed(disk, to, options, job);
    }
  }

  /// The appliance as a file that is made as it is read; the disk must stay open for it.
  HostFile layOut(Instant time, JobContext job) throws IOException {
    ImageFormat vmdk = ImageFormats.get(VMDK);
    return Ova.layOut(machine, List.of(vmdk.layOut(disk, layout())), time, job);
  }

  private CreateOptions layout() {
    return new CreateOptions(disk.size(), Optional.empty(), format);
  }
}
