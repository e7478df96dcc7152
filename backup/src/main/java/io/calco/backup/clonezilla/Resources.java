package io.calco.backup.clonezilla;

import io.calco.disk.Closing;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/// What was opened, to be closed together, the last first. Confined.
final class Resources implements AutoCloseable {
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  /// Takes something over.
  <T extends AutoCloseable> T add(T resource) {
    opened.push(resource);
    return resource;
  }

  @Override
  public void close() throws IOException {
    try {
      Closing.all(opened);
    } finally {
      opened.clear();
    }
  }
}
