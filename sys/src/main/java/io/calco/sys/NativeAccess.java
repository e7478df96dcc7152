package io.calco.sys;

import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/// Whether this process may call the C library: on Linux on x86-64 or AArch64, unless the Java
/// runtime was told to refuse. Where it may not, files are used through
/// [java.nio.channels.FileChannel] and what that cannot do is left out or refused; this is said
/// once, to the logger `io.calco.sys`.
///
/// Thread rule: safe.
public final class NativeAccess {
  private NativeAccess() {}

  /// Linked at the first question.
  private static final class Link {
    static final boolean DONE = link();

    private static boolean link() {
      if (Architecture.ofHost().isEmpty()) {
        announce(
            "%s on %s is not Linux on x86-64 or AArch64"
                .formatted(System.getProperty("os.name"), System.getProperty("os.arch")),
            null);
        return false;
      }
      try (CallFrame frame = CallFrame.take()) {
        return LibC.close(frame, -1) == -1;
      } catch (IllegalCallerException | UnsupportedOperationException | LinkageError refused) {
        announce("the Java runtime refuses native access", refused);
        return false;
      }
    }

    private static void announce(String why, @Nullable Throwable cause) {
      System.getLogger("io.calco.sys")
          .log(
              Level.WARNING,
              "No calls to the C library (" + why + "): no holes, reflinks or locks of files",
              cause);
    }
  }

  /// True when calls can be made. The first question links, which takes about 20 ms.
  public static boolean available() {
    return Link.DONE;
  }

  /// Links in the background, so that the first file opens without waiting for it. For the start of
  /// a program that will open files; returns at once.
  public static void prepare() {
    Thread.ofPlatform().daemon().name("calco-link").start(NativeAccess::available);
  }
}
