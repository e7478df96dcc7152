package io.calco.volume.lvm;

import io.calco.disk.CorruptImageException;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// Changes a volume group's metadata. The order of writing stands in the package's text. One thread
/// at a time; the [VolumeGroup] it was made for is out of date afterwards: find it again.
public final class GroupWriter {
  private static final int SECTOR = 512;

  private final VolumeGroup group;
  private final GroupMap map;
  private final Section text;

  private GroupWriter(VolumeGroup group) {
    this.group = group;
    this.map = group.map();
    this.text = group.text().group();
  }

  /// Where new UUIDs come from.
  @FunctionalInterface
  public interface Uuids {
    /// Another one, never given before.
    LvmUuid next();
  }

  /// A writer for the group.
  ///
  /// @throws UnsupportedFeatureException when a physical volume of it is not here: LVM2 would take
  ///   its metadata for newer ones one day
  /// @throws CorruptImageException when a copy of its metadata cannot be read
  public static GroupWriter of(VolumeGroup group) throws IOException {
    if (!group.missing().isEmpty()) {
      throw new UnsupportedFeatureException(
          "LVM2: the volume group %s is not changed, for its physical volume %s is not here"
              .formatted(group.name(), group.missing().getFirst()));
    }
    List<String> status = group.text().group().texts("status");
    if (status.contains("EXPORTED") || !status.contains("WRITE")) {
      throw new UnsupportedFeatureException(
          "LVM2: the volume group %s is %s"
              .formatted(group.name(), status.contains("WRITE") ? "exported" : "read-only"));
    }
    for (PhysicalVolume volume : group.physicalVolumes()) {
      if (!volume.problems().isEmpty()) {
        throw new CorruptImageException(volume.problems().getFirst());
      }
    }
    return new GroupWriter(group);
  }

  /// Gives the group and its physical volumes other UUIDs. The logical ones keep theirs, which mean
  /// nothing without the group's.
  ///
  /// @param uuid the group's
  /// @param uuids called for each physical volume in the group's order
  public void changeUuids(LvmUuid uuid, Uuids uuids) throws IOException {
    text.put("id", new ConfigNode.Text(uuid.text()));
    changePhysicalUuids(uuids);
  }

  /// Gives the group's physical volumes other UUIDs, and leaves the group its own.
  public void changePhysicalUuids(Uuids uuids) throws IOException {
    List<LvmUuid> given = new ArrayList<>();
    for (GroupMap.Device device : map.devices().values()) {
      LvmUuid uuid = uuids.next();
      given.add(uuid);
      section("physical_volumes", device.key()).put("id", new ConfigNode.Text(uuid.text()));
    }
    commit("change UUIDs");
    int i = 0;
    for (GroupMap.Device device : map.devices().values()) {
      PhysicalVolume volume = group.present(device.uuid()).orElseThrow();
      relabel(volume, given.get(i++), volume.label().deviceSize());
    }
  }

  /// Makes a physical volume as large as its disk is, and a logical volume take all the space that
  /// is free on it then.
  ///
  /// @param volume one of the group's
  /// @param logical the one that grows, linear at its end
  /// @throws UnsupportedFeatureException when the logical volume cannot grow there; nothing was
  ///   written
  public void grow(PhysicalVolume volume, LogicalVolume logical) throws IOException {
    GroupMap.Device device = device(volume);
    long deviceSize = volume.disk().size() / SECTOR * SECTOR;
    long extents = Math.max(device.extents(), (deviceSize - device.start()) / map.extentBytes());
    requireNoAreaBeyond(volume, device, extents);
    Section physical = section("physical_volumes", device.key());
    physical.put("dev_size", ConfigNode.Digits.of(deviceSize / SECTOR));
    physical.put("pe_count", ConfigNode.Digits.of(extents));
    extend(device, extents, logical);
    relabel(volume, device.uuid(), deviceSize);
    commit("grow " + logical.name());
  }

  /// Makes the group's only physical volume end earlier, and logical volumes with it: of the
  /// metadata alone. What lay on extents that go, or are another volume's then, is the caller's to
  /// bring where it belongs. All volumes are linear.
  ///
  /// @param deviceSize of the physical volume, in bytes
  /// @param count its extents: not less than all volumes have
  /// @param counts extents of logical volumes that get fewer, by name
  void shorten(long deviceSize, long count, Map<String, Long> counts) throws IOException {
    GroupMap.Device device = map.devices().firstEntry().getValue();
    Section physical = section("physical_volumes", device.key());
    physical.put("dev_size", ConfigNode.Digits.of(deviceSize / SECTOR));
    physical.put("pe_count", ConfigNode.Digits.of(count));
    Map<String, List<LinearRun>> places = LinearRun.packed(map.volumes().values(), counts, count);
    for (Map.Entry<String, List<LinearRun>> entry : places.entrySet()) {
      Section section = section("logical_volumes", entry.getKey());
      section.nodes().keySet().removeAll(section.sections().keySet());
      int number = 0;
      for (LinearRun run : entry.getValue()) {
        Section segment = section.add("segment" + ++number);
        linear(segment, run.start(), run.count(), device.key(), run.place());
      }
      section.put("segment_count", ConfigNode.Digits.of(number));
    }
    PhysicalVolume volume = group.physicalVolumes().getFirst();
    relabel(volume, device.uuid(), deviceSize);
    commit("shorten " + group.name());
  }

  private GroupMap.Device device(PhysicalVolume volume) {
    return map.devices().values().stream()
        .filter(device -> group.present(device.uuid()).filter(volume::equals).isPresent())
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("a physical volume of another group"));
  }

  /// A second copy of the metadata lies at the volume's end: no extent may cover it.
  private void requireNoAreaBeyond(PhysicalVolume volume, GroupMap.Device device, long extents)
      throws UnsupportedFeatureException {
    long dataEnd = device.start() + extents * map.extentBytes();
    for (PvLabel.Area area : volume.label().metadataAreas()) {
      if (area.offset() >= device.start() && area.offset() < dataEnd) {
        throw new UnsupportedFeatureException(
            "LVM2: the physical volume %s keeps metadata at its end and cannot grow"
                .formatted(volume.uuid()));
      }
    }
  }

  private void extend(GroupMap.Device device, long extents, LogicalVolume logical)
      throws UnsupportedFeatureException, CorruptImageException {
    GroupMap.Volume volume = map.volumes().get(logical.name());
    if (volume == null
        || logical.readOnly().isPresent()
        || !(volume.segments().getLast().layout() instanceof Segment.Striped last)
        || last.areas().size() != 1
        || !map.devices().containsKey(last.areas().getFirst().name())) {
      throw new UnsupportedFeatureException(
          "LVM2: %s does not end linear: %s"
              .formatted(logical.describe(), logical.readOnly().orElse(logical.kind())));
    }
    Section section = section("logical_volumes", logical.name());
    Segment end = volume.segments().getLast();
    Segment.Area area = last.areas().getFirst();
    long next = end.end();
    int number = volume.segments().size();
    Section lastSection = end.section();
    for (Map.Entry<Long, Long> run : free(device, extents).entrySet()) {
      long length = run.getValue() - run.getKey();
      boolean follows =
          area.name().equals(device.key()) && area.start() + end.count() == run.getKey();
      if (follows) {
        lastSection.put("extent_count", ConfigNode.Digits.of(end.count() + length));
      } else {
        linear(section.add("segment" + ++number), next, length, device.key(), run.getKey());
      }
      next += length;
    }
    section.put("segment_count", ConfigNode.Digits.of(number));
  }

  private static void linear(Section segment, long start, long count, String device, long place) {
    segment.put("start_extent", ConfigNode.Digits.of(start));
    segment.put("extent_count", ConfigNode.Digits.of(count));
    segment.put("type", new ConfigNode.Text("striped"));
    segment.put("stripe_count", ConfigNode.Digits.of(1));
    segment.put(
        "stripes",
        new ConfigNode.Values(List.of(new ConfigNode.Text(device), ConfigNode.Digits.of(place))));
  }

  /// Runs of extents that no volume lies on, by their first, with what follows their last.
  private SortedMap<Long, Long> free(GroupMap.Device device, long extents)
      throws CorruptImageException, UnsupportedFeatureException {
    TreeMap<Long, Long> used = new TreeMap<>();
    for (GroupMap.Volume volume : map.volumes().values()) {
      for (Segment segment : volume.segments()) {
        use(device, segment, used);
      }
    }
    TreeMap<Long, Long> free = new TreeMap<>();
    long at = 0;
    for (Map.Entry<Long, Long> run : used.entrySet()) {
      if (run.getKey() < at) {
        throw new CorruptImageException(
            "LVM2: two volumes lie on extent %d of %s".formatted(run.getKey(), device.uuid()));
      }
      if (run.getKey() > at) {
        free.put(at, run.getKey());
      }
      at = run.getValue();
    }
    if (at < extents) {
      free.put(at, extents);
    }
    return free;
  }

  private static void use(GroupMap.Device device, Segment segment, Map<Long, Long> used)
      throws CorruptImageException, UnsupportedFeatureException {
    if (segment.layout() instanceof Segment.Other(String type)
        && segment.section().nodes().containsKey("stripes")) {
      throw new UnsupportedFeatureException(
          "LVM2: a volume of the kind \"%s\" lies on extents that Calco cannot tell"
              .formatted(type));
    }
    List<Segment.Area> areas =
        switch (segment.layout()) {
          case Segment.Striped striped -> striped.areas();
          case Segment.Mirrored mirrored -> mirrored.legs();
          case Segment.Raid1 raid -> List.of();
          case Segment.Snapshot snapshot -> List.of();
          case Segment.ThinPool pool -> List.of();
          case Segment.Thin thin -> List.of();
          case Segment.Other other -> List.of();
        };
    boolean shared = segment.layout() instanceof Segment.Striped;
    long length = shared ? segment.count() / areas.size() : segment.count();
    for (Segment.Area area : areas) {
      if (area.name().equals(device.key())
          && used.put(area.start(), area.start() + length) != null) {
        throw new CorruptImageException(
            "LVM2: two volumes lie on extent %d of %s".formatted(area.start(), device.uuid()));
      }
    }
  }

  private Section section(String kind, String name) throws CorruptImageException {
    return text.section(kind).section(name);
  }

  /// Writes the new text into every copy, then makes one after the other count.
  private void commit(String what) throws IOException {
    text.put("seqno", ConfigNode.Digits.of(group.seqno() + 1));
    group.text().all().put("description", new ConfigNode.Text("Write[1] from calco: " + what));
    byte[] bytes = TextWriter.write(group.text().all());
    List<MetadataArea.PendingHeader> pending = new ArrayList<>();
    for (PhysicalVolume volume : group.physicalVolumes()) {
      for (MetadataArea area : volume.areas()) {
        if (!area.ignored()) {
          pending.add(area.prepare(bytes));
        }
      }
      volume.disk().sync();
    }
    if (pending.isEmpty()) {
      throw new CorruptImageException(
          "LVM2: the volume group %s keeps its metadata nowhere".formatted(group.name()));
    }
    for (MetadataArea.PendingHeader header : pending) {
      header.commit();
    }
  }

  private static void relabel(PhysicalVolume volume, LvmUuid uuid, long deviceSize)
      throws IOException {
    volume.label().with(uuid, deviceSize).write(volume.disk());
    volume.disk().sync();
  }
}
