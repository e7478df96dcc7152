package io.calco.cli;

import io.calco.backup.RestorePoint;
import io.calco.engine.backup.BackupRepository;
import io.calco.engine.inside.GuestPath;
import java.io.IOException;
import java.nio.file.Path;

/// A place in a restore point as users write it: `latest:/etc`, `3f0a51c2:p2:/EFI`, `web1@latest`
/// for its root.
record PointPlace(RestorePoint point, GuestPath place) {
  static PointPlace find(BackupRepository repository, String text) throws IOException {
    int colon = text.indexOf(':');
    RestorePoint point = repository.find(colon < 0 ? text : text.substring(0, colon));
    return new PointPlace(
        point,
        GuestPath.inside(
            Path.of(BackupRepository.shortId(point)), colon < 0 ? "" : text.substring(colon + 1)));
  }
}
