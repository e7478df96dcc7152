package io.calco.engine.images;

import java.util.List;

/// A request for an import.
///
/// @param method where from
/// @param targets where to
/// @param id of the request, for the task
/// @param input what was asked for, as JSON, for the task
public record ImportRequest(Method method, Targets targets, String id, String input) {
  /// One into the usual store.
  public ImportRequest(Method method, String id, String input) {
    this(method, Targets.usual(), id, input);
  }

  /// Where content comes from.
  public sealed interface Method {
    /// As the API has it.
    String text();

    /// What was staged.
    record Staged() implements Method {
      @Override
      public String text() {
        return "glance-direct";
      }
    }

    /// The web.
    ///
    /// @param uri as the caller wrote it
    record Web(String uri) implements Method {
      @Override
      public String text() {
        return "web-download";
      }
    }

    /// The image service of another region.
    ///
    /// @param region its name
    /// @param imageId the image's there
    /// @param face which of its endpoints: `public`, `internal`, `admin`
    /// @param token the caller's, who asks there too
    record Remote(String region, String imageId, String face, String token) implements Method {
      @Override
      public String text() {
        return "glance-download";
      }

      @Override
      public String toString() {
        return "Remote[" + region + " " + imageId + "]"; // never the token
      }
    }

    /// Another store of ours.
    record Copy() implements Method {
      @Override
      public String text() {
        return "copy-image";
      }
    }
  }

  /// Where content goes.
  ///
  /// @param reach which stores
  /// @param stores their names, for [Reach#NAMED]
  /// @param demand whether one store that fails is the failure of all
  public record Targets(Reach reach, List<String> stores, Demand demand) {
    /// Copies the list.
    public Targets {
      stores = List.copyOf(stores);
    }

    /// The usual store.
    public static Targets usual() {
      return new Targets(Reach.NAMED, List.of(), Demand.ALL);
    }
  }

  /// Which stores content goes to.
  public enum Reach {
    /// All of them.
    ALL,
    /// Those that are named, or the usual one.
    NAMED
  }

  /// Whether one store that fails is the failure of all.
  public enum Demand {
    /// It is.
    ALL,
    /// It is not, while one succeeds.
    ANY
  }
}
