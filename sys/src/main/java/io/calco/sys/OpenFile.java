package io.calco.sys;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/// A plain file or block device that is open: an owned descriptor, never a number.
///
/// What a host may lack answers with a boolean: `false` means that it cannot be done here and that
/// nothing was changed. All else is done or throws; the exceptions are those of
/// [java.nio.file.Files] for the same failure. A call on a closed file throws
/// [ClosedChannelException], and never reaches a descriptor that was given to somebody else since:
/// the descriptor is closed when the last call that uses it has returned.
///
/// Thread rule: safe for several threads at once. A thread's interruption is not looked at. Calls
/// block, and pin the carrier of a virtual thread while they do: let few run at a time.
public abstract sealed class OpenFile implements AutoCloseable permits LinuxFile, ChannelFile {

  /// What a file is opened for.
  public enum Access {
    /// Reading a file that exists.
    READ,
    /// Reading and writing a file that exists.
    WRITE,
    /// Reading and writing a file that must not exist yet; made with mode 0666 less the umask.
    CREATE
  }

  /// How a file is opened.
  public enum Option {
    /// The last part of the name must not be a symbolic link.
    NO_FOLLOW,
    /// Past the page cache, `O_DIRECT`: offsets, lengths and native buffers are the caller's to
    /// align.
    DIRECT,
    /// A block device that is mounted or otherwise taken is refused, and then is ours alone among
    /// those who ask so; for a plain file it means nothing.
    EXCLUSIVE
  }

  /// How a range will be used, `posix_fadvise(2)`.
  public enum Advice {
    /// From front to end.
    SEQUENTIAL,
    /// Here and there.
    RANDOM,
    /// Soon.
    WILL_NEED,
    /// Not again: clean pages leave the cache.
    DONT_NEED
  }

  /// What a lock lets others do.
  public enum Lock {
    /// Others may lock the same bytes SHARED.
    SHARED,
    /// Nobody else may lock them; the file must be open for writing.
    EXCLUSIVE
  }

  /// Whether anybody has the file open for writing.
  public enum Writers {
    /// Nobody.
    NONE,
    /// Somebody, this process perhaps.
    SOME,
    /// This host does not tell, or not us.
    UNKNOWN
  }

  private final Path path;

  OpenFile(Path path) {
    this.path = path;
  }

  /// Opens a file. Descriptors are closed on exec.
  ///
  /// A pipe or device that would wait for a peer is opened without waiting; ask [#status] before
  /// reading from a name that others chose.
  ///
  /// @throws FileBusyException when a block device is taken
  /// @throws IOException when it cannot be opened; nothing was made then
  public static OpenFile open(Path path, Access access, Option... options) throws IOException {
    Set<Option> set = setOf(options);
    return NativeAccess.available()
        ? LinuxFile.open(path, access, set)
        : ChannelFile.open(path, access, set);
  }

  /// Opens a file through [java.nio.channels.FileChannel] whatever the host can do: what hosts
  /// without native access get.
  public static OpenFile openPortable(Path path, Access access, Option... options)
      throws IOException {
    return ChannelFile.open(path, access, setOf(options));
  }

  private static Set<Option> setOf(Option... options) {
    Set<Option> set = EnumSet.noneOf(Option.class);
    Collections.addAll(set, options);
    return set;
  }

  /// The name it was opened by.
  public final Path path() {
    return path;
  }

  /// The length of the file or block device, in bytes.
  public abstract long size() throws IOException;

  /// What the host knows of it.
  public abstract FileStatus status() throws IOException;

  /// The file system it lies on.
  public abstract FileSystemKind fileSystem() throws IOException;

  /// Reads until `dst` is full or the file ends.
  ///
  /// @param offset first byte, in bytes from the start of the file; not negative
  /// @param dst native memory (fastest) or heap memory
  /// @return the bytes read: less than `dst.byteSize()` only when the file ends
  public abstract long read(long offset, MemorySegment dst) throws IOException;

  /// Writes all of `src`; the file grows as needed. After a failure any part may be written.
  public abstract void write(long offset, MemorySegment src) throws IOException;

  /// Sets the length; new bytes read as zeroes and take no space.
  public abstract void truncate(long size) throws IOException;

  /// Makes the run read as zeroes and frees its space; the length of the file stays.
  public abstract boolean punchHole(long offset, long length) throws IOException;

  /// Makes the run read as zeroes and keeps or promises its space; the length of the file stays.
  public abstract boolean zeroRange(long offset, long length) throws IOException;

  /// Promises space for the run, so that writing it will not fail for lack of it; a file that ends
  /// before grows, and bytes that exist keep their content.
  public abstract boolean preallocate(long offset, long length) throws IOException;

  /// The first byte at or after `offset` that may hold data, or [#size] when only holes follow.
  public abstract long nextData(long offset) throws IOException;

  /// The first byte at or after `offset` that lies in a hole, or [#size] when only data follows.
  public abstract long nextHole(long offset) throws IOException;

  /// Makes the run share its blocks with one of `source` (reflink), holes included: nothing is
  /// copied until one of them is written. The file system decides which offsets and lengths it
  /// likes; mostly multiples of its block size, and the end of the source.
  public abstract boolean cloneRange(OpenFile source, long sourceOffset, long offset, long length)
      throws IOException;

  /// Copies bytes inside the kernel, and may fill holes.
  ///
  /// @return the bytes copied, perhaps less than `length`; 0 when this is not to be had, or the
  ///   source has ended
  public abstract long copyRange(OpenFile source, long sourceOffset, long offset, long length)
      throws IOException;

  /// Returns when all that was written, and the file's length, are on the medium.
  public abstract void sync() throws IOException;

  /// Begins to bring all that was written, through whatever open file, to the medium; a hint, never
  /// a failure. May wait for what is on its way there. [#sync] has to follow.
  public abstract void writeOut() throws IOException;

  /// Tells how a run will be used; a hint, never a failure.
  public abstract void advise(Advice advice, long offset, long length) throws IOException;

  /// Locks a run of bytes against other open files, those of this process too, and does not wait.
  /// The lock is advisory, belongs to this open file and goes with it.
  ///
  /// @return false when another holds a lock in the way
  /// @throws UnsupportedOperationException when [#canLock] is false
  public abstract boolean lock(Lock lock, long offset, long length) throws IOException;

  /// Gives up our locks in the run.
  public abstract void unlock(long offset, long length) throws IOException;

  /// True when another open file holds a lock that would refuse us `lock` on the run.
  public abstract boolean lockedByOther(Lock lock, long offset, long length) throws IOException;

  /// True when this host and file system have such locks.
  public abstract boolean canLock() throws IOException;

  /// Whether anybody has the file open for writing at this moment. This file must be open for
  /// reading only. A process that opens the file for writing at the same moment waits, for
  /// microseconds.
  public abstract Writers writers() throws IOException;

  /// True when the file carries the immutable flag, which keeps even root from changing it.
  public abstract boolean immutable() throws IOException;

  /// Sets the immutable flag.
  ///
  /// @return false when the file system does not have it or we may not
  public abstract boolean makeImmutable() throws IOException;

  /// Clears the immutable flag.
  ///
  /// @return false when the file carries it still: we may not
  public abstract boolean makeMutable() throws IOException;

  /// Closes the file and drops its locks. Calls that are running finish first, and the descriptor
  /// goes with the last of them. Closing twice does nothing.
  ///
  /// @throws IOException when the host reports late that something could not be written
  @Override
  public abstract void close() throws IOException;

  @Override
  public final String toString() {
    return path.toString();
  }
}
