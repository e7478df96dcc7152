package io.calco.engine.inside;

import io.calco.fs.FileStatus;
import io.calco.fs.FileType;
import io.calco.guest.PathPattern;
import io.calco.guest.account.AccountNames;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Predicate;

/// A file in a guest.
///
/// @param path canonical; its names are the guest's: make them printable before they are shown
/// @param kind what it is
/// @param size bytes in it
/// @param allocatedSize bytes of blocks it takes
/// @param permissions the low 12 mode bits
/// @param uid owner
/// @param gid group
/// @param owner the owner's name by the guest's `/etc/passwd`, or its number
/// @param group the group's name by the guest's `/etc/group`, or its number
/// @param links names that refer to it
/// @param modified when its content last changed
/// @param target where a symbolic link points
public record FileEntry(
    String path,
    Kind kind,
    long size,
    long allocatedSize,
    int permissions,
    int uid,
    int gid,
    String owner,
    String group,
    int links,
    Instant modified,
    Optional<String> target) {

  /// Kinds of files, as `ls -l` and `find -type` write them.
  public enum Kind {
    FILE('-', 'f'),
    DIRECTORY('d', 'd'),
    LINK('l', 'l'),
    CHARACTER_DEVICE('c', 'c'),
    BLOCK_DEVICE('b', 'b'),
    FIFO('p', 'p'),
    SOCKET('s', 's'),
    UNKNOWN('?', '?');

    private final char mark;
    private final char letter;

    Kind(char mark, char letter) {
      this.mark = mark;
      this.letter = letter;
    }

    /// `find -type`'s letter.
    public char letter() {
      return letter;
    }

    static Kind of(FileType type) {
      return switch (type) {
        case REGULAR -> FILE;
        case DIRECTORY -> DIRECTORY;
        case SYMBOLIC_LINK -> LINK;
        case CHARACTER_DEVICE -> CHARACTER_DEVICE;
        case BLOCK_DEVICE -> BLOCK_DEVICE;
        case FIFO -> FIFO;
        case SOCKET -> SOCKET;
        case UNKNOWN -> UNKNOWN;
      };
    }
  }

  static FileEntry of(String path, FileStatus status, AccountNames names, Optional<String> target) {
    return new FileEntry(
        path,
        Kind.of(status.type()),
        status.size(),
        status.allocatedSize(),
        status.permissions(),
        status.uid(),
        status.gid(),
        names.user(status.uid()),
        names.group(status.gid()),
        status.links(),
        status.modified(),
        target);
  }

  /// True for files whose last name fits a pattern of `*`, `?` and `[a-z]`.
  public static Predicate<FileEntry> named(String pattern) {
    PathPattern fits = PathPattern.of("/" + pattern);
    return file -> fits.matches("/" + file.name());
  }

  /// The last name of the path; `/` for the root.
  public String name() {
    String name = path.substring(path.lastIndexOf('/') + 1);
    return name.isEmpty() ? "/" : name;
  }

  /// The nine permissions that every system has: `rwxr-xr-x`.
  String rights() {
    char[] text = "rwxrwxrwx".toCharArray();
    for (int i = 0; i < 9; i++) {
      if ((permissions >> (8 - i) & 1) == 0) {
        text[i] = '-';
      }
    }
    return new String(text);
  }

  /// Kind and permissions as `ls -l` writes them: `drwxr-xr-x`.
  public String mode() {
    char[] text = (kind.mark + rights()).toCharArray();
    special(text, 3, 04000, 's');
    special(text, 6, 02000, 's');
    special(text, 9, 01000, 't');
    return new String(text);
  }

  private void special(char[] text, int at, int bit, char letter) {
    if ((permissions & bit) != 0) {
      text[at] = text[at] == 'x' ? letter : Character.toUpperCase(letter);
    }
  }
}
