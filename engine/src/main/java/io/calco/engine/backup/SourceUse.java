package io.calco.engine.backup;

import io.calco.backup.Origin;
import io.calco.disk.DiskInUseException;
import io.calco.disk.ImageLock;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.sys.OpenFile;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What others may do to a source while it is read. Confined.
final class SourceUse implements AutoCloseable {
  private final Origin.State state;
  private final Optional<HeldStill> held;

  private SourceUse(Origin.State state, Optional<HeldStill> held) {
    this.state = state;
    this.held = held;
  }

  /// Looks who has the source, and holds it still where that is asked for.
  ///
  /// @throws OperationException REFUSED when somebody may write to it and that is not allowed
  static SourceUse of(
      BackupRequest request, Optional<HostDevice> device, BackupRepository repository)
      throws IOException {
    if (device.isEmpty()) {
      if (request.use() == BackupRequest.Use.FROZEN) {
        throw new OperationException(
            Kind.USAGE, request.source() + ": --freeze is for block devices that are mounted");
      }
      return new SourceUse(Origin.State.AT_REST, Optional.empty());
    }
    SourceUse use = of(request, device.get(), repository);
    forget(request.source());
    return use;
  }

  private static SourceUse of(BackupRequest request, HostDevice device, BackupRepository repository)
      throws IOException {
    try {
      ImageLock.requireUnused(request.source());
      return new SourceUse(Origin.State.AT_REST, Optional.empty());
    } catch (DiskInUseException e) {
      DeviceUse use = DeviceUse.of(device);
      if (use.isQuiet()) {
        return new SourceUse(Origin.State.AT_REST, Optional.empty());
      }
      return switch (request.use()) {
        case REFUSED -> throw live(String.valueOf(e.getMessage()));
        case ALLOWED -> new SourceUse(Origin.State.IN_USE, Optional.empty());
        case FROZEN ->
            new SourceUse(
                Origin.State.FROZEN,
                Optional.of(HeldStill.freeze(device, use, written(request, repository))));
      };
    }
  }

  private static OperationException live(String message) {
    return new OperationException(
        Kind.REFUSED,
        message,
        "unmount it, shut its machine down, hold it still meanwhile (--freeze), or take it as after a loss of power: --allow-live");
  }

  private static List<Path> written(BackupRequest request, BackupRepository repository) {
    List<Path> files = new ArrayList<>();
    request.rescue().ifPresent(rescue -> files.add(rescue.map()));
    try {
      files.add(Path.of(repository.address()));
    } catch (InvalidPathException elsewhere) {
      // It is no directory of this host's.
    }
    return files;
  }

  /// Makes the kernel forget what it remembers of the device: a mounted file system writes its
  /// files past that.
  private static void forget(Path device) throws IOException {
    try (OpenFile file = OpenFile.open(device, OpenFile.Access.READ)) {
      file.advise(OpenFile.Advice.DONT_NEED, 0, 0);
    }
  }

  /// What the point is to say of it.
  Origin.State state() {
    return state;
  }

  @Override
  public void close() throws IOException {
    if (held.isPresent()) {
      held.get().close();
    }
  }
}
