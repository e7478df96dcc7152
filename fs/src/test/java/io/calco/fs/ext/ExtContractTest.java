package io.calco.fs.ext;

import io.calco.disk.Disk;
import io.calco.fs.FileDisk;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystemContract;
import io.calco.fs.InMemory;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// The contract on our own writer, e2fsck after each test.
class ExtContractTest extends FileSystemContract {
  @TempDir(factory = InMemory.class)
  Path dir;

  private ExtImage image;
  private Disk disk;
  private FileSystem fileSystem;

  @BeforeEach
  void open() throws IOException {
    image = ExtImage.make(dir, 64, "-t", "ext4");
    disk = FileDisk.writable(image.path());
    fileSystem = new ExtFileSystemType().openWritable(disk);
  }

  @AfterEach
  void check() throws IOException {
    fileSystem.close();
    disk.close();
    image.check();
  }

  @Override
  protected FileSystem fileSystem() {
    return fileSystem;
  }
}
