package io.calco.server.web;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// A language that pages are written in.
public enum Language {
  /// English.
  EN("en", "English", Locale.UK),
  /// Spanish.
  ES("es", "Español", Locale.of("es", "ES"));

  private static final int HEADER_MAX = 1000;

  private final String tag;
  private final String ownName;
  private final Locale locale;

  Language(String tag, String ownName, Locale locale) {
    this.tag = tag;
    this.ownName = ownName;
    this.locale = locale;
  }

  /// As HTML and HTTP name it: `en`.
  public String tag() {
    return tag;
  }

  /// As those who speak it call it.
  public String ownName() {
    return ownName;
  }

  /// How it writes numbers and dates.
  public Locale locale() {
    return locale;
  }

  /// The language of that tag.
  static Optional<Language> of(String tag) {
    for (Language language : values()) {
      if (language.tag.equals(tag)) {
        return Optional.of(language);
      }
    }
    return Optional.empty();
  }

  /// What a browser likes best of these (RFC 9110, 12.5.4); English when it likes none.
  ///
  /// @param header its `Accept-Language`; empty for none
  static Language accepted(String header) {
    if (header.isBlank() || header.length() > HEADER_MAX) {
      return EN;
    }
    try {
      List<Locale.LanguageRange> liked = Locale.LanguageRange.parse(header.replace(" ", ""));
      for (Locale.LanguageRange range : liked) {
        Optional<Language> known = of(range.getRange().split("-", 2)[0]);
        if (range.getWeight() > 0 && known.isPresent()) {
          return known.get();
        }
      }
    } catch (IllegalArgumentException e) {
      // as without a header
    }
    return EN;
  }
}
