package io.calco.volume.lvm;

import io.calco.disk.CorruptImageException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A run of a logical volume's extents with one way of lying on what is below.
///
/// @param start its first extent in the volume
/// @param count its extents, at least 1
/// @param layout the way
/// @param section its text
record Segment(long start, long count, Layout layout, Section section) {
  private static final long MAX_EXTENTS = 0xffff_ffffL; // LVM2's
  private static final int MAX_AREAS = 1024; // ours; LVM2's is 128
  private static final long MAX_SECTORS = 1L << 32; // LVM2's, of stripes and chunks
  private static final long MAX_DEVICE_ID = 0xff_ffff; // thin provisioning's, 24 bits

  /// How a segment lies on what is below.
  sealed interface Layout permits Striped, Mirrored, Raid1, Snapshot, ThinPool, Thin, Other {}

  /// Extents of a physical volume, or of a logical one below.
  ///
  /// @param name `pv0`, or a logical volume's
  /// @param start the first
  record Area(String name, long start) {}

  /// Areas by turns; one alone is a linear segment.
  ///
  /// @param areas each of as many extents as the segment's divided by their number
  /// @param stripeSectors sectors of 512 bytes; 0 when there is one area
  record Striped(List<Area> areas, long stripeSectors) implements Layout {}

  /// The older mirror: every leg the same; the first is never out of step.
  record Mirrored(List<Area> legs) implements Layout {}

  /// MD's mirror.
  record Raid1(List<Leg> legs) implements Layout {}

  /// A leg of a [Raid1].
  ///
  /// @param meta the volume that tells how far the leg is in step
  /// @param image the volume with the data
  record Leg(String meta, String image) {}

  /// A snapshot of the older kind: what differs from the origin is kept in another volume.
  ///
  /// @param merging the difference is flowing back into the origin
  record Snapshot(String origin, String store, boolean merging) implements Layout {}

  /// The space of thin volumes.
  record ThinPool(String metadata, String data, long chunkSectors) implements Layout {}

  /// A thin volume.
  ///
  /// @param external the volume that is read where the thin one has nothing
  record Thin(String pool, long deviceId, Optional<String> external) implements Layout {}

  /// One that is not read here.
  record Other(String type) implements Layout {}

  long end() {
    return start + count;
  }

  static Segment read(Section section) throws CorruptImageException {
    long start = section.number("start_extent", MAX_EXTENTS);
    long count = section.number("extent_count", MAX_EXTENTS);
    if (count == 0) {
      throw new CorruptImageException(
          "LVM2: %s: found 0, expected 1 or more".formatted(section.pathOf("extent_count")));
    }
    return new Segment(start, count, layout(section, count), section);
  }

  private static Layout layout(Section section, long count) throws CorruptImageException {
    String type = section.text("type");
    int flags = type.indexOf('+'); // newer LVM2 adds what older ones must not overlook
    return switch (flags < 0 ? type : "") {
      case "striped" -> striped(section, areas(section, "stripes"), count);
      case "raid0" -> striped(section, images(section.texts("raid0_lvs")), count);
      case "raid0_meta" -> striped(section, images(rimages(section)), count);
      case "mirror" -> new Mirrored(areas(section, "mirrors"));
      case "raid1" -> new Raid1(legs(section));
      case "snapshot" -> snapshot(section);
      case "thin-pool" ->
          new ThinPool(
              section.text("metadata"),
              section.text("pool"),
              section.number("chunk_size", MAX_SECTORS));
      case "thin" ->
          new Thin(
              section.text("thin_pool"),
              section.number("device_id", MAX_DEVICE_ID),
              section.findText("external_origin"));
      default -> new Other(PlainName.of(type));
    };
  }

  private static Layout striped(Section section, List<Area> areas, long count)
      throws CorruptImageException {
    if (count % areas.size() != 0) {
      throw new CorruptImageException(
          "LVM2: %s: %d extents are no multiple of its %d stripes"
              .formatted(section.path(), count, areas.size()));
    }
    long stripe = areas.size() == 1 ? 0 : section.number("stripe_size", MAX_SECTORS);
    if (areas.size() > 1 && stripe == 0) {
      throw new CorruptImageException(
          "LVM2: %s: found 0, expected 1 or more".formatted(section.pathOf("stripe_size")));
    }
    return new Striped(areas, stripe);
  }

  private static Layout snapshot(Section section) throws CorruptImageException {
    Optional<String> merging = section.findText("merging_store");
    return merging.isPresent()
        ? new Snapshot(section.text("origin"), merging.get(), true)
        : new Snapshot(section.text("origin"), section.text("cow_store"), false);
  }

  private static List<Area> areas(Section section, String name) throws CorruptImageException {
    List<ConfigNode.Value> values = section.list(name);
    List<Area> areas = new ArrayList<>();
    for (int i = 0; i + 1 < values.size(); i += 2) {
      if (values.get(i) instanceof ConfigNode.Text(String volume)
          && values.get(i + 1) instanceof ConfigNode.Digits(String digits)) {
        areas.add(new Area(volume, extent(digits, section, name)));
      }
    }
    if (areas.isEmpty() || areas.size() * 2 != values.size() || areas.size() > MAX_AREAS) {
      throw notPairs(section, name);
    }
    return List.copyOf(areas);
  }

  private static long extent(String digits, Section section, String name)
      throws CorruptImageException {
    try {
      long extent = Long.parseLong(digits);
      if (extent >= 0 && extent <= MAX_EXTENTS) {
        return extent;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw notPairs(section, name);
  }

  private static CorruptImageException notPairs(Section section, String name) {
    return new CorruptImageException(
        "LVM2: %s: expected 1 to %d pairs of a volume and an extent"
            .formatted(section.pathOf(name), MAX_AREAS));
  }

  private static List<Leg> legs(Section section) throws CorruptImageException {
    List<String> names = section.texts("raids");
    List<Leg> legs = new ArrayList<>();
    for (int i = 0; i + 1 < names.size(); i += 2) {
      legs.add(new Leg(names.get(i), names.get(i + 1)));
    }
    if (legs.isEmpty() || legs.size() > MAX_AREAS) {
      throw new CorruptImageException(
          "LVM2: %s: expected 1 to %d pairs of volumes"
              .formatted(section.pathOf("raids"), MAX_AREAS));
    }
    return List.copyOf(legs);
  }

  private static List<String> rimages(Section section) throws CorruptImageException {
    return legs(section).stream().map(Leg::image).toList();
  }

  private static List<Area> images(List<String> names) throws CorruptImageException {
    if (names.isEmpty() || names.size() > MAX_AREAS) {
      throw new CorruptImageException("LVM2: raid0: expected 1 to %d images".formatted(MAX_AREAS));
    }
    return names.stream().map(name -> new Area(name, 0)).toList();
  }
}
