package io.calco.cli;

import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.disk.Disk;
import io.calco.engine.mount.DiskMount;
import io.calco.engine.mount.MountView;
import io.calco.volume.VolumeKeys;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.CancellationException;

/// What commands share that show a disk in a directory.
final class MountFlags {
  private static final long PAUSE_MILLIS = 200;

  private final Value<Integer> partition;
  private final Flag files;

  MountFlags(Syntax words) {
    partition =
        words.option("--partition", "N", Integer.class, "Show the files of this partition alone.");
    files =
        words.flag(
            "--files",
            "Show the files as the system in the disk mounts them: its root, and what its fstab"
                + " names.");
    words.oneOf(partition, files);
  }

  private MountView view() {
    if (partition.optional().isPresent()) {
      return new MountView.Partition(partition.get());
    }
    return files.given() ? new MountView.SystemFiles() : new MountView.Everything();
  }

  /// Shows a disk until somebody unmounts it, or Ctrl-C.
  ///
  /// @param name of the disk, for messages
  int show(
      CommandBase command,
      Disk disk,
      String name,
      VolumeKeys keys,
      Path directory,
      Instant modified)
      throws IOException {
    try (Progress progress = command.progress();
        DiskMount mount = DiskMount.open(disk, name, keys, view(), directory, modified)) {
      command.say(
          "%s is shown in %s until it is unmounted: umount %s, or Ctrl-C"
              .formatted(Text.safe(name), directory, directory));
      while (!mount.awaitUnmount(PAUSE_MILLIS)) {
        progress.checkCancelled();
      }
    } catch (CancellationException asked) {
      return ExitCode.DONE; // it is how this ends
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException();
    }
    return ExitCode.DONE;
  }
}
