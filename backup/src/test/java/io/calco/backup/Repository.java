package io.calco.backup;

import io.calco.disk.CopyOptions;
import io.calco.disk.CreateOptions;
import io.calco.disk.Disk;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.JobContext;
import io.calco.store.NewStore;
import io.calco.store.Store;
import io.calco.store.StoreKey;
import io.calco.store.StoreOptions;
import io.calco.store.backend.LocalDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/// A store in a directory, with points in it.
final class Repository implements AutoCloseable {
  final LocalDirectory backend;
  final Store store;
  final RestorePoints points;

  private Repository(LocalDirectory backend) throws IOException {
    this.backend = backend;
    this.store = Store.open(backend, StoreKey.none(), StoreOptions.defaults().withLevel(1));
    this.points = new RestorePoints(store);
  }

  static Repository create(Path directory) throws IOException {
    LocalDirectory backend = LocalDirectory.create(directory);
    Store.create(backend, NewStore.plain());
    return new Repository(backend);
  }

  static Origin origin(Path source) {
    return new Origin(
        "host",
        "ana",
        source.toString(),
        Origin.Kind.IMAGE,
        Optional.of("raw"),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Origin.State.AT_REST);
  }

  RestorePoint backUp(Path image, Coverage coverage) throws IOException {
    try (Image source = Image.open(image, ImageOptions.reading().withFormat("raw"))) {
      return points.create(
          DiskDivision.of(source.disk(), coverage),
          Set.of(),
          () -> NewPoint.of("web1", origin(image)),
          JobContext.SILENT);
    }
  }

  /// Restores to a new file.
  Path restore(RestorePoint point, Path file) throws IOException {
    return restore(point, file, point.disk().size());
  }

  Path restore(RestorePoint point, Path file, long size) throws IOException {
    Image.create(file, "raw", new CreateOptions(size, Optional.empty(), java.util.Map.of()));
    return over(point, file, Restore.Target.NEW);
  }

  /// Restores over a file that is there.
  Path over(RestorePoint point, Path file, Restore.Target how) throws IOException {
    write(point, file, how);
    return file;
  }

  Restore.Report write(RestorePoint point, Path file, Restore.Target how) throws IOException {
    ImageOptions writing = ImageOptions.reading().withFormat("raw").with(ImageOptions.Access.WRITE);
    try (Disk disk = points.open(point);
        Image target = Image.open(file, writing)) {
      CopyOptions copy =
          how == Restore.Target.NEW
              ? CopyOptions.toNew(target, "restoring")
              : CopyOptions.over(target, "restoring");
      return Restore.disk(
          disk,
          target.disk(),
          new Restore.Options(how, Restore.Proof.READ_AGAIN, copy),
          point.id(),
          JobContext.SILENT);
    }
  }

  long storedBytes() throws IOException {
    return backend.list("").stream().mapToLong(object -> object.size()).sum();
  }

  static boolean equal(Path one, Path other) throws IOException {
    return Files.mismatch(one, other) < 0;
  }

  @Override
  public void close() throws IOException {
    store.close();
  }
}
