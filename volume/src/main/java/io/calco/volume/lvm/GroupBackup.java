package io.calco.volume.lvm;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.DiskCapabilities;
import io.calco.disk.LimitExceededException;
import io.calco.disk.MemoryDriver;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.volume.target.MappedDriver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// A volume group's metadata apart from its disks, as `vgcfgbackup` writes them: enough to make its
/// physical volumes again around what its logical volumes hold.
///
/// Only groups whose volumes are all linear or striped, and lie on physical volumes directly, can
/// be made again ([#obstacle]). A value; disks that it makes are safe for several threads at once.
public final class GroupBackup {
  private final GroupText text;
  private final GroupMap map;
  private final List<LogicalVolume> logical;

  private GroupBackup(GroupText text) throws CorruptImageException, LimitExceededException {
    this.text = text;
    this.map = GroupMap.read(text);
    this.logical = new VisibleVolumes(text.name(), map).list();
  }

  /// A physical volume of the group.
  ///
  /// @param uuid its own
  /// @param device what it was called when the text was written
  /// @param end the first byte after its last extent
  public record Physical(LvmUuid uuid, String device, long end) {}

  /// Brings a logical volume's content.
  @FunctionalInterface
  public interface Contents {
    /// The volume's bytes, for reading, as many as it has; empty for zeroes.
    Optional<Disk> of(LogicalVolume volume) throws IOException;
  }

  /// Reads what `vgcfgbackup` wrote.
  ///
  /// @throws CorruptImageException when it is no such text
  public static GroupBackup parse(byte[] text)
      throws CorruptImageException, LimitExceededException {
    return new GroupBackup(GroupText.parse(text));
  }

  /// The metadata of a group that is here.
  public static GroupBackup of(VolumeGroup group)
      throws CorruptImageException, LimitExceededException {
    return new GroupBackup(group.text());
  }

  /// The text, as `vgcfgrestore` takes it.
  public byte[] text() {
    byte[] bytes = TextWriter.write(text.all());
    return Arrays.copyOf(bytes, bytes.length - 1);
  }

  /// The group's name.
  public String name() {
    return text.name();
  }

  /// Its physical volumes, in its own order.
  public List<Physical> physicalVolumes() {
    return map.devices().values().stream()
        .map(device ->
            new Physical(
                device.uuid(),
                device.hint(),
                device.start() + device.extents() * map.extentBytes()))
        .toList();
  }

  /// The physical volume with a UUID, written with hyphens.
  public Optional<Physical> find(String uuid) {
    return physicalVolumes().stream().filter(found -> found.uuid().text().equals(uuid)).findFirst();
  }

  /// The logical volumes that the guest sees as devices, in the group's order.
  public List<LogicalVolume> logicalVolumes() {
    return logical;
  }

  /// Why the group cannot be made again, one sentence.
  public Optional<String> obstacle() {
    for (GroupMap.Volume volume : map.volumes().values()) {
      for (Segment segment : volume.segments()) {
        boolean plain =
            segment.layout() instanceof Segment.Striped striped
                && striped.areas().stream().allMatch(a -> map.devices().containsKey(a.name()));
        if (!plain) {
          return Optional.of(
              "the volume %s of the group %s is neither linear nor striped"
                  .formatted(volume.name(), text.name()));
        }
      }
    }
    return Optional.empty();
  }

  /// Makes a physical volume: label, metadata and, where its extents lie, the logical volumes'
  /// bytes; extents that no volume takes are zeroes. It leaves those disks open and lives no longer
  /// than they do.
  ///
  /// @param size of the partition or disk, in bytes
  /// @throws UnsupportedFeatureException when the group cannot be made again
  public Disk remake(Physical volume, long size, Contents contents) throws IOException {
    Optional<String> obstacle = obstacle();
    if (obstacle.isPresent()) {
      throw new UnsupportedFeatureException("LVM2: " + obstacle.get());
    }
    GroupMap.Device device =
        map.devices().values().stream()
            .filter(found -> found.uuid().equals(volume.uuid()))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no volume of this group"));
    if (volume.end() > size) {
      throw new CorruptImageException(
          "LVM2: the extents of physical volume %s end at 0x%x, beyond its end 0x%x"
              .formatted(volume.uuid(), volume.end(), size));
    }
    byte[] head = NewPhysicalVolume.head(text, device, size);
    TreeMap<Long, Area> areas = new TreeMap<>();
    for (LogicalVolume wanted : logical) {
      Optional<Disk> content = contents.of(wanted);
      GroupMap.Volume placed = map.volumes().get(wanted.name());
      if (content.isPresent() && placed != null) {
        place(device, placed, content.get(), areas);
      }
    }
    return Disk.owning(new Remade(size, head, areas));
  }

  private void place(
      GroupMap.Device device, GroupMap.Volume volume, Disk content, NavigableMap<Long, Area> areas)
      throws CorruptImageException {
    long extent = map.extentBytes();
    if (content.size() != volume.extents() * extent) {
      throw new CorruptImageException(
          "LVM2: volume %s: found a content of %d bytes, expected %d"
              .formatted(volume.name(), content.size(), volume.extents() * extent));
    }
    for (Segment segment : volume.segments()) {
      if (segment.layout() instanceof Segment.Striped(var stripes, long sectors)) {
        long extents = segment.count() / stripes.size();
        for (int i = 0; i < stripes.size(); i++) {
          Segment.Area on = stripes.get(i);
          if (on.name().equals(device.key())) {
            if (on.start() > device.extents() || extents > device.extents() - on.start()) {
              throw new CorruptImageException(
                  "LVM2: volume %s: found %d extents from %d on %s, which has %d"
                      .formatted(
                          volume.name(), extents, on.start(), device.uuid(), device.extents()));
            }
            Area area =
                new Area(
                    device.start() + on.start() * extent,
                    extents * extent,
                    content,
                    segment.start() * extent,
                    stripes.size() == 1 ? extents * extent : sectors * PvLabel.SECTOR,
                    stripes.size(),
                    i);
            requireFree(area, areas, volume);
            areas.put(area.start(), area);
          }
        }
      }
    }
  }

  private static void requireFree(Area area, NavigableMap<Long, Area> areas, GroupMap.Volume volume)
      throws CorruptImageException {
    Map.Entry<Long, Area> before = areas.lowerEntry(area.start() + area.length());
    if (before != null && before.getValue().end() > area.start()) {
      throw new CorruptImageException(
          "LVM2: volume %s: another one lies on its extents, too".formatted(volume.name()));
    }
  }

  /// A run of a physical volume that holds every `columns`th stripe of a segment.
  ///
  /// @param start first byte on the physical volume
  /// @param length in bytes
  /// @param content the logical volume
  /// @param offset where the segment begins there
  /// @param stripe bytes of a stripe; the whole length where there is one column
  /// @param columns how many take turns
  /// @param column which one this is
  private record Area(
      long start, long length, Disk content, long offset, long stripe, int columns, int column) {
    long end() {
      return start + length;
    }

    MappedDriver.Run runAt(long within) {
      long number = within / stripe;
      long inStripe = within % stripe;
      long at = offset + (number * columns + column) * stripe + inStripe;
      return MappedDriver.Run.of(content, at, Math.min(stripe - inStripe, length - within));
    }
  }

  private static final class Remade extends MappedDriver {
    private final Disk head;
    private final NavigableMap<Long, Area> areas;

    Remade(long size, byte[] head, NavigableMap<Long, Area> areas) {
      super(size, below(areas), new DiskCapabilities(false, true, false, false, false));
      this.head = Disk.owning(new MemoryDriver(head));
      this.areas = areas;
    }

    private static List<Disk> below(NavigableMap<Long, Area> areas) {
      Set<Disk> disks = new HashSet<>();
      areas.values().forEach(area -> disks.add(area.content()));
      return new ArrayList<>(disks);
    }

    @Override
    protected Run runAt(long offset, long maxLength) {
      if (offset < head.size()) {
        return Run.of(head, offset, head.size() - offset);
      }
      Map.Entry<Long, Area> at = areas.floorEntry(offset);
      if (at != null && offset < at.getValue().end()) {
        return at.getValue().runAt(offset - at.getKey());
      }
      Map.Entry<Long, Area> next = areas.higherEntry(offset);
      return Run.zeroes(next == null ? size() - offset : next.getKey() - offset);
    }
  }
}
