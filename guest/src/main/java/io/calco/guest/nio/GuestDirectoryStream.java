package io.calco.guest.nio;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/// The paths in a directory, which was read when this was made.
final class GuestDirectoryStream implements DirectoryStream<Path> {
  private final GuestPath directory;
  private final Iterator<String> names;
  private final Filter<? super Path> filter;
  private boolean begun;
  private boolean closed;

  GuestDirectoryStream(GuestPath directory, List<String> names, Filter<? super Path> filter) {
    this.directory = directory;
    this.names = names.iterator();
    this.filter = filter;
  }

  @Override
  public Iterator<Path> iterator() {
    if (begun || closed) {
      throw new IllegalStateException("one iterator, while it is open");
    }
    begun = true;
    return new Iterator<>() {
      private @Nullable Path next;

      @Override
      public boolean hasNext() {
        while (next == null && !closed && names.hasNext()) {
          next = accepted(directory.child(names.next()));
        }
        return next != null;
      }

      @Override
      public Path next() {
        Path found = hasNext() ? next : null;
        if (found == null) {
          throw new NoSuchElementException();
        }
        next = null;
        return found;
      }
    };
  }

  private @Nullable Path accepted(Path path) {
    try {
      return filter.accept(path) ? path : null;
    } catch (IOException e) {
      throw new DirectoryIteratorException(e);
    }
  }

  @Override
  public void close() {
    closed = true;
  }
}
