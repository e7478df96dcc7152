package io.calco.volume.lvm;

import io.calco.disk.CorruptImageException;
import io.calco.disk.LimitExceededException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// What a volume group's text says, checked and in values.
///
/// @param extentBytes the size of an extent
/// @param devices physical volumes by the text's names for them: `pv0` …
/// @param volumes logical volumes by name, hidden ones among them
record GroupMap(
    long extentBytes, SequencedMap<String, Device> devices, SequencedMap<String, Volume> volumes) {
  private static final int SECTOR = 512;
  private static final long MAX_EXTENT_SECTORS = 0xffff_ffffL; // LVM2's
  private static final int MAX_DEVICES = 4096; // ours
  private static final int MAX_VOLUMES = 65_536; // ours

  /// A physical volume as the group knows it.
  ///
  /// @param key the text's name for it
  /// @param uuid its own
  /// @param hint the device it was when the text was written
  /// @param start where its extents begin, in bytes
  /// @param extents how many it has
  record Device(String key, LvmUuid uuid, String hint, long start, long extents) {}

  /// A logical volume as the group knows it.
  ///
  /// @param name its name
  /// @param uuid its own
  /// @param segments in order, without a gap
  /// @param visible the guest sees it as a device
  /// @param writable the guest may write it
  record Volume(
      String name, LvmUuid uuid, List<Segment> segments, boolean visible, boolean writable) {
    long extents() {
      return segments.getLast().end();
    }
  }

  static GroupMap read(GroupText text) throws CorruptImageException, LimitExceededException {
    Section group = text.group();
    long extentBytes = group.number("extent_size", MAX_EXTENT_SECTORS) * SECTOR;
    if (extentBytes == 0) {
      throw new CorruptImageException("LVM2: extent_size: found 0, expected 1 or more");
    }
    SequencedMap<String, Device> devices = new LinkedHashMap<>();
    for (Map.Entry<String, Section> entry : sections(group, "physical_volumes", MAX_DEVICES)) {
      devices.put(entry.getKey(), device(entry.getKey(), entry.getValue(), extentBytes));
    }
    SequencedMap<String, Volume> volumes = new LinkedHashMap<>();
    for (Map.Entry<String, Section> entry : sections(group, "logical_volumes", MAX_VOLUMES)) {
      volumes.put(entry.getKey(), volume(entry.getKey(), entry.getValue(), extentBytes));
    }
    return new GroupMap(extentBytes, devices, volumes);
  }

  private static List<Map.Entry<String, Section>> sections(Section group, String name, int max)
      throws LimitExceededException {
    List<Map.Entry<String, Section>> sections =
        group
            .findSection(name)
            .map(found -> List.copyOf(found.sections().entrySet()))
            .orElse(List.of());
    if (sections.size() > max) {
      throw new LimitExceededException(
          "LVM2: %s: found %d, more than %d (our limit)".formatted(name, sections.size(), max));
    }
    return sections;
  }

  private static Device device(String key, Section section, long extentBytes)
      throws CorruptImageException {
    long start = section.number("pe_start", Long.MAX_VALUE / SECTOR / 2) * SECTOR;
    long extents = section.number("pe_count", MAX_EXTENT_SECTORS);
    if (extents > (Long.MAX_VALUE - start) / extentBytes) {
      throw new CorruptImageException(
          "LVM2: %s: found %d extents of %d bytes"
              .formatted(section.pathOf("pe_count"), extents, extentBytes));
    }
    return new Device(
        key,
        LvmUuid.parse(section.text("id"), section.pathOf("id")),
        PlainName.of(section.findText("device").orElse("unknown device")),
        start,
        extents);
  }

  private static Volume volume(String name, Section section, long extentBytes)
      throws CorruptImageException {
    List<Segment> segments = new ArrayList<>();
    for (Section part : section.sections().values()) {
      segments.add(Segment.read(part));
    }
    segments.sort(Comparator.comparingLong(Segment::start));
    long next = 0;
    for (Segment segment : segments) {
      if (segment.start() != next) {
        throw new CorruptImageException(
            "LVM2: %s: found %d, expected %d"
                .formatted(segment.section().pathOf("start_extent"), segment.start(), next));
      }
      next = segment.end();
    }
    if (next == 0 || next > Long.MAX_VALUE / extentBytes) {
      throw new CorruptImageException(
          "LVM2: %s: found %d extents of %d bytes".formatted(section.path(), next, extentBytes));
    }
    List<String> status = section.texts("status");
    return new Volume(
        PlainName.checked(name),
        LvmUuid.parse(section.text("id"), section.pathOf("id")),
        List.copyOf(segments),
        status.contains("VISIBLE"),
        status.contains("WRITE"));
  }
}
