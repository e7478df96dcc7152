package io.calco.volume.lvm;

import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A disk, or a part of one, that is labelled as a physical volume of LVM2, with what its copies of
/// the metadata say. As it was when it was read; the disk stays its opener's.
public final class PhysicalVolume {
  private final Disk disk;
  private final PvLabel label;
  private final List<MetadataArea> areas = new ArrayList<>();
  private final List<String> problems = new ArrayList<>();
  private Optional<GroupText> newest = Optional.empty();

  private PhysicalVolume(Disk disk, PvLabel label) {
    this.disk = disk;
    this.label = label;
  }

  /// Reads the label and the metadata. A copy of the metadata that cannot be read is a problem, not
  /// an exception.
  ///
  /// @return empty when the disk bears no label
  /// @throws io.calco.disk.CorruptImageException when the label cannot be read
  public static Optional<PhysicalVolume> find(Disk disk) throws IOException {
    Optional<PvLabel> label = PvLabel.find(disk);
    if (label.isEmpty()) {
      return Optional.empty();
    }
    PhysicalVolume volume = new PhysicalVolume(disk, label.get());
    for (PvLabel.Area area : label.get().metadataAreas()) {
      volume.readArea(area);
    }
    return Optional.of(volume);
  }

  private void readArea(PvLabel.Area area) throws IOException {
    try {
      MetadataArea read = MetadataArea.read(disk, area);
      areas.add(read);
      Optional<byte[]> text = read.text();
      if (text.isPresent()) {
        GroupText group = GroupText.parse(text.get());
        if (newest.isEmpty() || group.seqno() > newest.get().seqno()) {
          newest = Optional.of(group);
        }
      }
    } catch (DiskException e) {
      problems.add(String.valueOf(e.getMessage()));
    }
  }

  /// Its UUID, as the label has it.
  public LvmUuid uuid() {
    return label.uuid();
  }

  /// Where it lies.
  public Disk disk() {
    return disk;
  }

  /// What could not be read of its metadata, one sentence each.
  public List<String> problems() {
    return List.copyOf(problems);
  }

  PvLabel label() {
    return label;
  }

  /// The areas whose headers could be read, in the order of the label.
  List<MetadataArea> areas() {
    return areas;
  }

  /// The newest of its copies of the metadata.
  Optional<GroupText> group() {
    return newest;
  }
}
