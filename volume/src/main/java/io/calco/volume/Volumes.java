package io.calco.volume;

import io.calco.disk.Closing;
import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.Passphrase;
import io.calco.disk.PassphraseException;
import io.calco.volume.luks.Luks;
import io.calco.volume.lvm.LogicalVolume;
import io.calco.volume.lvm.PhysicalVolume;
import io.calco.volume.lvm.VolumeGroup;
import io.calco.volume.md.MdArray;
import io.calco.volume.md.MdMember;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Every volume in a guest's disk: its partitions, and what they contain when they are containers
/// themselves, down to what may hold files. Physical volumes are gathered into their volume groups
/// across partitions, members of an array into the array.
///
/// What cannot be opened is a [Volume] with its reason, not an exception. The disk stays its
/// opener's; closing this closes what was opened on it. Reads only.
public final class Volumes implements AutoCloseable {
  private static final int MAX_VOLUMES = 256; // ours
  private static final int MAX_DEPTH = 8; // ours: containers in each other

  private static final int APPLE_MAP = 512; // its first entry
  private static final int DISC = 0x8001; // an ISO 9660 descriptor
  private static final Set<PartitionKind> LDM =
      Set.of(PartitionKind.MICROSOFT_LDM_METADATA, PartitionKind.MICROSOFT_LDM_DATA);

  private final VolumeKeys keys;
  private final Deque<Volume> waiting = new ArrayDeque<>();
  private final List<Volume> found = new ArrayList<>();
  private final Map<PhysicalVolume, Volume> physical = new LinkedHashMap<>();
  private final Map<MdMember, Volume> members = new LinkedHashMap<>();
  private final List<VolumeGroup> groups = new ArrayList<>();
  private final List<Disk> opened = new ArrayList<>();
  private Optional<PartitionTable> table = Optional.empty();

  private Volumes(VolumeKeys keys) {
    this.keys = keys;
  }

  /// Looks at a disk.
  ///
  /// @param keys asked for each encrypted volume
  /// @throws io.calco.disk.CorruptImageException when the disk's own partition table cannot be read
  public static Volumes of(Disk disk, VolumeKeys keys) throws IOException {
    Volumes volumes = new Volumes(keys);
    try {
      volumes.table = PartitionTable.find(disk);
      volumes.split(volumes.table, disk, List.of(), "");
      if (volumes.table.isEmpty()) {
        Volume whole = Volume.of("whole disk", Optional.of(disk), List.of());
        volumes.waiting.add(
            hasAppleMap(disk)
                ? whole
                    .holding("mac", Optional.empty())
                    .without("an Apple partition map, which Calco does not read")
                : whole);
      }
      volumes.openAll();
      return volumes;
    } catch (IOException | RuntimeException e) {
      Closing.after(e, volumes);
      throw e;
    }
  }

  /// An Apple partition map that is not one of the marks of a disc for every kind of machine.
  private static boolean hasAppleMap(Disk disk) throws IOException {
    return hasText(disk, 0, "ER")
        && hasText(disk, APPLE_MAP, "PM")
        && !hasText(disk, DISC, "CD001");
  }

  private static boolean hasText(Disk disk, long offset, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    return offset + bytes.length <= disk.size()
        && Arrays.equals(disk.readBytes(offset, bytes.length), bytes);
  }

  /// Partitions of the disk or of an array.
  private void split(
      Optional<PartitionTable> partitions, Disk disk, List<Volume> parents, String where) {
    for (Partition partition : partitions.map(PartitionTable::partitions).orElse(List.of())) {
      if (partition.extended() || partition.type().kind() == PartitionKind.PROTECTIVE) {
        continue;
      }
      String name = "partition " + partition.number() + where;
      Volume volume;
      try {
        volume = Volume.of(name, Optional.of(partition.slice(disk)), parents);
      } catch (DiskException e) {
        volume = Volume.of(name, Optional.empty(), parents).without(String.valueOf(e.getMessage()));
      }
      if (LDM.contains(partition.type().kind())) {
        volume =
            volume
                .holding("ldm", Optional.empty())
                .without("a dynamic disk of Windows (LDM), which Calco does not read");
      }
      waiting.add(parents.isEmpty() ? volume.with(partition) : volume);
    }
  }

  private void openAll() throws IOException {
    while (!waiting.isEmpty()) {
      while (!waiting.isEmpty()) {
        Volume volume = waiting.remove();
        if (found.size() < MAX_VOLUMES) {
          found.add(open(volume));
        }
      }
      gatherArrays();
      gatherGroups();
    }
  }

  /// The volume with what it is, its content waiting where it can be had at once.
  private Volume open(Volume volume) throws IOException {
    if (!volume.leaf() || volume.disk().isEmpty() || depth(volume) >= MAX_DEPTH) {
      return volume;
    }
    Disk disk = volume.disk().get();
    try {
      Optional<MdMember> member = MdMember.find(disk);
      if (member.isPresent()) {
        Volume holder = volume.holding("linux_raid_member", Optional.of(member.get().arrayUuid()));
        members.put(member.get(), holder);
        return holder;
      }
      Optional<PhysicalVolume> pv = PhysicalVolume.find(disk);
      if (pv.isPresent()) {
        Volume holder = volume.holding("LVM2_member", Optional.of(pv.get().uuid().text()));
        physical.put(pv.get(), holder);
        return holder;
      }
      return Luks.isIn(disk) ? encrypted(volume, disk) : volume;
    } catch (DiskException e) {
      return volume.without(String.valueOf(e.getMessage()));
    }
  }

  private static int depth(Volume volume) {
    return 1 + volume.parents().stream().mapToInt(Volumes::depth).max().orElse(0);
  }

  private Volume encrypted(Volume volume, Disk disk) throws IOException {
    Volume holder = volume.holding("crypto_LUKS", Optional.empty());
    try {
      String uuid = Luks.uuid(disk);
      holder = volume.holding("crypto_LUKS", Optional.of(uuid));
      String reason = "it is encrypted (LUKS %s), and no passphrase was given".formatted(uuid);
      for (Passphrase passphrase : keys.of(holder)) {
        try {
          Disk clear = Luks.open(disk, passphrase);
          opened.add(clear);
          waiting.add(
              Volume.of("LUKS in " + volume.name(), Optional.of(clear), List.of(holder))
                  .withDevices(Set.of("/dev/mapper/luks-" + uuid))
                  .withReadOnly(volume.readOnly()));
          return holder;
        } catch (PassphraseException e) {
          reason =
              "it is encrypted (LUKS %s), and no passphrase that was given opens it"
                  .formatted(uuid);
        }
      }
      return holder.without(reason);
    } catch (DiskException e) {
      return holder.without(String.valueOf(e.getMessage()));
    }
  }

  private void gatherArrays() throws IOException {
    List<MdMember> gathered = List.copyOf(members.keySet());
    for (MdArray array : MdArray.assemble(gathered)) {
      List<Volume> parents = array.members().stream().map(members::get).toList();
      String name =
          array.devices().stream().findFirst().orElse("MD array in " + parents.getFirst().name());
      try {
        Disk disk = array.open();
        Optional<PartitionTable> inner = PartitionTable.find(disk);
        split(inner, disk, parents, " of " + name);
        if (inner.isEmpty()) {
          waiting.add(
              Volume.of(name, Optional.of(disk), parents)
                  .withDevices(array.devices())
                  .withReadOnly(array.readOnly()));
        }
      } catch (DiskException e) {
        parents.forEach(parent -> replace(parent, parent.without(String.valueOf(e.getMessage()))));
      }
    }
    members.clear();
  }

  private void gatherGroups() {
    VolumeGroup.Assembly assembly = VolumeGroup.assemble(List.copyOf(physical.keySet()));
    for (VolumeGroup group : assembly.groups()) {
      groups.add(group);
      List<Volume> parents = group.physicalVolumes().stream().map(physical::get).toList();
      group.physicalVolumes().forEach(physical::remove);
      for (LogicalVolume logical : group.logicalVolumes()) {
        waiting.add(logical(group, logical, parents));
      }
    }
    physical.forEach((volume, holder) -> {
      String reason =
          volume.problems().stream()
              .findFirst()
              .or(() -> assembly.unreadable().values().stream().findFirst())
              .orElse("it is a physical volume of no volume group");
      replace(holder, holder.without(reason));
    });
    physical.clear();
  }

  private static Volume logical(VolumeGroup group, LogicalVolume logical, List<Volume> parents) {
    try {
      Optional<Disk> disk = Optional.of(group.open(logical));
      return Volume.of(logical.describe(), disk, parents).with(logical);
    } catch (IOException e) {
      return Volume.of(logical.describe(), Optional.empty(), parents)
          .with(logical)
          .without(String.valueOf(e.getMessage()));
    }
  }

  private void replace(Volume old, Volume now) {
    found.replaceAll(volume -> volume.equals(old) ? now : volume);
  }

  /// The disk's own partition table; empty when there is none.
  public Optional<PartitionTable> table() {
    return table;
  }

  /// All of them: partitions in the order of the table, then what is in them, outer before inner.
  public List<Volume> all() {
    return List.copyOf(found);
  }

  /// The volume groups, whole or not.
  public List<VolumeGroup> groups() {
    return List.copyOf(groups);
  }

  @Override
  public void close() throws IOException {
    try {
      Closing.all(opened.reversed());
    } finally {
      opened.clear();
    }
  }
}
