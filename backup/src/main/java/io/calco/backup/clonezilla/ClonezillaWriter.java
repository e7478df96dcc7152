package io.calco.backup.clonezilla;

import io.calco.disk.CorruptImageException;
import io.calco.disk.CutChannel;
import io.calco.disk.Disk;
import io.calco.disk.DiskFile;
import io.calco.disk.FileStream;
import io.calco.disk.HostFile;
import io.calco.disk.JobContext;
import io.calco.disk.partclone.PartcloneOptions;
import io.calco.disk.partclone.PartcloneWriter;
import io.calco.disk.wrap.Compression;
import io.calco.volume.Partition;
import io.calco.volume.PartitionTable;
import io.calco.volume.VolumeKeys;
import io.calco.volume.Volumes;
import io.calco.volume.lvm.GroupBackup;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/// Saves a disk to a directory that Clonezilla restores, `ocs-sr restoredisk`, and that
/// [ClonezillaImage] reads.
///
/// The directory appears under its name when it is whole and on the medium. The disk must not
/// change meanwhile. Stateless.
public final class ClonezillaWriter {
  private static final int SECTOR = 512;
  private static final int FIRST_SECTORS = 34; // Clonezilla's
  private static final int LAST_SECTORS = 32; // what Clonezilla's 33 come to
  private static final long HIDDEN_MAX = 1 << 30; // Clonezilla's
  private static final int GPT_HEAD = 8 << 20;

  /// What a stream can grow by when it cannot be packed: less than this share, and a little.
  private static final int GROWTH_SHARE = 50;

  private static final DateTimeFormatter CREATED =
      DateTimeFormatter.ofPattern("yyyy-MMdd-HHmm", Locale.ROOT);
  private static final DateTimeFormatter SAVED =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

  private final DeviceName name;
  private final Disk disk;
  private final ClonezillaOptions options;
  private final JobContext job;
  private final DiskPlan plan;
  private final NewDirectory directory;

  private ClonezillaWriter(
      Disk disk, ClonezillaOptions options, JobContext job, DiskPlan plan, NewDirectory directory) {
    this.name = plan.name();
    this.disk = disk;
    this.options = options;
    this.job = job;
    this.plan = plan;
    this.directory = directory;
  }

  /// Saves a disk.
  ///
  /// @param target the new directory
  /// @param now what the image says of when it was made
  /// @return what is saved otherwise than might be expected, a sentence each
  /// @throws java.nio.file.FileAlreadyExistsException when the target is there
  /// @throws CorruptImageException when the disk's tables could not be restored
  public static List<String> write(
      Disk disk, Path target, ClonezillaOptions options, Instant now, JobContext job)
      throws IOException {
    DeviceName name = DeviceName.of(options.disk(), "disk");
    try (Volumes volumes = Volumes.of(disk, VolumeKeys.none())) {
      DiskPlan plan = DiskPlan.of(name, disk, volumes);
      try (NewDirectory directory = NewDirectory.begin(target)) {
        new ClonezillaWriter(disk, options, job, plan, directory).writeAll(now);
        directory.publish();
      }
      return plan.remarks();
    }
  }

  /// Tells what [#write] would save, and how; writes nothing.
  public static ClonezillaPlan plan(Disk disk, ClonezillaOptions options) throws IOException {
    DeviceName name = DeviceName.of(options.disk(), "disk");
    try (Volumes volumes = Volumes.of(disk, VolumeKeys.none())) {
      return DiskPlan.of(name, disk, volumes).told();
    }
  }

  private void writeAll(Instant now) throws IOException {
    writeTables();
    for (Map.Entry<DeviceName, PlannedContent> part : plan.parts().entrySet()) {
      write(part.getKey(), part.getValue());
    }
    for (Map.Entry<DeviceName, PlannedContent> volume : plan.logical().entrySet()) {
      write(volume.getKey(), volume.getValue());
    }
    writeGroups();
    writeLists();
    writeMark(now);
  }

  private void writeTables() throws IOException {
    Optional<PartitionTable> table = plan.table();
    if (table.isEmpty()) {
      directory.write(
          name.file() + "-pt.parted",
          TableTexts.heading(name, disk.size(), SECTOR, "loop", disk.size() / SECTOR + "s"));
      return;
    }
    directory.write(name.file() + "-mbr", disk.readBytes(0, SECTOR));
    Optional<GptHead> gpt = Optional.empty();
    if (table.get().name().equals("gpt")) {
      gpt = Optional.of(writeGpt());
    } else {
      writeHidden(table.get());
    }
    Map<Integer, String> contents = new LinkedHashMap<>();
    for (Partition partition : table.get().partitions()) {
      PlannedContent content = plan.parts().get(name.partition(partition.number()));
      contents.put(partition.number(), content == null ? "" : content.fileSystem());
    }
    TableTexts texts = new TableTexts(name, disk.size(), table.get(), gpt, contents);
    directory.write(name.file() + "-pt.sf", texts.dump());
    directory.write(name.file() + "-chs.sf", texts.geometry());
    directory.write(name.file() + "-pt.parted", texts.parted());
    directory.write(name.file() + "-pt.parted.compact", texts.partedCompact());
  }

  private GptHead writeGpt() throws IOException {
    byte[] first = disk.readBytes(0, (int) Math.min(GPT_HEAD, disk.size()));
    GptHead head =
        GptHead.ofFirstSectors(first)
            .orElseThrow(() ->
                new CorruptImageException(
                    "GPT header at 0x200: the primary copy is damaged; mend it before it is saved, with sgdisk"));
    long end = Math.max(FIRST_SECTORS * SECTOR, head.entriesOffset() + head.entries().length);
    directory.write(name.file() + "-gpt-1st", java.util.Arrays.copyOf(first, Math.toIntExact(end)));
    int last = LAST_SECTORS * SECTOR;
    directory.write(name.file() + "-gpt-2nd", disk.readBytes(disk.size() - last, last));
    directory.write(name.file() + "-gpt.gdisk", head.toBackupFile());
    return head;
  }

  /// What lies between the boot record and the first partition, and the first extended boot record.
  private void writeHidden(PartitionTable table) throws IOException {
    long first = table.partitions().stream().mapToLong(Partition::start).min().orElse(0);
    long length = first - SECTOR;
    if (length > 0 && length < HIDDEN_MAX) {
      Disk hidden = disk.slice(SECTOR, length);
      try (NewDirectory.Member file = directory.member(name.file() + "-hidden-data-after-mbr")) {
        FileStream.copy(new DiskFile(name.text(), hidden), file, "saving " + name, job);
      }
    }
    for (Partition partition : table.partitions()) {
      if (partition.extended()) {
        directory.write(
            name.partition(partition.number()).file() + "-ebr",
            disk.readBytes(partition.start(), SECTOR));
      }
    }
  }

  private void write(DeviceName device, PlannedContent content) throws IOException {
    switch (content) {
      case PlannedContent.UsedBlocks blocks -> {
        try (HostFile image =
            PartcloneWriter.layOut(
                blocks.disk(), blocks.used(), PartcloneOptions.of(blocks.header()))) {
          stream(device, blocks.fileSystem(), image);
        }
      }
      case PlannedContent.AllBytes bytes ->
          stream(device, "dd", new DiskFile(device.text(), bytes.disk()));
      case PlannedContent.Swap swap ->
          directory.write(
              "swappt-" + device.file() + ".info",
              "UUID=\"%s\"\nLABEL=\"%s\"\n"
                  .formatted(swap.uuid().orElse(""), swap.label().map(ShellWord::of).orElse("")));
      case PlannedContent.PhysicalVolume physical -> {} // its logical volumes are saved
    }
  }

  private void stream(DeviceName device, String fileSystem, HostFile bytes) throws IOException {
    String stem = "%s.%s-ptcl-img.%s".formatted(device.file(), fileSystem, options.ending());
    long expected = bytes.size() + bytes.size() / GROWTH_SHARE + (1 << 20);
    String step = "saving " + device;
    try (CutChannel files = CutFiles.open(directory, stem, options.splitBytes(), expected)) {
      Optional<Compression> packing = options.compression();
      if (packing.isPresent()) {
        FileStream.copy(bytes, packing.get().coder(), files, new NamedStep(step, job));
      } else {
        FileStream.copy(bytes, files, step, job);
      }
    }
  }

  private void writeGroups() throws IOException {
    if (plan.groups().isEmpty()) {
      return;
    }
    StringBuilder physical = new StringBuilder();
    plan.parts()
        .forEach((device, content) -> {
          if (content instanceof PlannedContent.PhysicalVolume(var group, var uuid)) {
            physical.append("%s %s %s\n".formatted(group, device.path(), uuid));
          }
        });
    directory.write("lvm_vg_dev.list", physical.toString());
    StringBuilder logical = new StringBuilder();
    plan.logical()
        .forEach((device, content) ->
            logical.append("%s  %s\n".formatted(device.path(), describe(content))));
    directory.write("lvm_logv.list", logical.toString());
    for (GroupBackup group : plan.groups()) {
      directory.write("lvm_" + group.name() + ".conf", group.text());
    }
  }

  /// What file(1) might say: Clonezilla looks for the word swap in it.
  private static String describe(PlannedContent content) {
    return switch (content) {
      case PlannedContent.Swap swap -> "Linux swap file";
      case PlannedContent.UsedBlocks blocks -> blocks.fileSystem() + " filesystem data";
      case PlannedContent.AllBytes bytes -> "data";
      case PlannedContent.PhysicalVolume physical -> "data";
    };
  }

  private void writeLists() throws IOException {
    StringJoiner data = new StringJoiner(" ", "", "\n");
    plan.parts()
        .forEach((device, content) -> {
          if (!(content instanceof PlannedContent.Swap)) {
            data.add(device.text());
          }
        });
    directory.write("parts", data.toString());
    if (plan.table().isPresent()) {
      directory.write("disk", name + "\n");
    }
    SavedLists lists = new SavedLists(plan, disk);
    directory.write("dev-fs.list", lists.fileSystems());
    BlockDevices devices = lists.devices();
    directory.write("blkdev.list", devices.list());
    directory.write("blkdev.json", devices.json());
    directory.write("blkid.list", devices.attributes());
  }

  private void writeMark(Instant now) throws IOException {
    var utc = now.atZone(ZoneOffset.UTC);
    StringBuilder text = new StringBuilder();
    text.append("This image was saved by Calco at %s UTC.\n".formatted(SAVED.format(utc)));
    text.append("It has the form of an image that Clonezilla saved, which restores it.\n");
    plan.remarks().forEach(remark -> text.append(remark).append('\n'));
    text.append("### End of log ###\n### Image created time: %s\n".formatted(CREATED.format(utc)));
    directory.write("clonezilla-img", text.toString());
  }
}
