package io.calco.store.backend;

import io.calco.disk.LimitExceededException;
import java.util.regex.Pattern;

/// What objects may be called: parts of `a`–`z`, `0`–`9`, `-`, `_` and `.`, joined by `/`; no part
/// is empty or begins with a full stop; at most [#LENGTH_MAX] characters in all.
///
/// So a name is a path in every file system and a key of every bucket, leads nowhere else, and
/// leaves names that begin with a full stop to the backend's own files.
public final class ObjectNames {
  /// Most characters in a name.
  public static final int LENGTH_MAX = 200;

  /// Most objects that a listing gives: eight times what 10 TiB are. Ours: whoever answers with
  /// more is out of order.
  public static final int LISTED_MAX = 4_000_000;

  private static final Pattern NAME =
      Pattern.compile("[a-z0-9_-][a-z0-9._-]*(/[a-z0-9_-][a-z0-9._-]*)*");

  private ObjectNames() {}

  /// True when an object may be called so.
  public static boolean isName(String text) {
    return text.length() <= LENGTH_MAX && NAME.matcher(text).matches();
  }

  /// The name.
  ///
  /// @throws IllegalArgumentException when nothing may be called so
  public static String check(String name) {
    if (!isName(name)) {
      throw new IllegalArgumentException("object name " + name);
    }
    return name;
  }

  /// The prefix of a listing: empty, or whole parts of a name with a `/` at the end.
  ///
  /// @throws IllegalArgumentException when it is something else
  public static String checkPrefix(String prefix) {
    if (!prefix.isEmpty()) {
      if (!prefix.endsWith("/")) {
        throw new IllegalArgumentException("prefix " + prefix);
      }
      check(prefix.substring(0, prefix.length() - 1));
    }
    return prefix;
  }

  /// Throws when a listing has become longer than any honest one.
  ///
  /// @param place whose listing
  /// @param count how long it is
  /// @throws LimitExceededException when that is more than [#LISTED_MAX]
  public static void checkListed(String place, long count) throws LimitExceededException {
    if (count > LISTED_MAX) {
      throw new LimitExceededException(
          "%s: lists more than %d objects, more than a store has".formatted(place, LISTED_MAX));
    }
  }
}
