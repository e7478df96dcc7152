package io.calco.disk;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/// Takes files out of what they are wrapped in, so that `disk.qcow2.gz` or an appliance's `.ova` is
/// opened as if it lay there bare.
public final class Wrapping {
  /// Ours: a disk in a tar in a gz is two.
  static final int LAYER_LIMIT = 3;

  private static final List<Wrapper> ALL =
      ServiceLoader.load(Wrapper.class, Wrapper.class.getClassLoader()).stream()
          .map(ServiceLoader.Provider::get)
          .toList();

  private Wrapping() {}

  /// The wrappers that are installed.
  static List<Wrapper> all() {
    return ALL;
  }

  /// What was inside.
  ///
  /// @param file the innermost file, for reading anywhere; closing it closes all it came out of
  /// @param wrappers what it was wrapped in, the outermost first; empty when it was bare
  public record Unwrapped(HostFile file, List<String> wrappers) implements AutoCloseable {

    /// Copies the list.
    public Unwrapped {
      wrappers = List.copyOf(wrappers);
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  /// Takes a file out of all its wrappers, judging by their marks. Takes `file` over: it is closed
  /// with the result, and also when this fails. A file without such marks is handed back as it is.
  ///
  /// @throws CorruptImageException when a wrapper contradicts itself
  /// @throws LimitExceededException when there are too many layers, or too much inside
  public static Unwrapped unwrapOwning(HostFile file, UnwrapOptions options) throws IOException {
    UnwrapBudget budget = UnwrapBudget.of(file, options);
    List<String> wrappers = new ArrayList<>();
    HostFile inner = file;
    while (true) {
      Optional<Wrapper> wrapper = wrapperOf(inner, wrappers.isEmpty());
      if (wrapper.isEmpty()) {
        return new Unwrapped(inner, wrappers);
      }
      wrappers.add(wrapper.get().name());
      if (wrappers.size() > LAYER_LIMIT) {
        try (HostFile closing = inner) {
          throw new LimitExceededException(
              "%s: wrapped more than %d times (our limit): %s"
                  .formatted(
                      closing.name(), LAYER_LIMIT, String.join(" in ", wrappers.reversed())));
        }
      }
      inner = wrapper.get().openOwning(inner, budget);
    }
  }

  /// Refuses a file that means an image to one program and a wrapper to another.
  private static void refuseAlsoImage(HostFile file, Wrapper wrapper) throws IOException {
    Optional<String> format = FileMarks.formatAtStart(file);
    if (format.isPresent()) {
      throw new CorruptImageException(
          "%s: carries the marks of several formats (%s, %s); state which it is with -f"
              .formatted(file.name(), wrapper.name(), format.get()));
    }
  }

  /// The wrapper whose marks the file carries; on failure the file is closed. An image that is
  /// marked at its end is none, where the end is at hand.
  private static Optional<Wrapper> wrapperOf(HostFile file, boolean outermost) throws IOException {
    try {
      for (Wrapper wrapper : ALL) {
        if (wrapper.probe(file)) {
          refuseAlsoImage(file, wrapper);
          return outermost && ImageFormats.isMarkedAtEnd(file)
              ? Optional.empty()
              : Optional.of(wrapper);
        }
      }
      return Optional.empty();
    } catch (IOException | RuntimeException e) {
      Closing.after(e, file);
      throw e;
    }
  }
}
