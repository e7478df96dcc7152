package io.calco.fs;

import io.calco.disk.Disk;
import java.io.IOException;
import java.util.Optional;
import java.util.ServiceLoader;

/// The families of file systems that this program has.
public final class FileSystems {
  private FileSystems() {}

  /// The family whose marks `disk` begins with; empty when none knows it.
  public static Optional<FileSystemType> probe(Disk disk) throws IOException {
    for (FileSystemType type :
        ServiceLoader.load(FileSystemType.class, FileSystemType.class.getClassLoader())) {
      if (type.probe(disk)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
