package io.calco.guest.account;

import io.calco.fs.DirectoryEntry;
import io.calco.guest.GuestTree;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/// Where users keep their own files.
public final class Homes {
  /// Directories that some accounts call home and that belong to the system.
  private static final Set<String> SYSTEM =
      Set.of(
          "/", "/bin", "/sbin", "/usr", "/usr/bin", "/usr/sbin", "/dev", "/etc", "/var", "/home");

  private static final int MAX_LENGTH = 1024; // ours: patterns are made of them

  private Homes() {}

  /// Canonical home directories of root, of people, and all of `/home/*`.
  public static List<String> ofPeople(GuestTree tree) throws IOException {
    return of(tree, user -> user.isRoot() || user.isPerson());
  }

  /// Those of every account, services' too.
  public static List<String> ofAll(GuestTree tree) throws IOException {
    return of(tree, _ -> true);
  }

  private static List<String> of(GuestTree tree, Predicate<User> wanted) throws IOException {
    Set<String> homes = new TreeSet<>();
    add(tree, "/root", homes);
    for (DirectoryEntry entry : tree.list("/home")) {
      add(tree, "/home/" + entry.name(), homes);
    }
    for (User user : User.all(tree)) {
      if (wanted.test(user)) {
        add(tree, user.home(), homes);
      }
    }
    return List.copyOf(homes);
  }

  private static void add(GuestTree tree, String home, Set<String> homes) throws IOException {
    if (home.startsWith("/") && tree.isDirectory(home)) {
      String real = tree.realPath(home).orElseThrow();
      if (!SYSTEM.contains(real) && real.length() <= MAX_LENGTH) {
        homes.add(real);
      }
    }
  }
}
