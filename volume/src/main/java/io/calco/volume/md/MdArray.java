package io.calco.volume.md;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.volume.target.Targets;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// An array: the members of it that are here.
public final class MdArray {
  private final List<MdMember> members;

  private MdArray(List<MdMember> members) {
    this.members = List.copyOf(members);
  }

  /// Puts members together, by the array's UUID, in the order of the first of each.
  public static List<MdArray> assemble(List<MdMember> members) {
    Map<String, List<MdMember>> arrays = new LinkedHashMap<>();
    for (MdMember member : members) {
      arrays.computeIfAbsent(member.arrayUuid(), uuid -> new ArrayList<>()).add(member);
    }
    return arrays.values().stream().map(MdArray::new).toList();
  }

  /// The members that are here.
  public List<MdMember> members() {
    return members;
  }

  /// As blkid prints it.
  public String uuid() {
    return members.getFirst().arrayUuid();
  }

  /// The names that Linux gives it: `/dev/md/name`, `/dev/md0`.
  public Set<String> devices() {
    MdMember first = members.getFirst();
    Set<String> devices = new LinkedHashSet<>();
    String name = first.name().substring(first.name().indexOf(':') + 1);
    if (name.matches("[0-9]{1,4}")) {
      devices.add("/dev/md" + name);
    }
    if (name.matches("[A-Za-z0-9_.-]+")) {
      devices.add("/dev/md/" + name);
    }
    if (first.minor() >= 0) {
      devices.add("/dev/md" + first.minor());
    }
    return devices;
  }

  /// Why it cannot be written here, one sentence.
  public Optional<String> readOnly() {
    return members.getFirst().level() == 1 && members.getFirst().disks() > 1
        ? Optional.of("it is mirrored")
        : Optional.empty();
  }

  /// The array's bytes, on disks that stay their opener's.
  ///
  /// @throws UnsupportedFeatureException for a level that is not opened, or when members are not
  ///   here
  public Disk open() throws IOException {
    MdMember first = members.getFirst();
    for (MdMember member : members) {
      if (member.reshaping()) {
        throw new UnsupportedFeatureException(
            "MD array %s is changing its form: start the machine and let it finish"
                .formatted(uuid()));
      }
      if (member.level() != first.level() || member.disks() != first.disks()) {
        throw new CorruptImageException(
            "MD array %s: its members contradict each other".formatted(uuid()));
      }
    }
    return switch (first.level()) {
      case 1 -> mirror();
      case 0 -> striped();
      case -1 -> Targets.linear(all().stream().map(MdArray::data).toList());
      default ->
          throw new UnsupportedFeatureException(
              "MD array %s of the level %s is not read by Calco"
                  .formatted(uuid(), first.levelName()));
    };
  }

  private Disk mirror() throws IOException {
    MdMember best =
        members.stream()
            .filter(member -> member.role() >= 0 && member.inStep())
            .max(Comparator.comparingLong(MdMember::events))
            .orElseThrow(() ->
                new UnsupportedFeatureException(
                    "MD array %s: no member that is here is in step".formatted(uuid())));
    if (best.componentSize() == 0 || best.componentSize() > best.dataSize()) {
      throw new CorruptImageException(
          "MD superblock: size: found %d, expected 1 to %d bytes"
              .formatted(best.componentSize(), best.dataSize()));
    }
    Disk disk = best.disk().slice(best.dataOffset(), best.componentSize());
    return readOnly().isPresent() ? disk.readOnly() : disk;
  }

  private Disk striped() throws IOException {
    List<MdMember> all = all();
    long chunk = all.getFirst().chunk();
    long size = chunk == 0 ? 0 : all.getFirst().dataSize() / chunk * chunk;
    List<Disk> disks = new ArrayList<>();
    for (MdMember member : all) {
      if (size == 0 || member.dataSize() / chunk * chunk != size) {
        throw new UnsupportedFeatureException(
            "MD array %s: raid0 over members of different sizes is not read by Calco"
                .formatted(uuid()));
      }
      disks.add(member.disk().slice(member.dataOffset(), size));
    }
    return Targets.striped(disks, chunk);
  }

  private static Disk data(MdMember member) {
    return member.disk().slice(member.dataOffset(), member.dataSize());
  }

  /// Every member by its role.
  private List<MdMember> all() throws UnsupportedFeatureException {
    int disks = members.getFirst().disks();
    List<MdMember> all = members.stream().sorted(Comparator.comparingInt(MdMember::role)).toList();
    boolean whole = disks > 0 && all.size() == disks;
    for (int i = 0; whole && i < disks; i++) {
      whole = all.get(i).role() == i;
    }
    if (!whole) {
      throw new UnsupportedFeatureException(
          "MD array %s: %d of its %d members are here".formatted(uuid(), members.size(), disks));
    }
    return all;
  }
}
