package io.calco.engine;

import io.calco.disk.Closing;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions.Access;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.guest.GuestDisk;
import io.calco.guest.GuestTree;
import io.calco.guest.SecondEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/// A guest's files open for writing: by Calco itself, or where it has no writer for one of the file
/// systems by libguestfs, if that is installed. Confined.
final class WritableGuest implements AutoCloseable {
  /// What closes one after the other, the last first.
  private final Deque<AutoCloseable> closings;

  private final GuestTree tree;
  private final WritingEngine engine;
  private final List<EncryptedVolume> encrypted;

  private WritableGuest(
      GuestTree tree,
      WritingEngine engine,
      List<EncryptedVolume> encrypted,
      Deque<AutoCloseable> closings) {
    this.tree = tree;
    this.engine = engine;
    this.encrypted = encrypted;
    this.closings = closings;
  }

  /// Opens the guest in a disk.
  ///
  /// @throws io.calco.guest.GuestRequestException when there is no operating system
  /// @throws UnsupportedFeatureException when neither can write it, telling why
  static WritableGuest open(Path disk, GuestOptions options) throws IOException {
    Image image = options.open(disk, Access.WRITE);
    try {
      return owning(image, options);
    } catch (UnsupportedFeatureException unwritten) {
      String format = image.format();
      SecondEngine second;
      List<EncryptedVolume> encrypted;
      try (image;
          GuestDisk seen = options.openReadOnly(image)) {
        second = SecondEngine.of(seen);
        encrypted = EncryptedVolume.of(seen);
      }
      return through(second, disk, format, encrypted, unwritten);
    } catch (IOException | RuntimeException e) {
      try (image) {
        throw e;
      }
    }
  }

  private static WritableGuest owning(Image image, GuestOptions options) throws IOException {
    GuestDisk guest = GuestDisk.openWritable(image.disk(), options.keys());
    try {
      Deque<AutoCloseable> closings = new ArrayDeque<>();
      closings.push(image);
      closings.push(image.disk()::sync);
      closings.push(guest);
      return new WritableGuest(
          guest.requireTree(), WritingEngine.NATIVE, EncryptedVolume.of(guest), closings);
    } catch (IOException | RuntimeException e) {
      try (guest) {
        throw e;
      }
    }
  }

  private static WritableGuest through(
      SecondEngine second,
      Path disk,
      String format,
      List<EncryptedVolume> encrypted,
      UnsupportedFeatureException unwritten)
      throws IOException {
    if (!SecondEngine.isInstalled()) {
      throw new UnsupportedFeatureException(
          "%s; libguestfs could, if it were installed (Debian and Ubuntu: apt install"
                  .formatted(unwritten.getMessage())
              + " libguestfs-tools)");
    }
    SecondEngine.Guest guest = second.open(disk, format);
    Deque<AutoCloseable> closings = new ArrayDeque<>();
    closings.push(guest);
    return new WritableGuest(guest.tree(), WritingEngine.LIBGUESTFS, encrypted, closings);
  }

  GuestTree tree() {
    return tree;
  }

  /// Who writes.
  WritingEngine engine() {
    return engine;
  }

  /// The encrypted volumes in its disk, open or not.
  List<EncryptedVolume> encrypted() {
    return encrypted;
  }

  /// Closes all; what was written is on the medium then.
  @Override
  public void close() throws IOException {
    try {
      Closing.all(closings);
    } finally {
      closings.clear();
    }
  }
}
