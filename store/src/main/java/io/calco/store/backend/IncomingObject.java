package io.calco.store.backend;

import io.calco.disk.BesideFile;
import io.calco.sys.FileNames;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/// An object that has come whole, and has not got its name yet. What was not published is deleted
/// on close. Confined.
public final class IncomingObject implements AutoCloseable {
  private final BesideFile part;
  private final Path target;

  IncomingObject(BesideFile part, Path target) {
    this.part = part;
    this.target = target;
  }

  /// Gives it its name, in place of the object that has it. Durable when it returns.
  public void publishReplacing() throws IOException {
    part.publishReplacing();
  }

  /// Gives it its name unless an object has that.
  ///
  /// @return whether the name leads to these bytes now, durably: false when there are others, which
  ///   stay
  public boolean publishNew() throws IOException {
    try {
      part.publish();
      return true;
    } catch (FileAlreadyExistsException there) {
      if (Files.isDirectory(target) || Files.mismatch(part.path(), target) >= 0) {
        return false;
      }
      // Whoever put it may have been killed before its name was on the medium.
      FileNames.sync(target.toAbsolutePath().normalize().resolveSibling(""));
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    part.close();
  }
}
