package io.calco.backup;

import io.calco.backup.Unread.LostFile;
import io.calco.backup.rescue.Run;
import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.Extent;
import io.calco.disk.ReadOnlyDriver;
import io.calco.fs.DirectoryEntry;
import io.calco.fs.FileStatus;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystemType;
import io.calco.fs.FileSystems;
import io.calco.fs.FileType;
import io.calco.volume.Volume;
import io.calco.volume.VolumeKeys;
import io.calco.volume.Volumes;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Finds the files that lie in runs of a disk, volume by volume, by asking their file systems for
/// them: what a file system wants put where we want the file's bytes is a place of the file's, and
/// need not be read; everything else is.
///
/// Confined.
public final class UnreadFiles {
  private static final int ENTRIES_MAX = 10_000_000; // ours
  private static final int PATH_MAX = 4096; // Linux's
  private static final int BUFFER = 16 << 20;
  private static final int FILE_NAMES_MAX = 256 << 10; // ours: letters of all that are listed

  private final Runs unread;
  private final Marking marking;
  private final MemorySegment buffer = MemorySegment.ofArray(new byte[BUFFER]);
  private final List<LostFile> files = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private int fileCount;
  private int letters;
  private int entries;
  private long budget;

  private UnreadFiles(Disk disk, Runs unread) {
    this.unread = unread;
    this.marking = new Marking(disk, unread);
    this.budget = 4 * Math.min(disk.size(), Long.MAX_VALUE / 4);
  }

  /// What was found.
  ///
  /// @param warnings which files could not be looked at, one sentence each
  public record Found(Unread unread, List<String> warnings) {
    /// Copies the list.
    public Found {
      warnings = List.copyOf(warnings);
    }
  }

  /// Looks for files.
  ///
  /// @param disk what could be read of it, zeroes for the rest; stays open
  /// @param runs that could not be read, ascending
  /// @throws IOException when the disk cannot be read, in spite of that
  public static Found find(Disk disk, List<Run> runs, VolumeKeys keys) throws IOException {
    Runs.Builder unread = new Runs.Builder();
    runs.forEach(run -> unread.add(run.start(), run.end()));
    UnreadFiles search = new UnreadFiles(disk, unread.build());
    if (!runs.isEmpty()) {
      search.look(keys);
    }
    return new Found(
        new Unread(
            runs.stream().mapToLong(Run::length).sum(),
            runs.size(),
            runs.subList(0, Math.min(runs.size(), Unread.LISTED)),
            search.fileCount,
            search.files),
        search.warnings);
  }

  private void look(VolumeKeys keys) throws IOException {
    try (Volumes volumes = Volumes.of(Disk.owning(marking), keys)) {
      for (Volume volume : volumes.all()) {
        if (volume.unreadable().isPresent()) {
          warn(volume, volume.unreadable().get());
        } else if (volume.leaf() && volume.disk().isPresent()) {
          lookInto(volume, volume.disk().get());
        }
      }
    } catch (DiskException e) {
      warnings.add("which files could not be read is not known: " + e.getMessage());
    }
  }

  private void warn(Volume volume, @Nullable String why) {
    boolean elsewhere =
        volume
            .partition()
            .filter(place -> unread.bytesIn(place.start(), place.length()) == 0)
            .isPresent();
    if (!elsewhere) {
      warnings.add(
          "which files of %s could not be read is not known: %s".formatted(volume.name(), why));
    }
  }

  private void lookInto(Volume volume, Disk content) throws IOException {
    if (volume.partition().isPresent()
        && unread.bytesIn(volume.partition().get().start(), content.size()) == 0) {
      return;
    }
    try {
      Optional<FileSystemType> type = FileSystems.probe(content);
      if (type.isPresent()) {
        try (FileSystem fileSystem = type.get().openReadOnly(content)) {
          walk(volume.name(), fileSystem);
        }
      }
    } catch (DiskException e) {
      warn(volume, e.getMessage());
    }
  }

  private void walk(String volume, FileSystem fileSystem) throws IOException {
    Deque<String> directories = new ArrayDeque<>();
    directories.add("/");
    while (!directories.isEmpty()) {
      String directory = directories.remove();
      marking.begin();
      List<DirectoryEntry> inside = list(fileSystem, directory);
      note(volume, directory);
      for (DirectoryEntry entry : inside) {
        String path = directory.equals("/") ? "/" + entry.name() : directory + "/" + entry.name();
        if (++entries > ENTRIES_MAX || budget < 0) {
          warnings.add("not all files of %s were looked at: there are too many".formatted(volume));
          return;
        }
        if (path.length() > PATH_MAX) {
          continue;
        }
        if (entry.type() == FileType.DIRECTORY) {
          directories.add(path);
        } else {
          marking.begin();
          readThrough(fileSystem, path);
          note(volume, path);
        }
      }
    }
  }

  /// What can be listed of a directory; its blocks may be zeroes.
  private static List<DirectoryEntry> list(FileSystem fileSystem, String directory) {
    try {
      return fileSystem.list(directory);
    } catch (IOException damaged) {
      return List.of();
    }
  }

  /// Has the file system look up where a file lies.
  private void readThrough(FileSystem fileSystem, String path) {
    try {
      Optional<FileStatus> status = fileSystem.find(path);
      if (status.isEmpty()
          || status.get().type() != FileType.REGULAR
          || status.get().allocatedSize() == 0) {
        return;
      }
      for (long at = 0; at < status.get().size() && budget >= 0; at += BUFFER) {
        MemorySegment piece = buffer.asSlice(0, Math.min(BUFFER, status.get().size() - at));
        budget -= piece.byteSize();
        marking.into(piece);
        if (fileSystem.read(path, at, piece) == 0) {
          return;
        }
      }
    } catch (IOException damaged) {
      marking.damaged(); // what leads to its bytes is gone
    }
  }

  private void note(String volume, String path) {
    if (!marking.isHit()) {
      return;
    }
    fileCount++;
    letters += path.length();
    if (files.size() < Unread.LISTED && letters < FILE_NAMES_MAX) {
      files.add(new LostFile(volume, path, marking.lost()));
    }
  }

  /// Notes what is wanted of the runs. Leaves the disk below open.
  private static final class Marking extends ReadOnlyDriver {
    private final Disk disk;
    private final Runs unread;
    private @Nullable MemorySegment content;
    private long lost;
    private boolean damaged;

    Marking(Disk disk, Runs unread) {
      this.disk = disk;
      this.unread = unread;
    }

    /// Another file.
    void begin() {
      content = null;
      lost = 0;
      damaged = false;
    }

    /// Where the file's bytes are wanted.
    void into(MemorySegment wanted) {
      content = wanted;
    }

    /// The file cannot be read, though it may not have come to one of the runs.
    void damaged() {
      damaged = true;
    }

    boolean isHit() {
      return lost > 0 || damaged;
    }

    long lost() {
      return lost;
    }

    @Override
    public long size() {
      return disk.size();
    }

    @Override
    public void read(long offset, MemorySegment dst) throws IOException {
      lost += unread.bytesIn(offset, dst.byteSize());
      if (content == null || dst.asOverlappingSlice(content).isEmpty()) {
        disk.read(offset, dst);
      }
    }

    @Override
    public Extent extentAt(long offset, long maxLength) throws IOException {
      return disk.extentAt(offset, maxLength);
    }
  }
}
