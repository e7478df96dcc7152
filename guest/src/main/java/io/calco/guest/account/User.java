package io.calco.guest.account;

import io.calco.guest.Draft;
import io.calco.guest.GuestTree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A line of `/etc/passwd`.
///
/// @param name login name
/// @param uid 0–4294967294; beyond 2147483647 the line is not taken
/// @param gid first group
/// @param home home directory as it is written
/// @param shell login program; may be empty
public record User(String name, int uid, int gid, String home, String shell) {
  private static final int FIRST_PERSON = 1000;
  private static final int NOBODY = 65534;

  /// The guest's users in the order of the file; of lines with one name the first counts.
  public static List<User> all(GuestTree tree) throws IOException {
    return parse(tree.readText("/etc/passwd").orElse(""));
  }

  /// The users as they will be.
  public static List<User> all(Draft draft) throws IOException {
    return parse(draft.text("/etc/passwd").orElse(""));
  }

  private static List<User> parse(String text) {
    List<User> users = new ArrayList<>();
    for (String line : text.lines().toList()) {
      String[] field = line.split(":", -1);
      if (field.length >= 7 && !field[0].isEmpty() && !"+-#".contains(field[0].substring(0, 1))) {
        Optional<Integer> uid = number(field[2]);
        Optional<Integer> gid = number(field[3]);
        if (uid.isPresent() && gid.isPresent()) {
          users.add(new User(field[0], uid.get(), gid.get(), field[5], field[6]));
        }
      }
    }
    return users;
  }

  static Optional<Integer> number(String text) {
    try {
      int number = Integer.parseInt(text);
      return number >= 0 ? Optional.of(number) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /// True for root.
  public boolean isRoot() {
    return uid == 0;
  }

  /// True for an account made for a person: uid 1000 or more, but not nobody's.
  public boolean isPerson() {
    return uid >= FIRST_PERSON && uid != NOBODY;
  }

  /// True when a login starts something that is not made to refuse it.
  public boolean canLogIn() {
    return !shell.endsWith("/nologin") && !shell.endsWith("/false") && !shell.endsWith("/sync");
  }
}
