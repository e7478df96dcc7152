package io.calco.disk;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Closes things of which each is to be closed, whatever the others say.
public final class Closing {
  private Closing() {}

  /// Closes all of them, in their order.
  ///
  /// @throws IOException the first failure, with the others suppressed in it
  public static void all(Collection<? extends AutoCloseable> things) throws IOException {
    Exception failure = close(things, null);
    switch (failure) {
      case null -> {}
      case IOException known -> throw known;
      case RuntimeException known -> throw known;
      default -> throw new IOException(failure);
    }
  }

  /// Closes one after a failure, in which its own is suppressed.
  public static void after(Exception failure, AutoCloseable thing) {
    after(failure, List.of(thing));
  }

  /// Closes all of them after a failure, in which theirs are suppressed.
  public static void after(Exception failure, Collection<? extends AutoCloseable> things) {
    close(things, failure);
  }

  private static @Nullable Exception close(
      Collection<? extends AutoCloseable> things, @Nullable Exception before) {
    Exception failure = before;
    for (AutoCloseable thing : things) {
      try {
        thing.close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception e) {
        if (failure == null) {
          failure = e;
        } else if (!failure.equals(e)) {
          failure.addSuppressed(e);
        }
      }
    }
    return failure;
  }
}
