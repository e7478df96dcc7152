package io.calco.engine.machine;

import io.calco.catalog.Template;
import io.calco.disk.BackingReference;
import io.calco.disk.Disk;
import io.calco.disk.DiskException;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.disk.OpenPolicy;
import io.calco.engine.Calco;
import io.calco.engine.DiskImages;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.guest.GuestDisk;
import io.calco.guest.inspect.GuestFacts;
import io.calco.guest.inspect.Inspector;
import io.calco.machine.Accelerator;
import io.calco.machine.BootTest;
import io.calco.machine.Firmware;
import io.calco.machine.Forward;
import io.calco.machine.MachineRun;
import io.calco.machine.MachineSettings;
import io.calco.machine.MachineSettings.Bus;
import io.calco.machine.Programs;
import io.calco.volume.VolumeKeys;
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
  private static final Path KVM = Path.of("/dev/kvm");
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
  /// @param name of the disk, for messages
  /// @param disk only read
  /// @param file the image that the disk is, for an overlay to refer to; empty when it is none
  /// @param remarks hears what is worth saying before the machine starts
  /// @return QEMU's exit code
  /// @throws OperationException USAGE for numbers that no machine can have, NOT_FOUND when this
  ///   host has no QEMU or not the firmware, REFUSED when the overlay is not of this disk's size
  /// @throws java.util.concurrent.CancellationException when the job was cancelled
  public static int run(
      String name,
      Disk disk,
      Optional<BackingReference> file,
      Order order,
      Consumer<String> remarks,
      JobContext job)
      throws IOException {
    List<Forward> forwards = order.forwards().stream().map(MachineRuns::forward).toList();
    if (Programs.find(BootTest.PROGRAM).isEmpty()) {
      throw new OperationException(
          Kind.NOT_FOUND,
          "this host has no " + BootTest.PROGRAM,
          "install QEMU: apt-get install qemu-system-x86");
    }
    MachineSettings settings = settings(disk, order);
    if (!settings.firmware().installed()) {
      throw new OperationException(
          Kind.NOT_FOUND,
          name + ": boots by UEFI, and this host has no firmware for it",
          "install it: apt-get install ovmf");
    }
    if (order.keep().isPresent()) {
      prepare(order.keep().get(), name, disk, file);
    }
    OptionalInt vnc =
        order.screen() == Screen.VNC ? OptionalInt.of(freeVncPort()) : OptionalInt.empty();
    remarks.accept(
        "%s runs %s; what it writes %s; Ctrl-C ends it"
            .formatted(
                name,
                by(settings.accelerator()),
                order.keep().map(overlay -> "is kept in " + overlay).orElse("is thrown away")));
    forwards.forEach(forward ->
        remarks.accept(
            "127.0.0.1:%d leads to its port %d".formatted(forward.host(), forward.guest())));
    vnc.ifPresent(port -> remarks.accept("its screen: vnc://127.0.0.1:" + port));
    return MachineRun.run(disk, new MachineRun.Plan(settings, forwards, order.keep(), vnc), job);
  }

  private static Forward forward(String text) {
    return Forward.parse(text)
        .orElseThrow(() ->
            new OperationException(
                Kind.USAGE, "\"%s\" is not HOST:GUEST".formatted(text), "such as 2222:22"));
  }

  private static String by(Accelerator accelerator) {
    boolean kvm =
        accelerator == Accelerator.KVM
            || accelerator == Accelerator.AUTO && Files.isReadable(KVM) && Files.isWritable(KVM);
    return kvm ? "by KVM" : "emulated, some ten times slower than by KVM";
  }

  private static MachineSettings settings(Disk disk, Order order) throws IOException {
    Optional<GuestFacts> guest =
        order.firmware().isPresent() && order.bus().isPresent() ? Optional.empty() : look(disk);
    try {
      return new MachineSettings(
          order.accelerator(),
          order.firmware().orElseGet(() -> MachineMaker.firmware(guest)),
          order.bus().orElseGet(() -> MachineMaker.bus(guest)),
          order.memoryMiB(),
          order.processors());
    } catch (IllegalArgumentException e) {
      throw new OperationException(Kind.USAGE, String.valueOf(e.getMessage()));
    }
  }

  /// Whatever is wrong in there, it may run all the same.
  static Optional<GuestFacts> look(Disk disk) throws IOException {
    try (GuestDisk guest = GuestDisk.openReadOnly(disk, VolumeKeys.none())) {
      return Optional.of(Inspector.inspect(guest, disk.size()));
    } catch (DiskException e) {
      return Optional.empty();
    }
  }

  private static void prepare(Path overlay, String name, Disk disk, Optional<BackingReference> file)
      throws IOException {
    if (!Files.exists(overlay)) {
      DiskImages.create(
          overlay,
          new DiskImages.NewDisk(
              "qcow2",
              OptionalLong.of(disk.size()),
              file,
              DiskImages.Below.TRUSTED,
              Map.of(),
              Optional.empty()),
          OpenPolicy.denyAll());
      return;
    }
    long size = DiskImages.info(overlay, ImageOptions.reading().withFormat("qcow2")).virtualSize();
    if (size != disk.size()) {
      throw new OperationException(
          Kind.REFUSED,
          "%s: virtual size %d, but %s has %d: it is another disk's overlay"
              .formatted(overlay, size, name, disk.size()));
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

  /// The disk of a template's newest version, sealed as it is.
  ///
  /// @throws OperationException NOT_FOUND when there is no such template
  public static Image openTemplate(Calco calco, String name) throws IOException {
    Template template =
        calco
            .catalog()
            .findTemplate(name)
            .orElseThrow(() ->
                new OperationException(
                    Kind.NOT_FOUND,
                    name + ": is neither a file nor a template",
                    "see: calco template list; a restore point needs --repo"));
    var newest = calco.catalog().versions(template).getLast();
    return Image.open(
        newest.disk(),
        ImageOptions.reading()
            .withFormat(newest.format())
            .with(calco.widened(OpenPolicy.ownDirectory())));
  }
}
