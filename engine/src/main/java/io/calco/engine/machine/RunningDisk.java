package io.calco.engine.machine;

import io.calco.disk.BackingReference;
import io.calco.disk.JobContext;
import io.calco.disk.RateLimit;
import io.calco.engine.Calco;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.machine.BlockJob;
import io.calco.machine.DiskLayer;
import io.calco.machine.LiveDisk;
import io.calco.machine.libvirt.Connection;
import io.calco.machine.libvirt.Domain;
import io.calco.machine.libvirt.DomainXml;
import io.calco.machine.libvirt.Domains.Description;
import io.calco.machine.libvirt.LibvirtException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;

/// A disk that a machine is running on, of libvirt's or of QEMU's alone. Its own QEMU does the work
/// on it while the guest goes on; a job that is stopped, by whatever, leaves the guest what it had.
/// Confined.
public final class RunningDisk {
  private static final long POLL_MILLIS = 200;

  private final LiveDisk disk;

  RunningDisk(LiveDisk disk) {
    this.disk = disk;
  }

  /// The disk of a machine of libvirt's whose uppermost layer is a file.
  ///
  /// @throws OperationException when a running machine has the file as a lower one
  static Optional<RunningDisk> find(Connection libvirt, Path file) throws IOException {
    Map<LiveDisk, List<DiskLayer>> running = new LinkedHashMap<>();
    for (Domain domain : libvirt.domains().list()) {
      if (domain.id() < 0) {
        continue;
      }
      DomainXml xml;
      try {
        xml = libvirt.domains().xml(domain, Description.LIVE);
      } catch (LibvirtException gone) {
        continue;
      }
      for (DomainXml.Disk disk : xml.disks()) {
        running.put(libvirt.disk(domain, disk.target()), xml.layers(disk.target()));
      }
    }
    return find(running, file);
  }

  /// The disk whose uppermost layer is a file.
  ///
  /// @param running disks of running machines, and their layers
  /// @throws OperationException when a running machine has the file as a lower one
  static Optional<RunningDisk> find(Map<LiveDisk, List<DiskLayer>> running, Path file) {
    Path real = CatalogueDisk.real(file);
    for (Map.Entry<LiveDisk, List<DiskLayer>> one : running.entrySet()) {
      int depth = depth(one.getValue(), real);
      if (depth == 0) {
        return Optional.of(new RunningDisk(one.getKey()));
      }
      if (depth > 0) {
        throw new OperationException(
            Kind.REFUSED,
            "%s: machine %s runs on %s, which rests on it"
                .formatted(file, one.getKey().machine(), name(one.getKey(), one.getValue())),
            "name that one, or shut the machine down first");
      }
    }
    return Optional.empty();
  }

  /// -1 when it is none of them.
  private static int depth(List<DiskLayer> layers, Path real) {
    for (int i = 0; i < layers.size(); i++) {
      if (layers.get(i).file().map(CatalogueDisk::real).filter(real::equals).isPresent()) {
        return i;
      }
    }
    return -1;
  }

  /// The machine.
  public String machine() {
    return disk.machine();
  }

  List<DiskLayer> layers() throws IOException {
    return disk.layers();
  }

  /// Whether some of what the disk rests on is at a server.
  ///
  /// @throws OperationException when all of it is
  boolean elsewhere() throws IOException {
    List<DiskLayer> layers = layers();
    boolean any = layers.stream().anyMatch(layer -> layer.protocol().isPresent());
    if (any && layers.getFirst().protocol().isPresent()) {
      throw new OperationException(
          Kind.UNSUPPORTED,
          "machine %s: disk %s is at a server itself, with no overlay here to copy it into"
              .formatted(machine(), disk.target()));
    }
    return any;
  }

  /// Copies all that the disk rests on into it: it stands alone afterwards.
  public void flatten(RateLimit rate, JobContext job) throws IOException {
    if (layers().size() < 2) {
      return;
    }
    disk.pull(Optional.empty(), bandwidth(rate));
    await("copying into the disk of " + machine(), job);
    requireDone(layers().size() == 1, "copied");
  }

  /// Copies what lies between the disk and a lower layer into it: it rests on that layer
  /// afterwards, or on none.
  ///
  /// @param overlay the disk's file, which `backing` is named from
  /// @param backing one of the images that it rests on
  /// @return the machine
  /// @throws OperationException when it is none of them: QEMU can leave out what is between, no
  ///   more
  public String rebase(
      Path overlay, Optional<BackingReference> backing, RateLimit rate, JobContext job)
      throws IOException {
    if (backing.isEmpty()) {
      flatten(rate, job);
    } else {
      rebase(overlay.toAbsolutePath().resolveSibling(backing.get().name()), rate, job);
    }
    return machine();
  }

  private void rebase(Path base, RateLimit rate, JobContext job) throws IOException {
    List<DiskLayer> layers = layers();
    int depth = depthOf(base, layers);
    if (depth == 1) {
      return;
    }
    disk.pull(Optional.of(layers.get(depth)), bandwidth(rate));
    await("copying into the disk of " + machine(), job);
    requireDone(depth(layers(), CatalogueDisk.real(base)) == 1, "copied");
  }

  /// What a machine does once its disk is written into a lower layer.
  public enum After {
    /// It goes on with that one alone.
    PIVOT,
    /// It goes on with what it had.
    STAY
  }

  /// Writes the disk, and what lies between, into an image that it rests on.
  ///
  /// @param base that image; the one right below if empty
  /// @return that image
  /// @throws OperationException when it is none of them, or a template's
  public Path commit(Calco calco, Optional<Path> base, After after, RateLimit rate, JobContext job)
      throws IOException {
    List<DiskLayer> layers = layers();
    if (layers.size() < 2) {
      throw new OperationException(Kind.UNSUPPORTED, name(layers) + ": has no backing image");
    }
    int depth = base.isPresent() ? depthOf(base.get(), layers) : 1;
    Path written =
        layers
            .get(depth)
            .file()
            .orElseThrow(() ->
                new OperationException(
                    Kind.UNSUPPORTED, name(layers) + ": its backing image is not a file"));
    requireNoTemplate(calco, written);
    disk.commit(layers.get(depth), bandwidth(rate));
    await("committing the disk of " + machine(), job);
    if (after == After.PIVOT) {
      disk.pivot();
      await("changing over", job);
      requireDone(depth(layers(), CatalogueDisk.real(written)) == 0, "written");
    } else {
      disk.abort();
    }
    return written;
  }

  private static void requireNoTemplate(Calco calco, Path file) throws IOException {
    Optional<CatalogueDisk> owner = CatalogueDisk.Index.of(calco).find(file);
    if (owner.isPresent() && owner.get() instanceof CatalogueDisk.OfTemplate template) {
      throw new OperationException(
          Kind.REFUSED,
          "%s is the sealed disk of %s, which nothing may write".formatted(file, template),
          "make the clone independent instead: calco clone flatten NAME");
    }
  }

  private int depthOf(Path base, List<DiskLayer> layers) {
    int depth = depth(layers, CatalogueDisk.real(base));
    if (depth < 1) {
      throw new OperationException(
          Kind.UNSUPPORTED,
          "%s: does not rest on %s, and while machine %s runs no other image can be put below it"
              .formatted(name(layers), base, machine()),
          "shut machine %s down first".formatted(machine()));
    }
    return depth;
  }

  private String name(List<DiskLayer> layers) {
    return name(disk, layers);
  }

  private static String name(LiveDisk disk, List<DiskLayer> layers) {
    return layers.stream()
        .findFirst()
        .flatMap(DiskLayer::file)
        .map(Path::toString)
        .orElse(disk.target());
  }

  private static long bandwidth(RateLimit rate) {
    return rate.limits() ? rate.bytesPerSecond() : 0;
  }

  /// Until the job is over, or can be finished. Cancelled, it is ended as it is.
  private void await(String what, JobContext job) throws IOException {
    try {
      for (Optional<BlockJob> now = disk.job(); now.isPresent(); now = disk.job()) {
        job.checkCancelled();
        job.progress(what, now.get().done(), now.get().total());
        if (now.get().ready()) {
          return;
        }
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      }
    } catch (CancellationException stopped) {
      abort(stopped);
      throw stopped;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      InterruptedIOException stopped = new InterruptedIOException();
      abort(stopped);
      throw stopped;
    }
  }

  private void abort(Exception reason) {
    try {
      disk.abort();
    } catch (IOException e) {
      reason.addSuppressed(e); // it was over already
    }
  }

  private void requireDone(boolean done, String what) {
    if (!done) {
      throw new OperationException(
          Kind.SYSTEM,
          "machine %s: its QEMU ended the work on disk %s before all was %s"
              .formatted(machine(), disk.target(), what),
          "the machine goes on with what it had; is there room on the host's disk?");
    }
  }

  /// Work on a running disk.
  @FunctionalInterface
  public interface Work<T> {
    /// Does it.
    T on(RunningDisk disk) throws IOException;
  }
}
