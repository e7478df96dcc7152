package io.calco.machine;

import io.calco.disk.Disk;
import io.calco.disk.JobContext;
import io.calco.nbd.NbdExport;
import io.calco.nbd.NbdServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/// Runs a machine in the foreground on any disk, which QEMU reads over NBD as it needs it: nothing
/// is copied first. Stateless.
public final class MachineRun {
  private static final long LOOK_MILLIS = 200;
  private static final long GOODBYE_SECONDS = 5;

  private MachineRun() {}

  /// How it runs.
  ///
  /// @param settings what the machine is made of
  /// @param forwards ports that lead into it; without any it has a network to go out by all the
  ///   same
  /// @param overlay a qcow2 image of the disk's size that takes what the guest writes, and shows
  ///   the disk below it; empty to throw that away
  /// @param vncPort of this host's loopback address, 5900 to 65535, where its screen is shown;
  ///   empty for none
  public record Plan(
      MachineSettings settings,
      List<Forward> forwards,
      Optional<Path> overlay,
      OptionalInt vncPort) {
    /// Copies the list.
    public Plan {
      forwards = List.copyOf(forwards);
    }
  }

  /// Runs it until its guest switches it off. Its serial port is this process's standard input and
  /// output.
  ///
  /// @param disk only read
  /// @return QEMU's exit code
  /// @throws NoSuchFileException when this host has no QEMU, or not the firmware
  /// @throws java.util.concurrent.CancellationException when the job was cancelled; the machine is
  ///   gone then
  public static int run(Disk disk, Plan plan, JobContext job) throws IOException {
    Path qemu =
        Programs.find(BootTest.PROGRAM)
            .orElseThrow(() -> new NoSuchFileException(BootTest.PROGRAM, null, "not on the PATH"));
    Path work = Files.createTempDirectory("calco-run");
    try {
      Path socket = work.resolve("disk.sock");
      try (NbdServer _ =
          NbdServer.onUnixSocket(
              socket, List.of(NbdExport.unnamed(disk.readOnly())), NbdServer.Options.defaults())) {
        List<String> words = new ArrayList<>(Machine.dieWithUs());
        words.add(qemu.toString());
        words.addAll(options(plan, socket));
        return await(new ProcessBuilder(words).inheritIO().start(), job);
      }
    } finally {
      Files.delete(work);
    }
  }

  private static List<String> options(Plan plan, Path socket) throws IOException {
    List<String> words = new ArrayList<>(plan.settings().hardware("calco-run"));
    words.addAll(List.of("-display", "none"));
    if (plan.vncPort().isPresent()) {
      words.addAll(List.of("-vnc", "127.0.0.1:" + (plan.vncPort().getAsInt() - 5900)));
    }
    words.addAll(
        plan.overlay()
            .map(overlay -> above(overlay, socket))
            .orElseGet(() -> List.of("-drive", Machine.drive(socket))));
    words.addAll(List.of("-device", plan.settings().disk()));
    StringBuilder network = new StringBuilder("user,model=" + plan.settings().card());
    plan.forwards().forEach(forward -> network.append(forward.option()));
    words.addAll(List.of("-nic", network.toString()));
    words.addAll(List.of("-device", "virtio-rng-pci"));
    words.addAll(List.of("-chardev", "stdio,id=ttyS0,signal=on", "-serial", "chardev:ttyS0"));
    return words;
  }

  /// An overlay on the disk, whatever it says itself of what it lies on.
  private static List<String> above(Path overlay, Path socket) {
    return List.of(
        "-blockdev",
            "driver=nbd,node-name=below,read-only=on,server.type=unix,server.path="
                + Machine.escaped(socket),
        "-blockdev",
            "driver=file,node-name=kept,filename=" + Machine.escaped(overlay.toAbsolutePath()),
        "-blockdev", "driver=qcow2,node-name=disk,file=kept,backing=below,discard=unmap");
  }

  private static int await(Process process, JobContext job) throws IOException {
    try {
      while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        job.checkCancelled();
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new java.io.InterruptedIOException();
    } finally {
      end(process);
    }
  }

  /// Asks it to end, which leaves the terminal as it was, and then makes it.
  private static void end(Process process) {
    process.destroy();
    boolean ended = false;
    try {
      ended = process.waitFor(GOODBYE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!ended) {
      process.destroyForcibly();
    }
    process.onExit().join();
  }
}
