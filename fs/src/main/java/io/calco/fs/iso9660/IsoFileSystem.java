package io.calco.fs.iso9660;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.fs.DirectoryEntry;
import io.calco.fs.FileStatus;
import io.calco.fs.FileSystemFacts;
import io.calco.fs.NodeFileSystem;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An opened ISO 9660 volume.
final class IsoFileSystem extends NodeFileSystem<IsoFileSystem.Node> {
  private static final int DIRECTORIES_KEPT = 256; // ours

  /// A file and the way to it.
  ///
  /// @param record the file
  /// @param parent the directory it is in; empty for the root
  record Node(IsoRecord record, Optional<Node> parent) {
    long start() {
      return record.parts().isEmpty() ? -1 : record.parts().getFirst().offset();
    }

    boolean isWithin(long offset) {
      for (Optional<Node> at = Optional.of(this); at.isPresent(); at = at.get().parent) {
        if (at.get().start() == offset) {
          return true;
        }
      }
      return false;
    }
  }

  private final Disk disk;
  private final IsoVolume volume;
  private final Node root;
  private final LinkedHashMap<IsoRecord.Part, IsoDirectory> directories =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<IsoRecord.Part, IsoDirectory> eldest) {
          return size() > DIRECTORIES_KEPT;
        }
      };

  IsoFileSystem(Disk disk) throws IOException {
    super("ISO 9660");
    this.disk = disk;
    this.volume = IsoVolume.load(disk);
    this.root = new Node(rootRecord(), Optional.empty());
  }

  private IsoRecord rootRecord() throws IOException {
    long offset = volume.rootBlock() * volume.blockBytes();
    IsoRecord plain =
        new IsoRecord(
            "",
            offset,
            040555,
            1,
            0,
            0,
            Instant.EPOCH,
            List.of(new IsoRecord.Part(offset, volume.rootBytes())),
            Optional.empty(),
            false);
    return IsoDirectory.self(volume, disk, plain);
  }

  @Override
  protected Node root() {
    return root;
  }

  private IsoDirectory directory(Node node) throws IOException {
    IsoRecord.Part where =
        node.record().parts().size() == 1
            ? node.record().parts().getFirst()
            : new IsoRecord.Part(node.start(), node.record().size());
    IsoDirectory found = directories.get(where);
    if (found == null) {
      found = IsoDirectory.load(volume, disk, where);
      directories.put(where, found);
    }
    return found;
  }

  @Override
  protected Optional<Node> child(Node directory, String name) throws IOException {
    Optional<IsoRecord> found = directory(directory).find(name);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Node node = new Node(found.get(), Optional.of(directory));
    if (found.get().isDirectory() && directory.isWithin(node.start())) {
      throw CorruptImageException.at(
          "ISO 9660",
          "directory record",
          found.get().inode(),
          "a directory above it",
          "a directory of its own");
    }
    return Optional.of(node);
  }

  @Override
  protected List<DirectoryEntry> entries(Node directory) throws IOException {
    List<DirectoryEntry> entries = new ArrayList<>();
    for (IsoRecord record : directory(directory).records()) {
      entries.add(new DirectoryEntry(record.name(), record.inode(), record.type()));
    }
    return entries;
  }

  @Override
  protected FileStatus status(Node node) {
    IsoRecord record = node.record();
    long size = record.size();
    int block = volume.blockBytes();
    return new FileStatus(
        record.inode(),
        record.type(),
        size,
        record.mode() & 07777,
        record.uid(),
        record.gid(),
        record.links(),
        record.modified(),
        (size + block - 1) / block * block);
  }

  @Override
  protected int readAt(Node file, long offset, MemorySegment dst) throws IOException {
    if (offset < 0) {
      throw new IllegalArgumentException("offset " + offset);
    }
    IsoRecord record = file.record();
    if (record.zisofs()) {
      throw new UnsupportedFeatureException(
          "ISO 9660: \"%s\" is packed by zisofs".formatted(record.name()));
    }
    long wanted = Math.min(dst.byteSize(), record.size() - offset);
    long done = 0;
    long start = 0;
    for (IsoRecord.Part part : record.parts()) {
      long in = offset + done - start;
      if (done < wanted && in < part.length()) {
        long length = Math.min(wanted - done, part.length() - in);
        if (part.offset() + in > disk.size() - length) {
          throw CorruptImageException.at(
              "ISO 9660", "content", part.offset(), part.length() + " bytes", "all in the volume");
        }
        disk.read(part.offset() + in, dst.asSlice(done, length));
        done += length;
      }
      start += part.length();
    }
    return (int) done;
  }

  @Override
  protected String target(Node link) {
    return link.record().target().orElse("");
  }

  @Override
  public FileSystemFacts facts() {
    return new FileSystemFacts(
        "iso9660",
        volume.created().map(IsoFileSystem::asUuid),
        volume.label(),
        volume.size(),
        0,
        volume.blockBytes(),
        true);
  }

  /// The time in digits, as `blkid` prints it.
  private static String asUuid(String digits) {
    return String.join(
        "-",
        digits.substring(0, 4),
        digits.substring(4, 6),
        digits.substring(6, 8),
        digits.substring(8, 10),
        digits.substring(10, 12),
        digits.substring(12, 14),
        digits.substring(14, 16));
  }

  /// The whole volume: nothing in it is ever free.
  @Override
  public void usedRuns(RunConsumer run) throws IOException {
    if (volume.size() > 0) {
      run.accept(0, volume.size());
    }
  }
}
