package io.calco.machine;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Looks for what was expected, and for trouble, in all that consoles show. The first sighting
/// counts. Thread rule: safe.
final class Sightings {
  private static final long PATIENCE_NANOS = 2_000_000_000L; // ours: for one look

  /// What nobody recovers from alone, and what it means.
  private static final List<Trouble> TROUBLES =
      List.of(
          new Trouble("Kernel panic - not syncing[^\r\n]{0,200}"),
          new Trouble("grub rescue>"),
          new Trouble("No bootable (?:device|option)"),
          new Trouble("Operating system not found"),
          new Trouble("BOOTMGR is missing"),
          new Trouble("\\(initramfs\\)"),
          new Trouble("You are in (?:emergency|rescue) mode"),
          new Trouble("Entering emergency mode"));

  private record Trouble(Pattern pattern) {
    Trouble(String regex) {
      this(Pattern.compile(regex));
    }
  }

  /// What was seen first.
  ///
  /// @param wanted it is what was expected, not trouble
  /// @param text what the guest showed
  record Sighting(boolean wanted, String text) {}

  private final @Nullable Pattern expected;
  private final AtomicReference<@Nullable Sighting> first = new AtomicReference<>();

  Sightings(Expectation expectation) {
    expected =
        switch (expectation) {
          case Expectation.Login() -> Expectation.Login.PROMPT;
          case Expectation.Text(String regex) -> Pattern.compile(regex, Pattern.MULTILINE);
          case Expectation.Agent(), Expectation.Port(int _), Expectation.Picture _ -> null;
        };
  }

  Optional<Sighting> first() {
    return Optional.ofNullable(first.get());
  }

  /// Looks at a piece of a console's text.
  void look(String text) {
    if (first.get() != null) {
      return;
    }
    if (expected != null) {
      find(expected, text, true);
    }
    for (Trouble trouble : TROUBLES) {
      find(trouble.pattern, text, false);
    }
  }

  /// An expression that takes too long for a text, or too deep, does not fit it.
  private void find(Pattern pattern, String text, boolean wanted) {
    try {
      Matcher matcher = pattern.matcher(new TimedText(text, System.nanoTime() + PATIENCE_NANOS));
      if (matcher.find()) {
        first.compareAndSet(null, new Sighting(wanted, matcher.group()));
      }
    } catch (TimedText.TooLongException | StackOverflowError e) {
      System.getLogger("io.calco.machine")
          .log(System.Logger.Level.DEBUG, "an expression was given up", e);
    }
  }

  /// A text whose reader has a time limit: a regular expression can take for ever.
  private record TimedText(CharSequence text, long end) implements CharSequence {
    static final class TooLongException extends RuntimeException {
      private static final long serialVersionUID = 1L;
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public char charAt(int index) {
      if (System.nanoTime() - end > 0) {
        throw new TooLongException();
      }
      return text.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int last) {
      return text.subSequence(start, last);
    }

    @Override
    public String toString() {
      return text.toString();
    }
  }
}
