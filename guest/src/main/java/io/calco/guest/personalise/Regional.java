package io.calco.guest.personalise;

import java.util.Optional;
import java.util.regex.Pattern;

/// Where a clone's people are: what it speaks, which time it shows, what its keys mean. What is
/// empty stays as the template has it.
///
/// @param locale as `LANG` has it: `es_ES.UTF-8`
/// @param timezone as the tz database names it: `Europe/Madrid`; for a Windows also its own name:
///   `Romance Standard Time`
/// @param keyboard a layout as XKB names it, with a variant perhaps: `es`, `de(nodeadkeys)`
public record Regional(
    Optional<String> locale, Optional<String> timezone, Optional<String> keyboard) {
  /// Nothing is changed.
  public static final Regional UNCHANGED =
      new Regional(Optional.empty(), Optional.empty(), Optional.empty());

  private static final Pattern LOCALE =
      Pattern.compile("(C|POSIX|[a-z]{2,3}(_[A-Z]{2})?)(\\.[A-Za-z0-9-]{1,16})?(@[a-z]{1,16})?");
  private static final Pattern TIMEZONE =
      Pattern.compile(
          "[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,3}"
              + "|[A-Z][A-Za-z. ]{1,48}( [0-9]{1,2}| \\(Mexico\\))?");
  private static final Pattern KEYBOARD =
      Pattern.compile("[a-z]{2,16}(\\([A-Za-z0-9_-]{1,32}\\))?");

  /// Checks.
  ///
  /// @throws IllegalArgumentException when one of them is none
  public Regional {
    require(locale, LOCALE, "locale, such as es_ES.UTF-8");
    require(timezone, TIMEZONE, "time zone, such as Europe/Madrid");
    require(keyboard, KEYBOARD, "keyboard layout, such as es or de(nodeadkeys)");
  }

  private static void require(Optional<String> value, Pattern pattern, String what) {
    if (value.isPresent() && !pattern.matcher(value.get()).matches()) {
      throw new IllegalArgumentException("\"%s\" is no %s".formatted(value.get(), what));
    }
  }

  /// The layout without its variant; empty when the keyboard stays.
  public String layout() {
    String text = keyboard.orElse("");
    int variant = text.indexOf('(');
    return variant < 0 ? text : text.substring(0, variant);
  }

  /// The variant; empty when there is none.
  public String variant() {
    String text = keyboard.orElse("");
    int variant = text.indexOf('(');
    return variant < 0 ? "" : text.substring(variant + 1, text.length() - 1);
  }
}
