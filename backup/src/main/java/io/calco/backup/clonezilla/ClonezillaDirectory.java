package io.calco.backup.clonezilla;

import io.calco.disk.Closing;
import io.calco.disk.DirectoryFormat;
import io.calco.disk.Disk;
import io.calco.disk.DiskFile;
import io.calco.disk.HostFile;
import io.calco.disk.ReadOnlyFile;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;

/// Clonezilla image directories, wherever a disk image is read: `backups/web1#sda`, and also one
/// partition or logical volume of it: `backups/web1#sda1`.
public final class ClonezillaDirectory implements DirectoryFormat {

  /// For [java.util.ServiceLoader].
  public ClonezillaDirectory() {}

  @Override
  public String name() {
    return "clonezilla";
  }

  @Override
  public boolean probe(Path directory) {
    return ClonezillaImage.isIn(directory);
  }

  @Override
  public HostFile open(Path directory, Optional<String> disk) throws IOException {
    ClonezillaImage image = ClonezillaImage.open(directory);
    try {
      String name = disk.isPresent() ? disk.get() : only(image);
      return new SavedFile(directory + "#" + name, image, image.disk(name));
    } catch (IOException | RuntimeException e) {
      Closing.after(e, image);
      throw e;
    }
  }

  private static String only(ClonezillaImage image) throws UnsupportedFeatureException {
    if (image.disks().size() > 1) {
      throw new UnsupportedFeatureException(
          "%s: holds several disks; name one: %s"
              .formatted(
                  image.path(),
                  String.join(
                      ", ",
                      image.disks().stream().map(d -> image.path() + "#" + d.name()).toList())));
    }
    return image.disks().getFirst().name();
  }

  /// A saved disk's bytes; closing it closes the whole image.
  private static final class SavedFile extends ReadOnlyFile {
    private final ClonezillaImage image;
    private final DiskFile file;
    private final long packed;

    SavedFile(String name, ClonezillaImage image, Disk disk) throws IOException {
      super(name);
      this.image = image;
      this.file = new DiskFile(name, disk);
      this.packed = image.packedSize();
    }

    @Override
    public long size() {
      return file.size();
    }

    @Override
    public void read(long offset, MemorySegment dst) throws IOException {
      file.read(offset, dst);
    }

    @Override
    public long nextData(long offset) throws IOException {
      return file.nextData(offset);
    }

    @Override
    public long nextHole(long offset) throws IOException {
      return file.nextHole(offset);
    }

    @Override
    public long allocatedSize() {
      return packed;
    }

    @Override
    public void close() throws IOException {
      image.close();
    }
  }
}
