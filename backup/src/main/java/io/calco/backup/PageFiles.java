package io.calco.backup;

import io.calco.disk.Disk;
import io.calco.disk.Extent;
import io.calco.disk.MemoryDriver;
import io.calco.disk.ReadOnlyDriver;
import io.calco.fs.FileStatus;
import io.calco.fs.FileSystem;
import io.calco.fs.FileType;
import io.calco.fs.swap.Swap;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Files at the root of a file system whose content means nothing once the machine is off, or only
/// that it slept: Windows' page and hibernation files by their names, Linux's swap files by name
/// and header, which is kept. Where their bytes lie is found without reading them.
///
/// Confined.
final class PageFiles {
  /// By the file system's type; others' data may carry sums, or share its place with other files.
  private static final Map<String, List<String>> NAMES =
      Map.of(
          "ntfs", List.of("/hiberfil.sys", "/pagefile.sys", "/swapfile.sys"),
          "ext2", List.of("/swapfile", "/swap.img"),
          "ext3", List.of("/swapfile", "/swap.img"),
          "ext4", List.of("/swapfile", "/swap.img"));

  private static final int BUFFER = 1 << 20;
  private static final int HEADER_MAX = 64 << 10; // the largest page of a swap area

  private final Finder finder;
  private final Disk disk;

  /// Of a volume, which stays open.
  PageFiles(Disk volume) {
    this.finder = new Finder(volume);
    this.disk = Disk.owning(finder);
  }

  /// The volume, on which the file system is to be opened that [#find] is given.
  Disk disk() {
    return disk;
  }

  /// Hears of files that can be left out.
  interface Consumer {
    /// One of them.
    ///
    /// @param path of the file
    /// @param places runs of the volume, ascending
    void accept(String path, Runs places) throws IOException;
  }

  /// Looks for such files.
  ///
  /// @param type as [io.calco.fs.FileSystemFacts#type] has it
  void find(String type, FileSystem files, Consumer found) throws IOException {
    for (String path : NAMES.getOrDefault(type, List.of())) {
      Optional<FileStatus> status = files.find(path);
      if (status.isPresent() && status.get().type() == FileType.REGULAR) {
        long from = type.equals("ntfs") ? 0 : headerLength(files, path, status.get().size());
        Runs places = from < 0 ? Runs.NONE : places(files, path, from, status.get().size());
        if (places.bytes() > 0) {
          found.accept(path, places);
        }
      }
    }
  }

  /// Bytes of a swap file's header; -1 when it has none.
  private static long headerLength(FileSystem files, String path, long size) throws IOException {
    byte[] head = new byte[(int) Math.min(HEADER_MAX, size)];
    for (int at = 0; at < head.length; ) {
      int read = files.read(path, at, MemorySegment.ofArray(head).asSlice(at));
      if (read <= 0) {
        return -1;
      }
      at += read;
    }
    Optional<Swap> swap = Swap.find(Disk.owning(new MemoryDriver(head)));
    return swap.isPresent() ? swap.get().facts().blockSize() : -1;
  }

  private Runs places(FileSystem files, String path, long from, long size) throws IOException {
    Runs.Builder places = new Runs.Builder();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(BUFFER);
      for (long at = from; at < size; ) {
        MemorySegment piece = buffer.asSlice(0, Math.min(BUFFER, size - at));
        finder.begin(piece, places);
        int read = files.read(path, at, piece);
        if (read <= 0) {
          break;
        }
        at += read;
      }
    } finally {
      finder.end();
    }
    return places.build();
  }

  /// Notes which places are read straight into a file's buffer, without reading them: what a file
  /// system reads for itself, or unpacks, goes elsewhere. Leaves the disk below open.
  private static final class Finder extends ReadOnlyDriver {
    private final Disk disk;
    private @Nullable MemorySegment content;
    private Runs.Builder places = new Runs.Builder();

    Finder(Disk disk) {
      this.disk = disk;
    }

    void begin(MemorySegment wanted, Runs.Builder to) {
      content = wanted;
      places = to;
    }

    void end() {
      content = null;
    }

    @Override
    public long size() {
      return disk.size();
    }

    @Override
    public void read(long offset, MemorySegment dst) throws IOException {
      if (content == null || dst.asOverlappingSlice(content).isEmpty()) {
        disk.read(offset, dst);
      } else {
        dst.fill((byte) 0);
        places.add(offset, offset + dst.byteSize());
      }
    }

    @Override
    public Extent extentAt(long offset, long maxLength) throws IOException {
      return disk.extentAt(offset, maxLength);
    }
  }
}
