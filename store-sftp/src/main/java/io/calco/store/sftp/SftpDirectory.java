package io.calco.store.sftp;

import io.calco.disk.LimitExceededException;
import io.calco.disk.RateLimit;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.store.backend.Backend;
import io.calco.store.backend.ObjectNames;
import io.calco.store.backend.StoredObject;
import io.calco.store.backend.TransientBackendException;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.time.Duration;
import java.util.List;

/// Objects as files under a directory of an SSH server, named as they are, so that a copy of the
/// directory is a local store.
///
/// A file is written in `.part/`, synced, and renamed over its name; then it is synced again, which
/// brings the name to the medium too, on file systems with a journal of their names (ext4, XFS,
/// Btrfs and ZFS have one). A server that does not offer `fsync@openssh.com` decides itself when
/// that is.
public final class SftpDirectory implements Backend {
  private static final Duration STRANGERS_REST = Duration.ofDays(1);

  private final SftpPlace place;
  private final ChannelPool channels;

  private SftpDirectory(SftpPlace place, ChannelPool channels) {
    this.place = place;
    this.channels = channels;
  }

  /// The objects under a directory that exists.
  ///
  /// @param rate what may pass in both directions together
  /// @throws NoSuchFileException when it does not
  /// @throws NotDirectoryException when it is something else
  /// @throws java.nio.file.AccessDeniedException when the server is not known, or refuses the login
  /// @throws UnsupportedFeatureException when the server cannot replace a file at one stroke
  public static SftpDirectory open(SftpPlace place, RateLimit rate) throws IOException {
    return open(place, rate, SftpChannel.PATIENCE);
  }

  /// As [#open(SftpPlace, RateLimit)], of a directory that is made, with those above it, when it is
  /// not there.
  public static SftpDirectory create(SftpPlace place, RateLimit rate) throws IOException {
    SftpDirectory directory = connect(place, rate, SftpChannel.PATIENCE);
    try {
      directory.channels.with(
          place.toString(),
          channel -> {
            new SftpFiles(channel).makeDirectories(place.path());
            return true;
          });
      return directory.checked();
    } catch (NotDirectoryException e) {
      directory.close();
      throw new NotDirectoryException(place.toString());
    } catch (IOException | RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  static SftpDirectory open(SftpPlace place, RateLimit rate, Duration patience) throws IOException {
    SftpDirectory directory = connect(place, rate, patience);
    try {
      return directory.checked();
    } catch (IOException | RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  private static SftpDirectory connect(SftpPlace place, RateLimit rate, Duration patience)
      throws IOException {
    return new SftpDirectory(place, new ChannelPool(place.server(), rate, patience));
  }

  private SftpDirectory checked() throws IOException {
    Attributes attributes =
        channels.with(
            place.toString(),
            channel -> {
              if (!channel.has(SftpFiles.POSIX_RENAME, "1")) {
                throw new FileSystemException(
                    place.server().toString(),
                    null,
                    "the server cannot replace a file at one stroke: it does not offer "
                        + SftpFiles.POSIX_RENAME);
              }
              return new SftpFiles(channel).attributes(place.path());
            });
    if (!attributes.isDirectory()) {
      throw new NotDirectoryException(place.toString());
    }
    return this;
  }

  @Override
  public String place() {
    return place.toString();
  }

  private String where(String name) {
    return place + "/" + name;
  }

  private String path(String name) {
    return place.path() + "/" + ObjectNames.check(name);
  }

  @Override
  public void put(String name, List<MemorySegment> content) throws IOException {
    String target = path(name);
    String part = PartFiles.fresh(place.path());
    try {
      channels.with(
          where(name),
          channel -> {
            new SftpFiles(channel).putWhole(part, target, content);
            return true;
          });
    } catch (TransientBackendException e) {
      throw e; // a sweep deletes what is left
    } catch (IOException | RuntimeException e) {
      if (isFull(part, e)) {
        throw new FileSystemException(where(name), null, "No space left on device");
      }
      throw e;
    }
  }

  /// Deletes what a put has left, and tells whether it failed for want of room.
  private boolean isFull(String part, Exception failure) {
    try {
      return channels.with(
          place.toString(),
          channel -> {
            SftpFiles files = new SftpFiles(channel);
            boolean full = files.isFull(place.path());
            files.delete(part);
            return full;
          });
    } catch (IOException e) {
      failure.addSuppressed(e);
      return false;
    }
  }

  @Override
  public byte[] get(String name, int max) throws IOException {
    String path = path(name);
    return channels.with(
        where(name),
        channel -> {
          SftpFiles files = new SftpFiles(channel);
          byte[] handle = files.openToRead(path);
          try {
            long size = files.size(handle);
            if (size > max) {
              throw new LimitExceededException(
                  "%s: %d bytes; at most %d are read of such an object"
                      .formatted(where(name), size, max));
            }
            byte[] content = new byte[(int) size];
            channel.read(handle, 0, MemorySegment.ofArray(content));
            return content;
          } finally {
            channel.closeLater(handle);
          }
        });
  }

  @Override
  public void get(String name, long offset, MemorySegment dst) throws IOException {
    String path = path(name);
    channels.with(
        where(name),
        channel -> {
          byte[] handle = new SftpFiles(channel).openToRead(path);
          try {
            channel.read(handle, offset, dst);
          } catch (EOFException e) {
            throw new EOFException(
                "%s: ends before byte %d".formatted(where(name), offset + dst.byteSize()));
          } finally {
            channel.closeLater(handle);
          }
          return true;
        });
  }

  @Override
  public long size(String name) throws IOException {
    String path = path(name);
    Attributes attributes =
        channels.with(where(name), channel -> new SftpFiles(channel).attributes(path));
    if (attributes.isDirectory()) {
      throw new NoSuchFileException(where(name));
    }
    return attributes.size();
  }

  @Override
  public List<StoredObject> list(String prefix) throws IOException {
    ObjectNames.checkPrefix(prefix);
    return channels.with(
        where(prefix), channel -> new Listing(place, new SftpFiles(channel)).of(prefix));
  }

  @Override
  public void delete(String name) throws IOException {
    String path = path(name);
    channels.with(
        where(name),
        channel -> {
          new SftpFiles(channel).delete(path);
          return true;
        });
  }

  @Override
  public void sweep() throws IOException {
    channels.with(
        place.toString(),
        channel -> {
          PartFiles.sweep(new SftpFiles(channel), place.path(), STRANGERS_REST);
          return true;
        });
  }

  @Override
  public void close() {
    channels.close();
  }
}
