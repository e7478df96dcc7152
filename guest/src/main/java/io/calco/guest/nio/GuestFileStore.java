package io.calco.guest.nio;

import io.calco.guest.GuestVolume;
import java.nio.file.FileStore;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.FileOwnerAttributeView;
import java.nio.file.attribute.FileStoreAttributeView;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One of a guest's file systems, as its superblock tells.
final class GuestFileStore extends FileStore {
  private final GuestVolume volume;

  GuestFileStore(GuestVolume volume) {
    this.volume = volume;
  }

  @Override
  public String name() {
    return volume.describe();
  }

  @Override
  public String type() {
    return volume.facts().type();
  }

  @Override
  public boolean isReadOnly() {
    return true;
  }

  @Override
  public long getTotalSpace() {
    return volume.facts().size();
  }

  @Override
  public long getUsableSpace() {
    return volume.facts().free();
  }

  @Override
  public long getUnallocatedSpace() {
    return volume.facts().free();
  }

  @Override
  public long getBlockSize() {
    return volume.facts().blockSize();
  }

  @Override
  public boolean supportsFileAttributeView(Class<? extends FileAttributeView> type) {
    return type == BasicFileAttributeView.class
        || type == FileOwnerAttributeView.class
        || type == PosixFileAttributeView.class;
  }

  @Override
  public boolean supportsFileAttributeView(String name) {
    return Set.of("basic", "owner", "posix", "unix").contains(name);
  }

  @Override
  public <V extends FileStoreAttributeView> @Nullable V getFileStoreAttributeView(Class<V> type) {
    return null; // none, by its contract
  }

  @Override
  public Object getAttribute(String attribute) {
    return switch (attribute) {
      case "totalSpace" -> getTotalSpace();
      case "usableSpace" -> getUsableSpace();
      case "unallocatedSpace" -> getUnallocatedSpace();
      default -> throw new UnsupportedOperationException(attribute);
    };
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof GuestFileStore that && that.volume.equals(volume);
  }

  @Override
  public int hashCode() {
    return volume.hashCode();
  }
}
