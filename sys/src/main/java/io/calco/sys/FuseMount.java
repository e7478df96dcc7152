package io.calco.sys;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/// A directory where the kernel shows what this process answers: an end of `/dev/fuse`
/// ([fuse(4)](https://man7.org/linux/man-pages/man4/fuse.4.html)). No library is needed. Root
/// mounts by itself; for others `fusermount3` does, which is setuid and hands the descriptor back
/// over a socket.
///
/// Mounted read only, without device files and set-user-ID; other users cannot look into it.
///
/// Thread rule: safe. What arrives is to be read by as many threads as shall answer.
public final class FuseMount implements AutoCloseable {
  private static final String HELPER = "fusermount3";
  private static final int PATH_MAX = 4000; // ours, below the kernel's page

  private final Path directory;
  private final Descriptor device;
  private final Optional<Path> helper;
  private final AtomicBoolean mounted = new AtomicBoolean(true);

  private FuseMount(Path directory, int fd, Optional<Path> helper) {
    this.directory = directory;
    this.device = new Descriptor(fd);
    this.helper = helper;
  }

  /// Mounts on a directory.
  ///
  /// @param directory is there; what it holds is hidden meanwhile
  /// @throws NoSuchFileException when the kernel has no FUSE, or an ordinary user no `fusermount3`;
  ///   it names what is missing
  /// @throws IOException when it cannot be mounted
  public static FuseMount mount(Path directory) throws IOException {
    Path place = directory.toRealPath();
    if (!Files.isDirectory(place)) {
      throw new java.nio.file.NotDirectoryException(directory.toString());
    }
    if (place.toString().length() > PATH_MAX) {
      throw new IOException(directory + ": a path of more than " + PATH_MAX + " letters");
    }
    if (!NativeAccess.available()) {
      throw new IOException("this host lets no Java program call the kernel");
    }
    Path device = Path.of("/dev/fuse");
    if (!Files.exists(device)) {
      throw new NoSuchFileException(
          device.toString(), null, "the kernel has no FUSE: modprobe fuse");
    }
    int fd = mountAsRoot(place, device);
    if (fd >= 0) {
      return new FuseMount(place, fd, Optional.empty());
    }
    Path helper =
        List.of(Path.of("/usr/bin", HELPER), Path.of("/bin", HELPER), Path.of("/usr/sbin", HELPER))
            .stream()
            .filter(Files::isExecutable)
            .findFirst()
            .orElseThrow(() -> new NoSuchFileException(HELPER, null, "not installed"));
    return new FuseMount(place, FuseHelper.mount(helper, place), Optional.of(helper));
  }

  /// @return the descriptor; -1 when this user may not mount
  private static int mountAsRoot(Path place, Path device) throws IOException {
    try (Arena arena = Arena.ofConfined();
        CallFrame frame = CallFrame.take()) {
      int flags = LibC.O_RDWR | LibC.O_CLOEXEC;
      int fd = LibC.openat(frame, LibC.AT_FDCWD, NativeName.of(device, arena), flags, 0);
      if (fd < 0) {
        if (frame.errno() == Errno.EACCES || frame.errno() == Errno.EPERM) {
          return -1;
        }
        throw Errno.exception(frame.errno(), device.toString(), null);
      }
      MemorySegment options =
          arena.allocateFrom("fd=%d,rootmode=40000,user_id=0,group_id=0".formatted(fd));
      long mode = LibC.MS_RDONLY | LibC.MS_NOSUID | LibC.MS_NODEV | LibC.MS_NOATIME;
      MemorySegment source = arena.allocateFrom("calco");
      MemorySegment type = arena.allocateFrom("fuse.calco");
      if (LibC.mount(frame, source, NativeName.of(place, arena), type, mode, options) < 0) {
        int why = frame.errno();
        LibC.close(frame, fd);
        if (why == Errno.EPERM) {
          return -1;
        }
        throw Errno.exception(why, place.toString(), null);
      }
      return fd;
    }
  }

  /// Waits for a question of the kernel's.
  ///
  /// @param question native memory, at least 8 KiB
  /// @return its length; empty when nobody will ask any more
  public Optional<Long> receive(MemorySegment question) throws IOException {
    int fd = device.acquire();
    try (CallFrame frame = CallFrame.take()) {
      while (true) {
        long length = LibC.read(frame, fd, question, question.byteSize());
        if (length > 0) {
          return Optional.of(length);
        }
        int errno = length == 0 ? Errno.ENODEV : frame.errno();
        if (errno == Errno.ENODEV) {
          return Optional.empty();
        }
        // ENOENT: whoever asked was interrupted before we had the question.
        if (errno != Errno.EINTR && errno != Errno.ENOENT && errno != Errno.EAGAIN) {
          throw Errno.exception(errno, directory.toString(), null);
        }
      }
    } finally {
      device.release();
    }
  }

  /// Answers. An answer that nobody waits for any more is dropped.
  ///
  /// @param answer native memory
  public void answer(MemorySegment answer) throws IOException {
    int fd = device.acquire();
    try (CallFrame frame = CallFrame.take()) {
      if (LibC.write(frame, fd, answer, answer.byteSize()) < 0) {
        int errno = frame.errno();
        if (errno != Errno.ENOENT && errno != Errno.ENODEV) {
          throw Errno.exception(errno, directory.toString(), null);
        }
      }
    } finally {
      device.release();
    }
  }

  /// Takes the mount off; files that somebody has open are cut off when this is closed. Does
  /// nothing when somebody else did it.
  public void unmount() throws IOException {
    if (!mounted.compareAndSet(true, false)) {
      return;
    }
    if (helper.isPresent()) {
      FuseHelper.unmount(helper.get(), directory);
      return;
    }
    try (Arena arena = Arena.ofConfined();
        CallFrame frame = CallFrame.take()) {
      // EINVAL: it is no mount any more.
      if (LibC.umount2(frame, NativeName.of(directory, arena), LibC.MNT_DETACH) < 0
          && frame.errno() != Errno.EINVAL) {
        throw Errno.exception(frame.errno(), directory.toString(), null);
      }
    }
  }

  /// Says that somebody else took the mount off.
  public void gone() {
    mounted.set(false);
  }

  /// Unmounts, and ends the connection.
  @Override
  public void close() throws IOException {
    try {
      unmount();
    } finally {
      device.close();
    }
  }

  /// `fusermount3`, as libfuse calls it: `util/fusermount.c`.
  private static final class FuseHelper {
    private static final int MSGHDR_BYTES = 56;
    private static final int CONTROL_BYTES = 24; // CMSG_SPACE(sizeof(int))
    private static final int CONTROL_LENGTH = 20; // CMSG_LEN(sizeof(int))

    private FuseHelper() {}

    static int mount(Path program, Path place) throws IOException {
      try (Arena arena = Arena.ofConfined();
          CallFrame frame = CallFrame.take()) {
        MemorySegment pair = arena.allocate(ValueLayout.JAVA_INT, 2);
        // Not close-on-exec: it is the program's to use. Java's own children close all they
        // inherit.
        if (LibC.socketpair(frame, LibC.AF_UNIX, LibC.SOCK_STREAM, 0, pair) < 0) {
          throw Errno.exception(frame.errno(), "socketpair", null);
        }
        int ours = pair.getAtIndex(ValueLayout.JAVA_INT, 0);
        int theirs = pair.getAtIndex(ValueLayout.JAVA_INT, 1);
        try {
          int pid = spawn(frame, arena, program, place, theirs);
          LibC.close(frame, theirs);
          theirs = -1;
          int fd = receive(frame, arena, ours);
          MemorySegment status = arena.allocate(ValueLayout.JAVA_INT);
          LibC.waitpid(frame, pid, status, 0);
          if (fd < 0) {
            throw new IOException(
                "%s: %s refuses to mount there".formatted(place, program.getFileName()));
          }
          return fd;
        } finally {
          LibC.close(frame, ours);
          if (theirs >= 0) {
            LibC.close(frame, theirs);
          }
        }
      }
    }

    private static int spawn(CallFrame frame, Arena arena, Path program, Path place, int socket)
        throws IOException {
      List<String> words =
          List.of(program.toString(), "-o", "ro,nosuid,nodev,fsname=calco,subtype=calco", "--");
      MemorySegment argv = arena.allocate(ValueLayout.ADDRESS, words.size() + 2L);
      for (int i = 0; i < words.size(); i++) {
        argv.setAtIndex(ValueLayout.ADDRESS, i, arena.allocateFrom(words.get(i)));
      }
      argv.setAtIndex(ValueLayout.ADDRESS, words.size(), NativeName.of(place, arena));
      MemorySegment envp = arena.allocate(ValueLayout.ADDRESS, 3);
      envp.setAtIndex(ValueLayout.ADDRESS, 0, arena.allocateFrom("_FUSE_COMMFD=" + socket));
      envp.setAtIndex(ValueLayout.ADDRESS, 1, arena.allocateFrom("PATH=/usr/bin:/bin"));
      MemorySegment pid = arena.allocate(ValueLayout.JAVA_INT);
      MemorySegment path = arena.allocateFrom(program.toString(), StandardCharsets.UTF_8);
      int errno = LibC.posixSpawn(frame, pid, path, argv, envp);
      if (errno != 0) {
        throw Errno.exception(errno, program.toString(), null);
      }
      return pid.get(ValueLayout.JAVA_INT, 0);
    }

    /// A descriptor in the ancillary data of one byte; -1 when the other end hangs up instead.
    private static int receive(CallFrame frame, Arena arena, int socket) throws IOException {
      MemorySegment data = arena.allocate(8);
      MemorySegment iovec = arena.allocate(16, 8);
      iovec.set(ValueLayout.ADDRESS, 0, data);
      iovec.set(ValueLayout.JAVA_LONG, 8, 1);
      MemorySegment control = arena.allocate(CONTROL_BYTES, 8);
      MemorySegment message = arena.allocate(MSGHDR_BYTES, 8);
      message.set(ValueLayout.ADDRESS, 16, iovec);
      message.set(ValueLayout.JAVA_LONG, 24, 1);
      message.set(ValueLayout.ADDRESS, 32, control);
      message.set(ValueLayout.JAVA_LONG, 40, CONTROL_BYTES);
      long length;
      do {
        length = LibC.recvmsg(frame, socket, message, LibC.MSG_CMSG_CLOEXEC);
      } while (length < 0 && frame.errno() == Errno.EINTR);
      if (length < 0) {
        throw Errno.exception(frame.errno(), HELPER, null);
      }
      boolean descriptor =
          length > 0
              && message.get(ValueLayout.JAVA_LONG, 40) >= CONTROL_LENGTH
              && control.get(ValueLayout.JAVA_LONG, 0) == CONTROL_LENGTH
              && control.get(ValueLayout.JAVA_INT, 8) == LibC.SOL_SOCKET
              && control.get(ValueLayout.JAVA_INT, 12) == LibC.SCM_RIGHTS;
      return descriptor ? control.get(ValueLayout.JAVA_INT, 16) : -1;
    }

    static void unmount(Path program, Path place) throws IOException {
      Process process =
          new ProcessBuilder(program.toString(), "-u", "-z", "--", place.toString())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.onExit().join();
    }
  }
}
