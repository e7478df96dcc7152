package io.calco.backup.clonezilla;

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
    IOException failure = null;
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (Exception e) {
        IOException shown = e instanceof IOException io ? io : new IOException(e);
        if (failure == null) {
          failure = shown;
        } else {
          failure.addSuppressed(shown);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
