package io.calco.guest.nio;

import io.calco.fs.FileStatus;
import io.calco.fs.FileType;
import io.calco.guest.account.AccountNames;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// What a guest's inode says.
final class GuestFileAttributes implements PosixFileAttributes {
  private final FileStatus status;
  private final int mount;
  private final AccountNames names;

  /// @param mount which of the guest's file systems it lies in
  GuestFileAttributes(FileStatus status, int mount, AccountNames names) {
    this.status = status;
    this.mount = mount;
    this.names = names;
  }

  /// A user or group of the guest's.
  private record Principal(String name, int id) implements GroupPrincipal {
    @Override
    public String getName() {
      return name;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /// Tells two files from each other.
  private record Key(int mount, long inode) {}

  @Override
  public FileTime lastModifiedTime() {
    return FileTime.from(status.modified());
  }

  @Override
  public FileTime lastAccessTime() {
    return lastModifiedTime();
  }

  @Override
  public FileTime creationTime() {
    return lastModifiedTime();
  }

  @Override
  public boolean isRegularFile() {
    return status.type() == FileType.REGULAR;
  }

  @Override
  public boolean isDirectory() {
    return status.type() == FileType.DIRECTORY;
  }

  @Override
  public boolean isSymbolicLink() {
    return status.type() == FileType.SYMBOLIC_LINK;
  }

  @Override
  public boolean isOther() {
    return !isRegularFile() && !isDirectory() && !isSymbolicLink();
  }

  @Override
  public long size() {
    return status.size();
  }

  @Override
  public Object fileKey() {
    return new Key(mount, status.inode());
  }

  @Override
  public UserPrincipal owner() {
    return new Principal(names.user(status.uid()), status.uid());
  }

  @Override
  public GroupPrincipal group() {
    return new Principal(names.group(status.gid()), status.gid());
  }

  @Override
  public Set<PosixFilePermission> permissions() {
    char[] letters = "rwxrwxrwx".toCharArray();
    for (int i = 0; i < letters.length; i++) {
      if ((status.permissions() >> (8 - i) & 1) == 0) {
        letters[i] = '-';
      }
    }
    return PosixFilePermissions.fromString(new String(letters));
  }

  /// `st_mode`, inode(7).
  private int mode() {
    int type =
        switch (status.type()) {
          case REGULAR -> 0100000;
          case DIRECTORY -> 0040000;
          case SYMBOLIC_LINK -> 0120000;
          case CHARACTER_DEVICE -> 0020000;
          case BLOCK_DEVICE -> 0060000;
          case FIFO -> 0010000;
          case SOCKET -> 0140000;
          case UNKNOWN -> 0;
        };
    return type | status.permissions();
  }

  /// Attributes by name, as `Files.readAttributes(path, "unix:mode,uid")` takes them.
  ///
  /// @throws IllegalArgumentException when the view has no attribute of that name
  /// @throws UnsupportedOperationException when there is no such view
  Map<String, Object> named(String request) {
    int colon = request.indexOf(':');
    String view = colon < 0 ? "basic" : request.substring(0, colon);
    Map<String, Object> all = all(view);
    Map<String, Object> chosen = new LinkedHashMap<>();
    for (String name : List.of(request.substring(colon + 1).split(","))) {
      if (name.equals("*")) {
        chosen.putAll(all);
      } else if (all.containsKey(name)) {
        chosen.put(name, all.get(name));
      } else {
        throw new IllegalArgumentException("'%s' not recognized".formatted(name));
      }
    }
    return Collections.unmodifiableMap(chosen);
  }

  private Map<String, Object> all(String view) {
    Map<String, Object> all = new LinkedHashMap<>();
    if (view.equals("owner")) {
      all.put("owner", owner());
      return all;
    }
    if (!Set.of("basic", "posix", "unix").contains(view)) {
      throw new UnsupportedOperationException("view '%s' not available".formatted(view));
    }
    all.put("size", size());
    all.put("creationTime", creationTime());
    all.put("lastAccessTime", lastAccessTime());
    all.put("lastModifiedTime", lastModifiedTime());
    all.put("isDirectory", isDirectory());
    all.put("isRegularFile", isRegularFile());
    all.put("isSymbolicLink", isSymbolicLink());
    all.put("isOther", isOther());
    all.put("fileKey", fileKey());
    if (!view.equals("basic")) {
      all.put("permissions", permissions());
      all.put("owner", owner());
      all.put("group", group());
    }
    if (view.equals("unix")) {
      all.put("mode", mode());
      all.put("ino", status.inode());
      all.put("dev", (long) mount);
      all.put("nlink", status.links());
      all.put("uid", status.uid());
      all.put("gid", status.gid());
    }
    return all;
  }
}
