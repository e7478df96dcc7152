package io.calco.volume.lvm;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.LimitExceededException;
import io.calco.disk.Rearranged;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// The only physical volume of a group as it would be on fewer bytes. The disk that it is on stays
/// as it is: the metadata that changes is kept in memory, and of what the logical volumes hold only
/// where it lies.
///
/// Volumes are linear, each of them; what is in one that shall be shorter is the caller's to bring.
/// Names, UUIDs and the size of an extent stay; a second copy of the metadata, at the end, comes to
/// lie at the new end.
///
/// Nothing here looks at a clock: the same volume becomes the same bytes again. Confined.
public final class ShorterVolume {
  private static final int PAGE_BITS = 12; // of what is written over: label, metadata
  private static final long PAGE = 1L << PAGE_BITS;

  private final PhysicalVolume volume;
  private final VolumeGroup group;
  private final GroupMap.Device device;

  private ShorterVolume(PhysicalVolume volume, VolumeGroup group) {
    this.volume = volume;
    this.group = group;
    this.device = group.map().devices().firstEntry().getValue();
  }

  /// Looks whether a physical volume can be made shorter.
  ///
  /// @throws UnsupportedFeatureException when its group has others, or volumes that are not linear
  /// @throws CorruptImageException when its metadata cannot be read
  public static ShorterVolume of(PhysicalVolume volume) throws IOException {
    VolumeGroup group = groupOf(volume);
    if (group.map().devices().size() != 1) {
      throw new UnsupportedFeatureException(
          "LVM2: the volume group %s has %d physical volumes: Calco shrinks only those of one"
              .formatted(group.name(), group.map().devices().size()));
    }
    GroupWriter.of(group); // says what keeps it from being written
    String key = group.map().devices().firstEntry().getKey();
    for (GroupMap.Volume logical : group.map().volumes().values()) {
      for (Segment segment : logical.segments()) {
        if (LinearRun.of(segment, key).isEmpty()) {
          throw new UnsupportedFeatureException(
              "LVM2: the volume %s of the group %s is not linear (%s): Calco does not shrink the group"
                  .formatted(
                      logical.name(), group.name(), PlainName.of(segment.section().text("type"))));
        }
      }
    }
    ShorterVolume shorter = new ShorterVolume(volume, group);
    shorter.check();
    return shorter;
  }

  /// All lies on the volume, and nothing twice.
  private void check() throws CorruptImageException, LimitExceededException {
    if (device.start() > volume.disk().size()) {
      throw new CorruptImageException(
          "LVM2: pe_start: found %d bytes, expected %d or less"
              .formatted(device.start(), volume.disk().size()));
    }
    LinearRun.packed(group.map().volumes().values(), Map.of(), device.extents());
  }

  private static VolumeGroup groupOf(PhysicalVolume volume) throws CorruptImageException {
    VolumeGroup.Assembly assembly = VolumeGroup.assemble(List.of(volume));
    return assembly.groups().stream()
        .findFirst()
        .orElseThrow(() ->
            new CorruptImageException(
                volume.problems().stream()
                    .findFirst()
                    .or(() -> assembly.unreadable().values().stream().findFirst())
                    .orElse("LVM2: a physical volume of no volume group")));
  }

  /// The group, as it is.
  public VolumeGroup group() {
    return group;
  }

  /// Bytes that the logical volumes have too many for a physical volume of a size; below 0 when
  /// extents stay free.
  public long excess(long size) {
    long extents = -extentsIn(size);
    for (GroupMap.Volume logical : group.map().volumes().values()) {
      extents += logical.extents();
    }
    return extents * group.extentSize();
  }

  private long extentsIn(long size) {
    long end = size;
    for (PvLabel.Area area : volume.label().metadataAreas()) {
      if (atEnd(area)) {
        end = placeBefore(end, area);
      }
    }
    return Math.clamp((end - device.start()) / group.extentSize(), 0, device.extents());
  }

  private boolean atEnd(PvLabel.Area area) {
    return area.offset() >= device.start();
  }

  private static long placeBefore(long end, PvLabel.Area area) {
    return Math.floorDiv(end - area.size(), PAGE) * PAGE;
  }

  /// The least size of the physical volume.
  ///
  /// @param sizes bytes of logical volumes that get shorter, by name
  public long sizeFor(Map<String, Long> sizes) {
    long extents = 0;
    for (GroupMap.Volume logical : group.map().volumes().values()) {
      extents += count(logical, Optional.ofNullable(sizes.get(logical.name())));
    }
    long size = device.start() + extents * group.extentSize();
    for (PvLabel.Area area : volume.label().metadataAreas()) {
      size += atEnd(area) ? Math.ceilDiv(area.size(), PAGE) * PAGE : 0;
    }
    return Math.ceilDiv(size, PAGE) * PAGE;
  }

  /// Extents of a volume that is to have so many bytes.
  private long count(GroupMap.Volume logical, Optional<Long> bytes) {
    return bytes
        .map(size -> Math.clamp(Math.ceilDiv(size, group.extentSize()), 1, logical.extents()))
        .orElse(logical.extents());
  }

  /// The physical volume on fewer bytes.
  ///
  /// @param size a multiple of 512, at least [#sizeFor] of the contents
  /// @param contents what is in logical volumes that get shorter, by name: they stay the caller's,
  ///   and open as long as what is returned
  /// @return of that size, for reading; the same bytes each time
  /// @throws LimitExceededException when it does not fit
  public Disk make(long size, Map<String, Disk> contents) throws IOException {
    if (size < device.start()) {
      throw new LimitExceededException(
          "LVM2: no room for the metadata in %d bytes".formatted(size));
    }
    Disk changed = Disk.owning(new Rearranged(volume.disk(), PAGE_BITS));
    PhysicalVolume moved = withAreasBefore(size, changed);
    Map<String, Long> counts = new TreeMap<>();
    for (GroupMap.Volume logical : group.map().volumes().values()) {
      Disk content = contents.get(logical.name());
      if (content != null) {
        counts.put(logical.name(), count(logical, Optional.of(content.size())));
      }
    }
    GroupWriter.of(groupOf(moved)).shorten(size, extentsIn(size), counts);
    return spliced(size, changed, PhysicalVolume.find(changed).orElseThrow(), contents);
  }

  /// Copies the metadata that lies at the end to where the end shall be.
  private PhysicalVolume withAreasBefore(long size, Disk changed) throws IOException {
    PvLabel label = volume.label();
    long end = size;
    for (int i = 0; i < label.metadataAreas().size(); i++) {
      PvLabel.Area area = label.metadataAreas().get(i);
      if (atEnd(area)) {
        end = placeBefore(end, area);
        if (end < device.start()) {
          throw new LimitExceededException("LVM2: no room for the second copy of the metadata");
        }
        MetadataArea.read(volume.disk(), area).copyTo(changed, end);
        label = label.withMetadataArea(i, end);
      }
    }
    label.write(changed);
    return PhysicalVolume.find(changed).orElseThrow();
  }

  private Disk spliced(long size, Disk changed, PhysicalVolume now, Map<String, Disk> contents)
      throws IOException {
    TreeMap<Long, Disk> parts = new TreeMap<>();
    parts.put(0L, changed.slice(0, device.start()));
    for (PvLabel.Area area : now.label().metadataAreas()) {
      if (atEnd(area)) {
        parts.put(area.offset(), changed.slice(area.offset(), area.size()));
      }
    }
    long extent = group.extentSize();
    for (GroupMap.Volume logical : groupOf(now).map().volumes().values()) {
      Disk content = contents.get(logical.name());
      Disk whole = content == null ? group.open(logical) : content;
      for (Segment segment : logical.segments()) {
        LinearRun run = LinearRun.of(segment, device.key()).orElseThrow();
        long length = Math.min(run.count() * extent, whole.size() - run.start() * extent);
        if (length > 0) {
          parts.put(
              device.start() + run.place() * extent, whole.slice(run.start() * extent, length));
        }
      }
    }
    return Disk.spliced(Disk.blank(size), parts).readOnly();
  }
}
