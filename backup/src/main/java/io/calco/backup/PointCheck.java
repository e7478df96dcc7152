package io.calco.backup;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a look at a point found.
///
/// @param kind what was done
/// @param at when it ended
/// @param sound nothing was amiss
/// @param what one line for a person
/// @param trial more of a test
public record PointCheck(Kind kind, Instant at, boolean sound, String what, Optional<Trial> trial) {

  /// Kinds of checks. Of each the last one is remembered.
  public enum Kind {
    /// All was read and compared with its hashes.
    VERIFICATION("verification"),
    /// It was restored, and what was written was compared.
    RESTORE("restore"),
    /// Its file systems were read, and it was booted, without restoring it.
    TEST("test");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    /// The word for it in a point's text.
    public String text() {
      return text;
    }
  }

  /// How a point was tested.
  ///
  /// @param sought what was to be shown, in order: `file-systems`, names of other checkers, and of
  ///   a boot what was waited for: `login`, `agent`, `port:22`, `text:…`
  /// @param millis what it took
  /// @param by the program that did it, with its version
  /// @param machine what it was booted in: `bios, tcg`
  /// @param console the last lines of its serial console, printable ASCII
  public record Trial(
      List<String> sought,
      long millis,
      String by,
      Optional<String> machine,
      Optional<String> console) {
    /// Copies the list.
    public Trial {
      sought = List.copyOf(sought);
    }
  }

  /// One of a kind that has no more to tell.
  public PointCheck(Kind kind, Instant at, boolean sound, String what) {
    this(kind, at, sound, what, Optional.empty());
  }
}
