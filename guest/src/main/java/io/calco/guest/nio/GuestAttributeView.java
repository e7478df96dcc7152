package io.calco.guest.nio;

import java.io.IOException;
import java.nio.file.LinkOption;
import java.nio.file.ReadOnlyFileSystemException;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A file's attributes, read anew with each call.
final class GuestAttributeView implements PosixFileAttributeView {
  private final GuestPath path;
  private final Class<? extends FileAttributeView> type;
  private final LinkOption[] options;

  GuestAttributeView(
      GuestPath path, Class<? extends FileAttributeView> type, LinkOption... options) {
    this.path = path;
    this.type = type;
    this.options = options.clone();
  }

  @Override
  public String name() {
    if (type == BasicFileAttributeView.class) {
      return "basic";
    }
    return type == PosixFileAttributeView.class ? "posix" : "owner";
  }

  @Override
  public PosixFileAttributes readAttributes() throws IOException {
    return path.getFileSystem().attributes(path, options);
  }

  @Override
  public UserPrincipal getOwner() throws IOException {
    return readAttributes().owner();
  }

  @Override
  public void setTimes(
      @Nullable FileTime modified, @Nullable FileTime accessed, @Nullable FileTime created) {
    throw new ReadOnlyFileSystemException();
  }

  @Override
  public void setOwner(UserPrincipal owner) {
    throw new ReadOnlyFileSystemException();
  }

  @Override
  public void setGroup(GroupPrincipal group) {
    throw new ReadOnlyFileSystemException();
  }

  @Override
  public void setPermissions(Set<PosixFilePermission> permissions) {
    throw new ReadOnlyFileSystemException();
  }
}
