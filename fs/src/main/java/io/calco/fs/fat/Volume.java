package io.calco.fs.fat;

import io.calco.disk.Disk;
import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.FileAttributes;
import java.io.IOException;
import java.util.LinkedHashMap;

/// An opened volume: its FAT, its chains, the directories that were read, and what changed of them.
final class Volume {
  private static final int BYTES_KEPT = 8 << 20; // ours: of directories that did not change

  private final Disk disk;
  private final Geometry geometry;
  private final FatTable table;
  private final Clusters clusters;
  private final Changes changes = new Changes();
  private final LinkedHashMap<Integer, Directory> directories =
      new LinkedHashMap<>(16, 0.75f, true);
  private long kept;

  Volume(Disk disk, Geometry geometry) {
    this.disk = disk;
    this.geometry = geometry;
    this.table = new FatTable(disk, geometry);
    this.clusters = new Clusters(disk, geometry, table);
  }

  Disk disk() {
    return disk;
  }

  Geometry geometry() {
    return geometry;
  }

  FatTable table() {
    return table;
  }

  Clusters clusters() {
    return clusters;
  }

  Changes changes() {
    return changes;
  }

  /// The directory that begins at a cluster; 0 for the fixed root.
  Directory directory(int first) throws IOException {
    Directory found = changes.find(first);
    if (found == null) {
      found = directories.get(first);
    }
    if (found == null) {
      found = Directory.load(this, first);
      keep(found);
    }
    return found;
  }

  /// Keeps a directory that is as on the disk, for a while.
  void keep(Directory directory) {
    directories.put(directory.first(), directory);
    kept += directory.bytes();
    var eldest = directories.entrySet().iterator();
    while (kept > BYTES_KEPT && directories.size() > 1) {
      kept -= eldest.next().getValue().bytes();
      eldest.remove();
    }
  }

  Directory root() throws IOException {
    return directory(geometry.rootCluster());
  }

  /// Makes a directory in a free cluster, in memory.
  Directory createDirectory(FatEntry parent, FileAttributes attributes) throws IOException {
    int cluster = clusters.allocate(1)[0];
    return Directory.create(this, cluster, asParent(parent), attributes);
  }

  /// How `..` names a directory.
  static int asParent(FatEntry directory) {
    return directory.isRoot() ? 0 : directory.firstCluster();
  }

  /// Forgets a directory that is no more.
  void drop(int first) {
    changes.drop(first);
    unkeep(first);
  }

  /// Takes a directory from those that did not change.
  void unkeep(int first) {
    Directory known = directories.remove(first);
    kept -= known == null ? 0 : known.bytes();
  }

  boolean isChanged() {
    return table.isChanged() || changes.count() > 0;
  }

  /// What FAT[1] and the boot sector on the disk say.
  boolean isMarkedClean() throws IOException {
    byte[] boot = disk.readBytes(0, Geometry.BOOT_BYTES);
    return table.isMarkedClean() && (boot[geometry.stateOffset()] & 1) == 0;
  }

  /// Marks the volume on the disk.
  void mark(boolean isClean) throws IOException {
    table.mark(isClean);
    byte[] boot = disk.readBytes(0, Geometry.BOOT_BYTES);
    if (hasSerial(boot)) {
      int at = geometry.stateOffset();
      LittleEndian.put8(boot, at, isClean ? boot[at] & ~1 : boot[at] | 1);
      disk.writeBytes(0, boot);
    }
  }

  /// True when the boot sector has a serial number, and a label in the newer form.
  boolean hasSerial(byte[] boot) {
    int signature = LittleEndian.u8(boot, geometry.signatureOffset());
    return signature == 0x29 || signature == 0x28;
  }
}
