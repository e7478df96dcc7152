package io.calco.machine;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A guest of one sector that the firmware loads and that ends QEMU with a word of its own.
final class KvmTrial {
  /// `mov al, 0x10; mov dx, 0xf4; out dx, al; hlt; jmp $-1`
  private static final String PROGRAM = "b010baf400eef4ebfd";

  /// What QEMU's `isa-debug-exit` makes of 0x10.
  private static final int WORD = 0x10 << 1 | 1;

  private static final int SECTOR = 512;
  private static final int DISK = 1 << 20; // less, and the firmware takes it for none
  private static final Duration GOODBYE = Duration.ofSeconds(2);

  private KvmTrial() {}

  /// True when it comes up in time.
  ///
  /// @throws IOException when QEMU cannot be started
  static boolean comesUp(Path qemu, Accelerator accelerator, Duration limit) throws IOException {
    Path disk = Files.createTempFile("calco-kvm", ".raw");
    try {
      Files.write(disk, disk());
      return runs(words(qemu, accelerator, disk), limit);
    } finally {
      Files.delete(disk);
    }
  }

  private static byte[] disk() {
    byte[] disk = Arrays.copyOf(HexFormat.of().parseHex(PROGRAM), DISK);
    disk[SECTOR - 2] = 0x55;
    disk[SECTOR - 1] = (byte) 0xaa;
    return disk;
  }

  private static List<String> words(Path qemu, Accelerator accelerator, Path disk) {
    List<String> words = new ArrayList<>(Machine.dieWithUs());
    words.add(qemu.toString());
    words.addAll(accelerator.options());
    words.addAll(List.of("-nodefaults", "-no-user-config", "-display", "none"));
    words.addAll(List.of("-machine", "q35", "-m", "64M"));
    words.addAll(List.of("-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"));
    words.addAll(
        List.of("-drive", "if=none,id=disk,format=raw,readonly=on,file=" + Machine.escaped(disk)));
    words.addAll(List.of("-device", "virtio-blk-pci,drive=disk,bootindex=1"));
    return words;
  }

  private static boolean runs(List<String> words, Duration limit) throws IOException {
    Process process =
        new ProcessBuilder(words)
            .redirectErrorStream(true)
            .redirectOutput(Redirect.DISCARD)
            .start();
    try (var _ = process.getOutputStream()) {
      return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)
          && process.exitValue() == WORD;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    } finally {
      end(process);
    }
  }

  /// What hangs in the kernel may not even be killed; then it is left.
  private static void end(Process process) {
    process.destroyForcibly();
    process.onExit().completeOnTimeout(process, GOODBYE.toMillis(), TimeUnit.MILLISECONDS).join();
  }
}
