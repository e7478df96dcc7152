package io.calco.guest.account;

import io.calco.guest.GuestTree;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/// The names of a guest's users and groups, for showing whose a file is.
///
/// @param users by number
/// @param groups by number
public record AccountNames(Map<Integer, String> users, Map<Integer, String> groups) {

  /// Copies both.
  public AccountNames {
    users = Map.copyOf(users);
    groups = Map.copyOf(groups);
  }

  /// Reads `/etc/passwd` and `/etc/group`; of several names for one number the first counts.
  public static AccountNames of(GuestTree tree) throws IOException {
    Map<Integer, String> users = new HashMap<>();
    for (User user : User.all(tree)) {
      users.putIfAbsent(user.uid(), user.name());
    }
    Map<Integer, String> groups = new HashMap<>();
    for (String line : tree.readText("/etc/group").orElse("").lines().toList()) {
      String[] field = line.split(":", -1);
      if (field.length >= 3 && field[2].matches("[0-9]{1,9}")) {
        groups.putIfAbsent(Integer.parseInt(field[2]), field[0]);
      }
    }
    return new AccountNames(users, groups);
  }

  /// The user's name, or the number when the guest has none for it.
  public String user(int uid) {
    return users.getOrDefault(uid, Integer.toUnsignedString(uid));
  }

  /// The group's name, or the number when the guest has none for it.
  public String group(int gid) {
    return groups.getOrDefault(gid, Integer.toUnsignedString(gid));
  }
}
