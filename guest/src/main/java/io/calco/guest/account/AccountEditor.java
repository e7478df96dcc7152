package io.calco.guest.account;

import io.calco.fs.FileAttributes;
import io.calco.fs.FileType;
import io.calco.guest.Content;
import io.calco.guest.Draft;
import io.calco.guest.GuestTree;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/// Makes and removes accounts in a draft, in all files that must agree. A new account has no
/// password (`*`): it logs in by key. It is not locked (`!`), since an SSH server without PAM would
/// refuse its keys then.
public final class AccountEditor {
  private static final Pattern NAME = Pattern.compile("[a-z_][a-z0-9_-]{0,31}"); // useradd's
  private static final int FIRST_ID = 1000;
  private static final int LAST_ID = 60_000;
  private static final int SUBIDS = 65_536;
  private static final int MAX_SKELETON = 1 << 20; // ours, bytes in a file of /etc/skel

  private final Draft draft;

  /// An editor of this draft's accounts.
  public AccountEditor(Draft draft) {
    this.draft = draft;
  }

  /// The account with this name.
  public Optional<User> find(String name) throws IOException {
    return User.all(draft).stream().filter(user -> user.name().equals(name)).findFirst();
  }

  /// Returns `name` when an account may be called so: a lower case letter or `_`, then at most 31
  /// lower case letters, digits, `_` and `-`.
  public static String checkName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "user name %s: expected lower case letters, digits, _ and -, at most 32"
              .formatted(io.calco.guest.PrintableText.of(name)));
    }
    return name;
  }

  /// The account with this name; it is made when there is none, with a group of its own, no
  /// password, ids for containers where others have them, and a home made from `/etc/skel`.
  ///
  /// @param days today, in days since 1970-01-01: when its password was last changed
  public User getOrCreate(String name, long days) throws IOException {
    checkName(name);
    Optional<User> there = find(name);
    if (there.isPresent()) {
      return there.get();
    }
    int gid = groupId(name).orElse(-1);
    int id = freeId();
    if (gid < 0) {
      gid = id;
      append("/etc/group", name + ":x:" + gid + ":");
      append("/etc/gshadow", name + ":!::");
    }
    User user = new User(name, id, gid, "/home/" + name, shell());
    append(
        "/etc/passwd",
        "%s:x:%d:%d::%s:%s".formatted(name, user.uid(), gid, user.home(), user.shell()));
    append("/etc/shadow", name + ":*:" + days + ":0:99999:7:::");
    appendSubids("/etc/subuid", name);
    appendSubids("/etc/subgid", name);
    makeHome(user);
    return user;
  }

  /// Makes the user a member of a group.
  ///
  /// @return false when there is no such group
  public boolean join(User user, String group) throws IOException {
    if (groupId(group).isEmpty()) {
      return false;
    }
    editLines("/etc/group", line -> withMember(line, group, user.name()));
    editLines("/etc/gshadow", line -> withMember(line, group, user.name()));
    return true;
  }

  /// Removes the account from every file, with its group, its home directory and its mail.
  public void remove(User user) throws IOException {
    String name = user.name();
    Predicate<String> own = line -> line.startsWith(name + ":");
    for (String file : List.of("/etc/passwd", "/etc/shadow", "/etc/subuid", "/etc/subgid")) {
      dropLines(file, own);
    }
    for (String file : List.of("/etc/group", "/etc/gshadow")) {
      dropLines(file, own);
      editLines(file, line -> withoutMember(line, name));
    }
    removeHome(user);
    if (NAME.matcher(name).matches()) {
      draft.remove("/var/mail/" + name);
      draft.remove("/var/spool/mail/" + name);
    }
  }

  /// Only a directory that is the user's own: `/etc/passwd` may name any.
  private void removeHome(User user) throws IOException {
    Optional<String> home = draft.tree().realPath(user.home());
    if (home.isPresent() && Homes.ofPeople(draft.tree()).contains(home.get())) {
      if (draft.attributes(home.get()).map(FileAttributes::uid).equals(Optional.of(user.uid()))) {
        draft.remove(home.get());
      } else {
        draft.note("%s stays: it is not %s's own".formatted(home.get(), user.name()));
      }
    }
  }

  /// A group's number.
  public Optional<Integer> groupId(String group) throws IOException {
    return draft
        .text("/etc/group")
        .orElse("")
        .lines()
        .map(line -> line.split(":", -1))
        .filter(field -> field.length >= 4 && field[0].equals(group))
        .findFirst()
        .flatMap(field -> User.number(field[2]));
  }

  private int freeId() throws IOException {
    List<Integer> taken = new ArrayList<>(User.all(draft).stream().map(User::uid).toList());
    draft
        .text("/etc/group")
        .orElse("")
        .lines()
        .map(line -> line.split(":", -1))
        .filter(field -> field.length >= 3)
        .forEach(field -> User.number(field[2]).ifPresent(taken::add));
    var used = new java.util.HashSet<>(taken);
    for (int id = FIRST_ID; id <= LAST_ID; id++) {
      if (!used.contains(id)) {
        return id;
      }
    }
    throw new IOException("/etc/passwd in the guest: no user number from 1000 to 60000 is free");
  }

  private String shell() throws IOException {
    return draft.isFile("/bin/bash") ? "/bin/bash" : "/bin/sh";
  }

  private void append(String file, String line) throws IOException {
    if (draft.isFile(file)) {
      draft.edit(
          file, text -> text + (text.isEmpty() || text.endsWith("\n") ? "" : "\n") + line + "\n");
    } else if (file.equals("/etc/passwd") || file.equals("/etc/group")) {
      draft.putText(file, line + "\n", 0644);
    }
  }

  /// A run of ids that begins after the last one given.
  private void appendSubids(String file, String name) throws IOException {
    Optional<String> text = draft.text(file);
    if (text.isPresent()) {
      long next = 100_000;
      for (String line : text.get().lines().toList()) {
        String[] field = line.split(":", -1);
        if (field.length == 3) {
          long end = User.number(field[1]).orElse(0) + (long) User.number(field[2]).orElse(0);
          next = Math.max(next, end);
        }
      }
      append(file, name + ":" + next + ":" + SUBIDS);
    }
  }

  private void makeHome(User user) throws IOException {
    if (draft.exists(user.home())) {
      return;
    }
    draft.directory(user.home(), owned(user, 0700));
    GuestTree tree = draft.tree();
    Optional<String> skeleton = tree.realPath("/etc/skel");
    List<String> below = new ArrayList<>();
    tree.walk("/etc/skel", (path, _) -> below.add(path));
    java.util.Collections.sort(below); // a directory before what is in it
    for (String path : below) {
      String target = user.home() + path.substring(skeleton.orElseThrow().length());
      var status = tree.find(path).orElseThrow();
      if (status.type() == FileType.DIRECTORY) {
        draft.directory(target, owned(user, status.permissions()));
      } else if (status.type() == FileType.REGULAR) {
        byte[] content = tree.readBytes(path, MAX_SKELETON).orElseThrow();
        draft.put(target, Content.of(content), owned(user, status.permissions()));
      } else if (status.type() == FileType.SYMBOLIC_LINK) {
        draft.link(target, tree.readLink(path).orElseThrow());
      }
    }
  }

  /// The user's own, with these permission bits.
  public static FileAttributes owned(User user, int permissions) {
    return new FileAttributes(permissions, user.uid(), user.gid(), Instant.EPOCH);
  }

  private void dropLines(String file, Predicate<String> dropped) throws IOException {
    draft.edit(
        file,
        text ->
            text.lines().anyMatch(dropped)
                ? text.lines()
                    .filter(dropped.negate())
                    .map(line -> line + "\n")
                    .collect(java.util.stream.Collectors.joining())
                : text);
  }

  private void editLines(String file, UnaryOperator<String> change) throws IOException {
    draft.edit(
        file,
        text ->
            text.lines()
                .map(change.andThen(line -> line + "\n"))
                .collect(java.util.stream.Collectors.joining()));
  }

  private static String withMember(String line, String group, String name) {
    int last = line.lastIndexOf(':');
    if (!line.startsWith(group + ":") || last < 0) {
      return line;
    }
    String members = line.substring(last + 1);
    if (List.of(members.split(",")).contains(name)) {
      return line;
    }
    return members.isEmpty() ? line + name : line + "," + name;
  }

  private static String withoutMember(String line, String name) {
    int last = line.lastIndexOf(':');
    if (last < 0) {
      return line;
    }
    List<String> members = new ArrayList<>(List.of(line.substring(last + 1).split(",")));
    return members.removeIf(name::equals)
        ? line.substring(0, last + 1) + String.join(",", members)
        : line;
  }
}
