package io.calco.engine.machine;

import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.disk.OpenPolicy;
import io.calco.engine.DiskImages;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.machine.Accelerator;
import io.calco.machine.Firmware;
import io.calco.machine.Forward;
import io.calco.machine.MachineRun;
import io.calco.machine.MachineSettings;
import io.calco.machine.MachineSettings.Bus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Consumer;

/// Machines that run in the foreground on any disk, by plain QEMU, without copying it. Stateless.
public final class MachineRuns {
  private static final int VNC_FIRST = 5900;
  private static final int VNC_LAST = 5999;

  private MachineRuns() {}

  /// What machine is wanted.
  ///
  /// @param firmware empty for what the guest in the disk needs
  /// @param bus likewise
  /// @param forwards `HOST:GUEST`, ports of this host's loopback address that lead into it
  /// @param screen whether it is shown by VNC on this host's loopback address
  /// @param keep where what the guest writes is kept: a qcow2 image, made when it is not there;
  ///   empty to throw it away
  public record Order(
      Accelerator accelerator,
      Optional<Firmware> firmware,
      Optional<Bus> bus,
      int memoryMiB,
      int processors,
      List<String> forwards,
      Screen screen,
      Optional<Path> keep) {
    /// Copies the list.
    public Order {
      forwards = List.copyOf(forwards);
    }
  }

  /// Where the machine's screen is seen.
  public enum Screen {
    NONE,
    VNC
  }

  /// Runs a machine until its guest switches it off; its serial port is this process's standard
  /// input and output.
  ///
  /// @param source only read
  /// @param remarks hears what is worth saying before the machine starts
  /// @return QEMU's exit code
  /// @throws OperationException USAGE for numbers that no machine can have, NOT_FOUND when this
  ///   host has no QEMU or not the firmware, REFUSED when the overlay is not of this disk's size
  /// @throws java.util.concurrent.CancellationException when the job was cancelled
  public static int run(MachineSource source, Order order, Consumer<String> remarks, JobContext job)
      throws IOException {
    List<Forward> forwards = order.forwards().stream().map(MachineRuns::forward).toList();
    MachineSettings settings = settings(source, order);
    Optional<OperationException> missing = BootTrial.missing(source.name(), settings.firmware());
    if (missing.isPresent()) {
      throw missing.get();
    }
    if (order.keep().isPresent()) {
      prepare(order.keep().get(), source);
    }
    OptionalInt vnc =
        order.screen() == Screen.VNC ? OptionalInt.of(freeVncPort()) : OptionalInt.empty();
    remarks.accept(
        "%s runs %s; what it writes %s; Ctrl-C ends it"
            .formatted(
                source.name(),
                settings.accelerator().remark(),
                order.keep().map(overlay -> "is kept in " + overlay).orElse("is thrown away")));
    forwards.forEach(forward ->
        remarks.accept(
            "127.0.0.1:%d leads to its port %d".formatted(forward.host(), forward.guest())));
    vnc.ifPresent(port -> remarks.accept("its screen: vnc://127.0.0.1:" + port));
    return MachineRun.run(
        source.disk(), new MachineRun.Plan(settings, forwards, order.keep(), vnc), job);
  }

  private static Forward forward(String text) {
    return Forward.parse(text)
        .orElseThrow(() ->
            new OperationException(
                Kind.USAGE, "\"%s\" is not HOST:GUEST".formatted(text), "such as 2222:22"));
  }

  private static MachineSettings settings(MachineSource source, Order order) throws IOException {
    BootTrial.Subject subject = BootTrial.Subject.find(source.name(), source.disk());
    try {
      return new MachineSettings(
          order.accelerator(),
          order.firmware().orElseGet(subject::firmware),
          order.bus().orElseGet(subject::bus),
          order.memoryMiB(),
          order.processors());
    } catch (IllegalArgumentException e) {
      throw new OperationException(Kind.USAGE, String.valueOf(e.getMessage()));
    }
  }

  private static void prepare(Path overlay, MachineSource source) throws IOException {
    if (!Files.exists(overlay)) {
      DiskImages.create(
          overlay,
          new DiskImages.NewDisk(
              "qcow2",
              OptionalLong.of(source.disk().size()),
              source.file(),
              DiskImages.Below.TRUSTED,
              Map.of(),
              Optional.empty()),
          OpenPolicy.denyAll());
      return;
    }
    long size = DiskImages.info(overlay, ImageOptions.reading().withFormat("qcow2")).virtualSize();
    if (size != source.disk().size()) {
      throw new OperationException(
          Kind.REFUSED,
          "%s: virtual size %d, but %s has %d: it is another disk's overlay"
              .formatted(overlay, size, source.name(), source.disk().size()));
    }
  }

  private static int freeVncPort() {
    for (int port = VNC_FIRST; port <= VNC_LAST; port++) {
      try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return port;
      } catch (IOException taken) {
        // The next one, then.
      }
    }
    throw new OperationException(
        Kind.BUSY, "no port from %d to %d is free".formatted(VNC_FIRST, VNC_LAST));
  }
}
