package io.calco.sys;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// Layer 1: functions of the C library under their own names, with their own arguments and results.
/// A result of -1 means that [CallFrame#errno] tells why.
///
/// All go through one downcall of one shape, six integer registers: the C calling conventions of
/// x86-64 (System V) and AArch64 pass `int`, `long` and pointers alike, the callee looks at the
/// registers and the bits that it declares, and a variadic function such as `open` finds its
/// integers in the same place. Linking a shape costs tens of milliseconds of start-up, and each
/// further one five to ten; so there is one. The second argument is a pointer to the linker, which
/// thereby holds the caller's buffer for the length of the call: memory cannot be freed below a
/// `pread`.
///
/// Initialising this class links; [NativeAccess] is the only one to do so first.
final class LibC {
  static final int AT_FDCWD = -100;
  static final int AT_EMPTY_PATH = 0x1000;

  static final int O_RDONLY = 0;
  static final int O_RDWR = 2;
  static final int O_CREAT = 0x40;
  static final int O_EXCL = 0x80;
  static final int O_NOCTTY = 0x100;
  static final int O_NONBLOCK = 0x800;
  static final int O_CLOEXEC = 0x8_0000;

  static final int SEEK_END = 2;
  static final int SEEK_DATA = 3;
  static final int SEEK_HOLE = 4;

  static final int FALLOC_FL_KEEP_SIZE = 0x1;
  static final int FALLOC_FL_PUNCH_HOLE = 0x2;
  static final int FALLOC_FL_ZERO_RANGE = 0x10;

  static final int F_SETSIG = 10;
  static final int F_OFD_GETLK = 36;
  static final int F_OFD_SETLK = 37;
  static final int F_SETLEASE = 1024;
  static final short F_RDLCK = 0;
  static final short F_WRLCK = 1;
  static final short F_UNLCK = 2;

  static final int POSIX_FADV_RANDOM = 1;
  static final int POSIX_FADV_SEQUENTIAL = 2;
  static final int POSIX_FADV_WILLNEED = 3;
  static final int POSIX_FADV_DONTNEED = 4;

  static final int SYNC_FILE_RANGE_WRITE = 2;

  static final int RENAME_NOREPLACE = 1;
  static final int RENAME_EXCHANGE = 2;

  static final int STATX_BASIC_STATS = 0x7ff;

  static final long FICLONERANGE = 0x4020_940dL;
  static final long FS_IOC_GETFLAGS = 0x8008_6601L;
  static final long FS_IOC_SETFLAGS = 0x4008_6602L;
  static final long TIOCGWINSZ = 0x5413;

  static final int MS_RDONLY = 0x1;
  static final int MS_NOSUID = 0x2;
  static final int MS_NODEV = 0x4;
  static final int MS_NOATIME = 0x400;
  static final int MNT_DETACH = 0x2;

  static final short AF_UNIX = 1;
  static final int SOCK_STREAM = 1;
  static final int SOL_SOCKET = 1;
  static final int SCM_RIGHTS = 1;
  static final int MSG_CMSG_CLOEXEC = 0x4000_0000;
  static final int SOCK_DGRAM = 2;
  static final int SOCK_CLOEXEC = 0x8_0000;
  static final int MSG_NOSIGNAL = 0x4000;

  /// A signal whose default is to be ignored.
  static final int SIGURG = 23;

  private static final Linker LINKER = Linker.nativeLinker();

  private static final MethodHandle CALL =
      LINKER.downcallHandle(
          FunctionDescriptor.of(
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.ADDRESS,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG,
              ValueLayout.JAVA_LONG),
          Linker.Option.captureCallState("errno"));

  private static final SymbolLookup LIBRARY = LINKER.defaultLookup();
  private static final MemorySegment CLOSE = find("close");
  private static final MemorySegment COPY_FILE_RANGE = find("copy_file_range");
  private static final MemorySegment FALLOCATE = find("fallocate");
  private static final MemorySegment FCNTL = find("fcntl");
  private static final MemorySegment FDATASYNC = find("fdatasync");
  private static final MemorySegment FSTATFS = find("fstatfs");
  private static final MemorySegment FSYNC = find("fsync");
  private static final MemorySegment FTRUNCATE = find("ftruncate");
  private static final MemorySegment IOCTL = find("ioctl");
  private static final MemorySegment LSEEK = find("lseek");
  private static final MemorySegment MOUNT = find("mount");
  private static final MemorySegment OPENAT = find("openat");
  private static final MemorySegment POSIX_FADVISE = find("posix_fadvise");
  private static final MemorySegment POSIX_SPAWN = find("posix_spawn");
  private static final MemorySegment PREAD = find("pread");
  private static final MemorySegment PWRITE = find("pwrite");
  private static final MemorySegment READ = find("read");
  private static final MemorySegment RECVMSG = find("recvmsg");
  private static final MemorySegment RENAMEAT2 = find("renameat2");
  private static final MemorySegment SENDTO = find("sendto");
  private static final MemorySegment SOCKET = find("socket");
  private static final MemorySegment SOCKETPAIR = find("socketpair");
  private static final MemorySegment STATX = find("statx");
  private static final MemorySegment SYNC_FILE_RANGE = find("sync_file_range");
  private static final MemorySegment UMOUNT2 = find("umount2");
  private static final MemorySegment WAITPID = find("waitpid");
  private static final MemorySegment WRITE = find("write");

  private LibC() {}

  private static MemorySegment find(String name) {
    return LIBRARY
        .find(name)
        .orElseThrow(() -> new UnsatisfiedLinkError("the C library has no " + name));
  }

  /// [close(2)](https://man7.org/linux/man-pages/man2/close.2.html)
  static int close(CallFrame frame, int fd) {
    return (int) call(CLOSE, frame, fd, MemorySegment.NULL, 0, 0, 0, 0);
  }

  /// [copy_file_range(2)](https://man7.org/linux/man-pages/man2/copy_file_range.2.html)
  ///
  /// @param offIn native memory that holds the source offset and is moved on
  /// @param offOut the same for the target
  static long copyFileRange(
      CallFrame frame, int fdIn, MemorySegment offIn, int fdOut, MemorySegment offOut, long size) {
    return call(COPY_FILE_RANGE, frame, fdIn, offIn, fdOut, offOut.address(), size, 0);
  }

  /// [fallocate(2)](https://man7.org/linux/man-pages/man2/fallocate.2.html)
  static int fallocate(CallFrame frame, int fd, int mode, long offset, long size) {
    return (int) call(FALLOCATE, frame, fd, MemorySegment.ofAddress(mode), offset, size, 0, 0);
  }

  /// [fcntl(2)](https://man7.org/linux/man-pages/man2/fcntl.2.html) with a number
  static int fcntl(CallFrame frame, int fd, int op, long arg) {
    return (int) call(FCNTL, frame, fd, MemorySegment.ofAddress(op), arg, 0, 0, 0);
  }

  /// [fdatasync(2)](https://man7.org/linux/man-pages/man2/fdatasync.2.html)
  static int fdatasync(CallFrame frame, int fd) {
    return (int) call(FDATASYNC, frame, fd, MemorySegment.NULL, 0, 0, 0, 0);
  }

  /// [fstatfs(2)](https://man7.org/linux/man-pages/man2/fstatfs.2.html)
  static int fstatfs(CallFrame frame, int fd, MemorySegment buf) {
    return (int) call(FSTATFS, frame, fd, buf, 0, 0, 0, 0);
  }

  /// [fsync(2)](https://man7.org/linux/man-pages/man2/fsync.2.html)
  static int fsync(CallFrame frame, int fd) {
    return (int) call(FSYNC, frame, fd, MemorySegment.NULL, 0, 0, 0, 0);
  }

  /// [ftruncate(2)](https://man7.org/linux/man-pages/man2/ftruncate.2.html)
  static int ftruncate(CallFrame frame, int fd, long length) {
    return (int) call(FTRUNCATE, frame, fd, MemorySegment.ofAddress(length), 0, 0, 0, 0);
  }

  /// [ioctl(2)](https://man7.org/linux/man-pages/man2/ioctl.2.html) with a structure
  static int ioctl(CallFrame frame, int fd, long op, MemorySegment argument) {
    return (int) call(IOCTL, frame, fd, MemorySegment.ofAddress(op), argument.address(), 0, 0, 0);
  }

  /// [lseek(2)](https://man7.org/linux/man-pages/man2/lseek.2.html)
  static long lseek(CallFrame frame, int fd, long offset, int whence) {
    return call(LSEEK, frame, fd, MemorySegment.ofAddress(offset), whence, 0, 0, 0);
  }

  /// [mount(2)](https://man7.org/linux/man-pages/man2/mount.2.html)
  static int mount(
      CallFrame frame,
      MemorySegment source,
      MemorySegment target,
      MemorySegment type,
      long flags,
      MemorySegment data) {
    return (int)
        call(MOUNT, frame, source.address(), target, type.address(), flags, data.address(), 0);
  }

  /// [openat(2)](https://man7.org/linux/man-pages/man2/openat.2.html)
  static int openat(CallFrame frame, int dirfd, MemorySegment path, int flags, int mode) {
    return (int) call(OPENAT, frame, dirfd, path, flags, mode, 0, 0);
  }

  /// [posix_fadvise(2)](https://man7.org/linux/man-pages/man2/posix_fadvise.2.html); the result is
  /// the error number itself, 0 for success.
  static int posixFadvise(CallFrame frame, int fd, long offset, long size, int advice) {
    MemorySegment at = MemorySegment.ofAddress(offset);
    return (int) call(POSIX_FADVISE, frame, fd, at, size, advice, 0, 0);
  }

  /// [posix_spawn(3)](https://man7.org/linux/man-pages/man3/posix_spawn.3.html) without actions and
  /// attributes; the result is the error number itself, 0 for success.
  static int posixSpawn(
      CallFrame frame,
      MemorySegment pid,
      MemorySegment path,
      MemorySegment argv,
      MemorySegment envp) {
    return (int)
        call(POSIX_SPAWN, frame, pid.address(), path, 0, 0, argv.address(), envp.address());
  }

  /// [pread(2)](https://man7.org/linux/man-pages/man2/pread.2.html)
  static long pread(CallFrame frame, int fd, MemorySegment buf, long count, long offset) {
    return call(PREAD, frame, fd, buf, count, offset, 0, 0);
  }

  /// [pwrite(2)](https://man7.org/linux/man-pages/man2/pwrite.2.html)
  static long pwrite(CallFrame frame, int fd, MemorySegment buf, long count, long offset) {
    return call(PWRITE, frame, fd, buf, count, offset, 0, 0);
  }

  /// [read(2)](https://man7.org/linux/man-pages/man2/read.2.html)
  static long read(CallFrame frame, int fd, MemorySegment buf, long count) {
    return call(READ, frame, fd, buf, count, 0, 0, 0);
  }

  /// [recvmsg(2)](https://man7.org/linux/man-pages/man2/recvmsg.2.html)
  static long recvmsg(CallFrame frame, int fd, MemorySegment msg, int flags) {
    return call(RECVMSG, frame, fd, msg, flags, 0, 0, 0);
  }

  /// [renameat2(2)](https://man7.org/linux/man-pages/man2/renameat2.2.html), both names relative to
  /// the working directory
  static int renameat2(CallFrame frame, MemorySegment from, MemorySegment to, int flags) {
    return (int) call(RENAMEAT2, frame, AT_FDCWD, from, AT_FDCWD, to.address(), flags, 0);
  }

  /// [sendto(2)](https://man7.org/linux/man-pages/man2/sendto.2.html), all of a buffer
  static long sendto(
      CallFrame frame, int fd, MemorySegment buf, int flags, MemorySegment to, int toBytes) {
    return call(SENDTO, frame, fd, buf, buf.byteSize(), flags, to.address(), toBytes);
  }

  /// [socket(2)](https://man7.org/linux/man-pages/man2/socket.2.html)
  static int socket(CallFrame frame, int domain, int type, int protocol) {
    return (int) call(SOCKET, frame, domain, MemorySegment.ofAddress(type), protocol, 0, 0, 0);
  }

  /// [socketpair(2)](https://man7.org/linux/man-pages/man2/socketpair.2.html)
  ///
  /// @param pair receives two descriptors
  static int socketpair(CallFrame frame, int domain, int type, int protocol, MemorySegment pair) {
    MemorySegment second = MemorySegment.ofAddress(type);
    return (int) call(SOCKETPAIR, frame, domain, second, protocol, pair.address(), 0, 0);
  }

  /// [statx(2)](https://man7.org/linux/man-pages/man2/statx.2.html)
  static int statx(
      CallFrame frame, int dirfd, MemorySegment path, int flags, int mask, MemorySegment buf) {
    return (int) call(STATX, frame, dirfd, path, flags, mask, buf.address(), 0);
  }

  /// [sync_file_range(2)](https://man7.org/linux/man-pages/man2/sync_file_range.2.html); a `size`
  /// of 0 is all that follows
  static int syncFileRange(CallFrame frame, int fd, long offset, long size, int flags) {
    MemorySegment at = MemorySegment.ofAddress(offset);
    return (int) call(SYNC_FILE_RANGE, frame, fd, at, size, flags, 0, 0);
  }

  /// [umount2(2)](https://man7.org/linux/man-pages/man2/umount.2.html)
  static int umount2(CallFrame frame, MemorySegment target, int flags) {
    return (int) call(UMOUNT2, frame, target.address(), MemorySegment.ofAddress(flags), 0, 0, 0, 0);
  }

  /// [waitpid(2)](https://man7.org/linux/man-pages/man2/wait.2.html)
  ///
  /// @param status receives an int
  static int waitpid(CallFrame frame, int pid, MemorySegment status, int options) {
    return (int) call(WAITPID, frame, pid, status, options, 0, 0, 0);
  }

  /// [write(2)](https://man7.org/linux/man-pages/man2/write.2.html)
  static long write(CallFrame frame, int fd, MemorySegment buf, long count) {
    return call(WRITE, frame, fd, buf, count, 0, 0, 0);
  }

  static long call(
      MemorySegment function,
      CallFrame frame,
      long first,
      MemorySegment second,
      long third,
      long fourth,
      long fifth,
      long sixth) {
    try {
      return (long)
          CALL.invokeExact(function, frame.state(), first, second, third, fourth, fifth, sixth);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("a downcall throws nothing checked", e);
    }
  }
}
