package io.calco.disk;

import io.calco.sys.FileBusyException;
import io.calco.sys.FileHolder;
import io.calco.sys.OpenFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/// The locks that QEMU puts on its images, taken so that QEMU and we keep out of each other's way,
/// and two Calcos likewise.
///
/// QEMU's `block/file-posix.c` gives each permission a bit: consistent read 0, write 1, write
/// unchanged 2, resize 3. Who has permission *i* holds a shared lock on byte 100 + *i* of the file;
/// who does not suffer others to have it holds one on byte 200 + *i*. Whether somebody is in the
/// way is then a question to the kernel: is byte 200 + *i* locked by another, for what we have; is
/// byte 100 + *i*, for what we do not suffer. First lock, then look: of two that come at once at
/// least one sees the other.
///
/// The locks are open file description locks (Linux), belong to the open file, and go with it,
/// whatever ends the process. Where a file system has none, there is no lock, as with QEMU.
///
/// Oracle: qemu-io and a running qemu-system, either coming first.
public enum ImageLock {
  /// We read, and suffer others to read: what `qemu-img convert` takes on its source.
  READ(bit(0), bit(1) | bit(3)),
  /// We write, and suffer nobody else to: what a running machine takes on its disk.
  WRITE(bit(0) | bit(1) | bit(3), bit(1) | bit(3));

  private static final int BITS = 4;
  private static final long HAS = 100;
  private static final long SUFFERS_NOT = 200;

  private final int has;
  private final int suffersNot;

  ImageLock(int has, int suffersNot) {
    this.has = has;
    this.suffersNot = suffersNot;
  }

  private static int bit(int index) {
    return 1 << index;
  }

  /// Locks `file`, which keeps the locks until it is closed.
  ///
  /// @throws DiskInUseException when others are in the way; no lock is left then
  void take(OpenFile file) throws IOException {
    if (!file.canLock()) {
      return;
    }
    boolean free = true;
    for (int i = 0; i < BITS; i++) {
      free = free && hold(file, has, HAS, i) && hold(file, suffersNot, SUFFERS_NOT, i);
    }
    for (int i = 0; i < BITS; i++) {
      free = free && !held(file, has, SUFFERS_NOT, i) && !held(file, suffersNot, HAS, i);
    }
    if (!free) {
      file.unlock(HAS, SUFFERS_NOT + BITS - HAS);
      throw inUse(file.path());
    }
  }

  private static boolean hold(OpenFile file, int set, long base, int index) throws IOException {
    return (set & bit(index)) == 0 || file.lock(OpenFile.Lock.SHARED, base + index, 1);
  }

  private static boolean held(OpenFile file, int set, long base, int index) throws IOException {
    return (set & bit(index)) != 0 && file.lockedByOther(OpenFile.Lock.EXCLUSIVE, base + index, 1);
  }

  /// Makes sure that nobody, QEMU or other, has a file open for writing or locked against reading
  /// at this moment. Leaves no lock.
  ///
  /// A block device must not be mounted or otherwise taken either.
  ///
  /// The kernel knows (it grants a lease only then) and says so to the file's owner and to root;
  /// for others what `/proc` shows must do.
  ///
  /// @throws DiskInUseException when somebody has
  public static void requireUnused(Path path) throws IOException {
    try (OpenFile file = OpenFile.open(path, OpenFile.Access.READ, OpenFile.Option.EXCLUSIVE)) {
      READ.take(file);
      boolean written =
          switch (file.writers()) {
            case NONE -> false;
            case SOME -> true;
            case UNKNOWN -> FileHolder.of(path).stream().anyMatch(FileHolder::writing);
          };
      if (written) {
        throw inUse(path);
      }
    } catch (FileBusyException mounted) {
      throw taken(path);
    }
  }

  static DiskInUseException taken(Path device) {
    return new DiskInUseException(
        device + ": is in use: mounted, or part of a volume group, a RAID or a device mapping");
  }

  /// Names those who write, else those who have it open; this process, which has it open to ask,
  /// only when nobody else is to be seen.
  private static DiskInUseException inUse(Path path) throws IOException {
    long self = ProcessHandle.current().pid();
    List<FileHolder> others =
        FileHolder.of(path).stream().filter(holder -> holder.pid() != self).toList();
    List<FileHolder> writers = others.stream().filter(FileHolder::writing).toList();
    List<String> loops = FileHolder.loopDevices(path);
    String who;
    if (!writers.isEmpty()) {
      who = "open for writing by " + named(writers);
    } else if (!loops.isEmpty()) {
      who = "the disk behind " + String.join(", ", loops);
    } else if (!others.isEmpty()) {
      who = "open by " + named(others);
    } else {
      who = "open in this process, or in one that we cannot see";
    }
    return new DiskInUseException(
        "%s: is in use: %s".formatted(path, who),
        others.stream().flatMap(holder -> holder.machine().stream()).findFirst());
  }

  private static String named(List<FileHolder> holders) {
    return holders.stream().map(FileHolder::toString).collect(Collectors.joining(", "));
  }
}
