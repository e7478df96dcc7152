package io.calco.engine.mount;

import io.calco.fs.DirectoryEntry;
import io.calco.fs.FileStatus;
import io.calco.fs.FileType;
import io.calco.fs.GuestNames;
import io.calco.guest.GuestTree;
import io.calco.sys.fuse.FuseNode;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// A file in a guest's tree. Safe: the trees of a disk are asked by one thread at a time.
final class GuestNode implements FuseNode {
  private static final int VOLUME_SHIFT = 48;

  /// The files of one disk.
  ///
  /// @param tree them
  /// @param lock held while the tree is asked
  /// @param number of the volume: what parts its files' inode numbers from those of others, which
  ///   would look like hard links
  record Tree(GuestTree tree, Object lock, long number) {
    FuseNode root() {
      return new GuestNode(this, "/");
    }

    private long inode(long theirs) {
      return theirs & (1L << VOLUME_SHIFT) - 1 | number << VOLUME_SHIFT;
    }
  }

  private final Tree files;
  private final String path;

  private GuestNode(Tree files, String path) {
    this.files = files;
    this.path = path;
  }

  /// A letter for each byte.
  private static String bytes(String name) {
    return new String(GuestNames.encode(name), StandardCharsets.ISO_8859_1);
  }

  private static String text(String bytes) {
    return GuestNames.decode(bytes.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static Optional<Kind> kind(FileType type) {
    return switch (type) {
      case REGULAR -> Optional.of(Kind.FILE);
      case DIRECTORY -> Optional.of(Kind.DIRECTORY);
      case SYMBOLIC_LINK -> Optional.of(Kind.LINK);
      case CHARACTER_DEVICE -> Optional.of(Kind.CHARACTER_DEVICE);
      case BLOCK_DEVICE -> Optional.of(Kind.BLOCK_DEVICE);
      case FIFO -> Optional.of(Kind.PIPE);
      case SOCKET -> Optional.of(Kind.SOCKET);
      case UNKNOWN -> Optional.empty();
    };
  }

  @Override
  public Status status() throws IOException {
    FileStatus status;
    synchronized (files.lock) {
      status = files.tree.find(path).orElseThrow(() -> new NoSuchFileException(path));
    }
    return new Status(
        files.inode(status.inode()),
        kind(status.type()).orElse(Kind.FILE),
        status.permissions(),
        status.type() == FileType.UNKNOWN ? 0 : status.size(),
        status.allocatedSize(),
        status.links(),
        status.uid(),
        status.gid(),
        status.modified());
  }

  @Override
  public Optional<FuseNode> child(String name) throws IOException {
    String below = (path.equals("/") ? "" : path) + "/" + text(name);
    synchronized (files.lock) {
      return files.tree.find(below).map(_ -> new GuestNode(files, below));
    }
  }

  @Override
  public List<Entry> entries() throws IOException {
    List<DirectoryEntry> found;
    synchronized (files.lock) {
      found = files.tree.list(path);
    }
    List<Entry> entries = new ArrayList<>(found.size());
    for (DirectoryEntry entry : found) {
      Kind kind = kind(entry.type()).orElse(Kind.FILE);
      entries.add(new Entry(bytes(entry.name()), files.inode(entry.inode()), kind));
    }
    return entries;
  }

  @Override
  public int read(long offset, MemorySegment dst) throws IOException {
    synchronized (files.lock) {
      int done = 0;
      while (done < dst.byteSize()) {
        int now = files.tree.read(path, offset + done, dst.asSlice(done));
        if (now <= 0) {
          break;
        }
        done += now;
      }
      return done;
    }
  }

  @Override
  public String link() throws IOException {
    synchronized (files.lock) {
      return bytes(files.tree.readLink(path).orElseThrow(() -> new NoSuchFileException(path)));
    }
  }

  @Override
  public SequencedMap<String, byte[]> extendedAttributes() throws IOException {
    SequencedMap<String, byte[]> found = new LinkedHashMap<>();
    synchronized (files.lock) {
      for (Map.Entry<String, byte[]> attribute : files.tree.extendedAttributes(path).entrySet()) {
        found.put(bytes(attribute.getKey()), attribute.getValue());
      }
    }
    return found;
  }
}
