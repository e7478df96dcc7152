package io.calco.store.backend;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/// A directory keeps the contract.
class LocalDirectoryTest extends BackendContract {
  @TempDir private Path directory;

  @Override
  protected Backend open() throws IOException {
    return LocalDirectory.create(directory.resolve("a/b"));
  }
}
