package io.calco.machine;

import io.calco.disk.Disk;
import io.calco.disk.JobContext;
import io.calco.nbd.NbdExport;
import io.calco.nbd.NbdServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Boots disks. Thread rule: safe.
public final class BootTest {
  /// The program that runs machines.
  public static final String PROGRAM = "qemu-system-x86_64";

  private BootTest() {}

  /// Boots a disk, and waits until what is expected shows, trouble shows, or time is up. The
  /// machine is gone when this returns or throws, and so is all that its guest wrote.
  ///
  /// @param disk read only; what the guest writes is thrown away
  /// @throws NoSuchFileException when this host has no QEMU, or not the firmware
  /// @throws IOException when QEMU does not start
  /// @throws java.util.concurrent.CancellationException when the job was cancelled
  public static BootOutcome run(Disk disk, BootPlan plan, JobContext job) throws IOException {
    Path qemu =
        Programs.find(PROGRAM)
            .orElseThrow(() -> new NoSuchFileException(PROGRAM, null, "not on the PATH"));
    Path work = Files.createTempDirectory("calco-boot");
    try {
      Path socket = work.resolve("disk.sock");
      try (NbdServer _ =
          NbdServer.onUnixSocket(
              socket, List.of(NbdExport.unnamed(disk.readOnly())), NbdServer.Options.defaults())) {
        Sightings sightings = new Sightings(plan.expectation());
        try (Machine machine = Machine.start(qemu, plan, socket, work, sightings)) {
          return new BootWatch(machine, plan, sightings, job).run();
        }
      }
    } finally {
      delete(work);
    }
  }

  private static void delete(Path work) throws IOException {
    try (Stream<Path> files = Files.list(work)) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
    }
    Files.delete(work);
  }
}
