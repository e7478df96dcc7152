package io.calco.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The C calls themselves.
class LibCTest {
  private static final int EBADF = 9;

  @BeforeEach
  void nativeAccess() {
    assumeThat(NativeAccess.available()).as("C library").isTrue();
  }

  @Test
  void errnoLiesAtTheStartOfTheCapturedState() {
    assertThat(Linker.Option.captureStateLayout().byteOffset(PathElement.groupElement("errno")))
        .isZero();
    assertThat(Linker.Option.captureStateLayout().byteSize()).isLessThanOrEqualTo(16);
  }

  /// With one shared errno segment this finds wrong numbers within a fraction of a second.
  @Test
  void twoThreadsNeverSeeEachOthersErrno() throws Exception {
    Callable<Integer> badDescriptor = () -> wrong(-1, EBADF);
    Callable<Integer> badArgument = () -> wrong(0, Errno.EINVAL);
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      for (var wrong : threads.invokeAll(List.of(badDescriptor, badArgument))) {
        assertThat(wrong.get()).as("calls with another call's errno").isZero();
      }
    }
  }

  @Test
  void virtualThreadsNeither() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Integer>> calls =
          java.util.stream.IntStream.range(0, 50)
              .<Callable<Integer>>mapToObj(
                  i -> () -> i % 2 == 0 ? wrong(-1, EBADF, 2000) : wrong(0, Errno.EINVAL, 2000))
              .toList();
      for (var wrong : threads.invokeAll(calls)) {
        assertThat(wrong.get()).isZero();
      }
    }
  }

  private static int wrong(int fd, int expected) {
    return wrong(fd, expected, 200_000);
  }

  /// `fcntl(fd, -1)`: no such operation, or no such descriptor.
  private static int wrong(int fd, int expected, int calls) {
    int wrong = 0;
    for (int i = 0; i < calls; i++) {
      try (CallFrame frame = CallFrame.take()) {
        if (LibC.fcntl(frame, fd, -1, 0) != -1 || frame.errno() != expected) {
          wrong++;
        }
      }
    }
    return wrong;
  }

  @Test
  void knowsBothMachines() {
    assertThat(Architecture.of("Linux", "amd64")).contains(Architecture.X86_64);
    assertThat(Architecture.of("Linux", "aarch64")).contains(Architecture.AARCH64);
    assertThat(Architecture.of("Linux", "s390x")).isEmpty();
    assertThat(Architecture.of("Mac OS X", "aarch64")).isEmpty();
  }
}
