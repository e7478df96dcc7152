package io.calco.store.smb;

import com.hierynomus.msfscc.FileAttributes;
import com.hierynomus.msfscc.fileinformation.FileBasicInformation;
import com.hierynomus.msfscc.fileinformation.FileIdBothDirectoryInformation;
import com.hierynomus.msfscc.fileinformation.FileStandardInformation;
import com.hierynomus.protocol.commons.EnumWithValue;
import com.hierynomus.smbj.share.File;
import io.calco.disk.LimitExceededException;
import io.calco.disk.RateLimit;
import io.calco.store.backend.Backend;
import io.calco.store.backend.ObjectNames;
import io.calco.store.backend.StoredObject;
import java.io.EOFException;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// Objects as files under a directory of a share, named as they are, so that a copy of the
/// directory is a local store. A file is written in `.part`, flushed, and renamed over its name;
/// then it is flushed again. Samba and Windows bring a file to the medium at a flush, unless they
/// are told otherwise (`strict sync = no`).
public final class SmbDirectory implements Backend {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration STRANGERS_REST = Duration.ofDays(1);
  private static final String PARTS = ".part";

  private final SmbPlace place;
  private final ShareConnection connection;
  private final RateLimit rate;

  private SmbDirectory(SmbPlace place, ShareConnection connection, RateLimit rate) {
    this.place = place;
    this.connection = connection;
    this.rate = rate;
  }

  /// The objects under a directory that exists.
  ///
  /// @param rate what may pass in both directions together
  /// @throws NoSuchFileException when it does not, or the share does not
  /// @throws NotDirectoryException when it is something else
  /// @throws java.nio.file.AccessDeniedException when the server refuses the login
  public static SmbDirectory open(SmbPlace place, RateLimit rate) throws IOException {
    SmbDirectory directory = connect(place, rate, PATIENCE);
    try {
      return directory.checked();
    } catch (IOException | RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  /// As [#open], of a directory that is made, with those above it, when it is not there.
  public static SmbDirectory create(SmbPlace place, RateLimit rate) throws IOException {
    SmbDirectory directory = connect(place, rate, PATIENCE);
    try {
      directory.connection.with(
          place.toString(),
          share -> {
            new ShareFiles(share, rate).makeDirectories(directory.root());
            return true;
          });
      return directory.checked();
    } catch (IOException | RuntimeException e) {
      directory.close();
      throw e;
    }
  }

  private static SmbDirectory connect(SmbPlace place, RateLimit rate, Duration patience)
      throws IOException {
    return new SmbDirectory(place, new ShareConnection(place, patience), rate);
  }

  private SmbDirectory checked() throws IOException {
    if (!information(place.toString(), root()).isDirectory()) {
      throw new NotDirectoryException(place.toString());
    }
    return this;
  }

  private FileStandardInformation information(String where, String path) throws IOException {
    return connection.with(
        where, share -> share.getFileInformation(path, FileStandardInformation.class));
  }

  @Override
  public String place() {
    return place.toString();
  }

  private String where(String name) {
    return place + "/" + name;
  }

  private String root() {
    return place.path().replace('/', '\\');
  }

  private String below(String path) {
    String windows = path.replace('/', '\\');
    return root().isEmpty() ? windows : windows.isEmpty() ? root() : root() + "\\" + windows;
  }

  private String path(String name) {
    return below(ObjectNames.check(name));
  }

  private String part() {
    return below(PARTS + "/" + UUID.randomUUID());
  }

  private interface Work<T> {
    T run(ShareFiles files) throws IOException;
  }

  private <T> T with(String where, Work<T> work) throws IOException {
    try {
      return connection.with(where, share -> work.run(new ShareFiles(share, rate)));
    } catch (StreamCorruptedException e) {
      throw new FileSystemException(where, null, "the server answers wrongly: " + e.getMessage());
    }
  }

  @Override
  public void put(String name, List<MemorySegment> content) throws IOException {
    String target = path(name);
    with(
        where(name),
        files -> {
          files.putWhole(part(), target, content);
          return true;
        });
  }

  @Override
  public byte[] get(String name, int max) throws IOException {
    String path = path(name);
    return with(
        where(name),
        files -> {
          try (File file = files.openToRead(path)) {
            long size = files.length(file);
            if (size < 0 || size > max) {
              throw new LimitExceededException(
                  "%s: %d bytes; at most %d are read of such an object"
                      .formatted(where(name), size, max));
            }
            byte[] content = new byte[(int) size];
            files.read(file, 0, MemorySegment.ofArray(content));
            return content;
          }
        });
  }

  @Override
  public void get(String name, long offset, MemorySegment dst) throws IOException {
    String path = path(name);
    with(
        where(name),
        files -> {
          try (File file = files.openToRead(path)) {
            files.read(file, offset, dst);
          } catch (EOFException e) {
            throw new EOFException(
                "%s: ends before byte %d".formatted(where(name), offset + dst.byteSize()));
          }
          return true;
        });
  }

  @Override
  public long size(String name) throws IOException {
    FileStandardInformation information = information(where(name), path(name));
    if (information.isDirectory()) {
      throw new NoSuchFileException(where(name));
    }
    return information.getEndOfFile();
  }

  private static boolean isDirectory(FileIdBothDirectoryInformation entry) {
    return EnumWithValue.EnumUtils.isSet(
        entry.getFileAttributes(), FileAttributes.FILE_ATTRIBUTE_DIRECTORY);
  }

  @Override
  public List<StoredObject> list(String prefix) throws IOException {
    ObjectNames.checkPrefix(prefix);
    return with(
        where(prefix),
        files -> {
          List<StoredObject> found = new ArrayList<>();
          ArrayDeque<String> directories = new ArrayDeque<>(List.of(prefix));
          long seen = 0;
          while (!directories.isEmpty()) {
            String directory = directories.remove();
            String path = directory.isEmpty() ? "" : directory.substring(0, directory.length() - 1);
            for (FileIdBothDirectoryInformation entry : files.read(below(path), place())) {
              ObjectNames.checkListed(place(), ++seen);
              String name = directory + entry.getFileName();
              if (!ObjectNames.isName(name) || entry.getFileName().contains("/")) {
                continue;
              }
              if (isDirectory(entry)) {
                directories.add(name + "/");
              } else {
                found.add(new StoredObject(name, entry.getEndOfFile()));
              }
            }
          }
          return found;
        });
  }

  @Override
  public void delete(String name) throws IOException {
    String path = path(name);
    with(
        where(name),
        files -> {
          files.delete(path, part());
          return true;
        });
  }

  @Override
  public void sweep() throws IOException {
    with(
        place(),
        files -> {
          List<FileIdBothDirectoryInformation> parts = files.read(below(PARTS), place());
          if (parts.isEmpty()) {
            return true;
          }
          long now;
          try (File probe = files.makeIn(part())) {
            now =
                probe
                    .getFileInformation(FileBasicInformation.class)
                    .getLastWriteTime()
                    .toEpochMillis();
            probe.deleteOnClose();
          }
          for (FileIdBothDirectoryInformation part : parts) {
            if (!isDirectory(part)
                && isPart(part.getFileName())
                && now - part.getLastWriteTime().toEpochMillis() > STRANGERS_REST.toMillis()) {
              files.delete(below(PARTS + "/" + part.getFileName()), part());
            }
          }
          return true;
        });
  }

  private static boolean isPart(String name) {
    try {
      return UUID.fromString(name).toString().equals(name);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  @Override
  public void close() {
    connection.close();
  }
}
