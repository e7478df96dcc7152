package io.calco.engine.inside;

import io.calco.disk.JobContext;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.fs.GuestNames;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// Copies files of a guest to the host: content, read, write and execute permissions and times.
/// Owners are the caller's.
///
/// Nothing that is there is ever overwritten, and links are made last, so that no name or link of
/// the guest's can lead outside the directory. What cannot be had on the host is left out and told.
public final class CopyOut {
  private static final int PIECE = 1 << 18;
  private static final byte[] ZEROES = new byte[PIECE];
  private static final int MAX_PATH = 4095; // Linux' PATH_MAX with its closing zero

  private final GuestFiles files;
  private final JobContext job;
  private final byte[] buffer = new byte[PIECE];
  private final List<String> leftOut = new ArrayList<>();
  private final List<FileEntry> links = new ArrayList<>();
  private final List<Path> linkPlaces = new ArrayList<>();
  private final List<FileEntry> directories = new ArrayList<>();
  private final List<Path> directoryPlaces = new ArrayList<>();
  private long copied;
  private long bytes;

  /// What was copied.
  ///
  /// @param files regular files, directories and links
  /// @param bytes of content
  /// @param leftOut a sentence for each file that could not be copied
  public record Report(long files, long bytes, List<String> leftOut) {
    /// Copies the list.
    public Report {
      leftOut = List.copyOf(leftOut);
    }
  }

  private CopyOut(GuestFiles files, JobContext job) {
    this.files = files;
    this.job = job;
  }

  /// Copies what `path` means to `target`: into it, when it is a directory that is there; otherwise
  /// as it.
  ///
  /// @throws OperationException when `target` is a file that is there, or its parent is not
  public static Report copy(GuestFiles files, String path, Path target, JobContext job)
      throws IOException {
    CopyOut copy = new CopyOut(files, job);
    FileEntry from =
        files.get(
            files
                .tree()
                .realPath(path)
                .orElseThrow(() ->
                    new OperationException(
                        Kind.NOT_FOUND, "there is no %s in the guest".formatted(path))));
    Path place = target;
    if (Files.isDirectory(target)) {
      place = path.equals("/") ? target : target.resolve(from.name());
    }
    if (!place.equals(target) || !Files.isDirectory(place)) {
      if (Files.exists(place, LinkOption.NOFOLLOW_LINKS)) {
        throw new OperationException(
            Kind.REFUSED, place + ": exists already", "name another target, or move it away");
      }
    }
    copy.take(from, place, 0);
    copy.finish();
    return new Report(copy.copied, copy.bytes, copy.leftOut);
  }

  private void take(FileEntry file, Path place, int depth) throws IOException {
    job.checkCancelled();
    if (GuestNames.encode(place.toString()).length > MAX_PATH) {
      leftOut.add(file.path() + ": the host cannot have so long a path");
      return;
    }
    switch (file.kind()) {
      case FILE -> takeContent(file, place);
      case DIRECTORY -> takeDirectory(file, place, depth);
      case LINK -> {
        links.add(file);
        linkPlaces.add(place);
      }
      default -> leftOut.add(file.path() + ": neither a file, a directory nor a link");
    }
  }

  private void takeContent(FileEntry file, Path place) throws IOException {
    try (FileChannel out =
            FileChannel.open(
                place,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                owners("rw-------"));
        InputStream in = files.stream(file.path())) {
      write(in, out);
    } catch (FileAlreadyExistsException e) {
      leftOut.add(file.path() + ": there is a file of that name already");
      return;
    }
    copied++;
    attributes(file, place);
  }

  /// For nobody else until the guest's own permissions are set.
  private static FileAttribute<?> owners(String permissions) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
  }

  /// Zeroes become a hole.
  private void write(InputStream in, FileChannel out) throws IOException {
    long at = 0;
    for (int read = in.readNBytes(buffer, 0, PIECE); read > 0; ) {
      job.checkCancelled();
      if (Arrays.mismatch(buffer, 0, read, ZEROES, 0, read) >= 0) {
        ByteBuffer piece = ByteBuffer.wrap(buffer, 0, read);
        while (piece.hasRemaining()) {
          out.write(piece, at + piece.position());
        }
      }
      at += read;
      bytes += read;
      job.progress("copy out", bytes, 0);
      read = in.readNBytes(buffer, 0, PIECE);
    }
    if (out.size() < at) {
      out.write(ByteBuffer.allocate(1), at - 1);
    }
  }

  private void takeDirectory(FileEntry directory, Path place, int depth) throws IOException {
    if (depth > 200) {
      leftOut.add(directory.path() + ": directories more than 200 deep (our limit)");
      return;
    }
    if (depth > 0 || !Files.isDirectory(place)) {
      try {
        Files.createDirectory(place, owners("rwx------"));
      } catch (FileAlreadyExistsException e) {
        leftOut.add(directory.path() + ": there is a file of that name already");
        return;
      }
    }
    copied++;
    directories.add(directory);
    directoryPlaces.add(place);
    for (FileEntry child : files.list(directory.path())) {
      try {
        String name = child.name();
        if (name.equals(".") || name.equals("..") || name.contains("/") || name.indexOf(0) >= 0) {
          throw new InvalidPathException(name, "not a name");
        }
        take(child, place.resolve(name), depth + 1);
      } catch (InvalidPathException e) {
        leftOut.add(child.path() + ": the host cannot have this name");
      }
    }
  }

  /// Links, and then what a directory can only get when all is in it.
  private void finish() throws IOException {
    for (int i = 0; i < links.size(); i++) {
      try {
        Files.createSymbolicLink(linkPlaces.get(i), Path.of(links.get(i).target().orElse("")));
        copied++;
      } catch (FileAlreadyExistsException | InvalidPathException e) {
        leftOut.add(links.get(i).path() + ": the link cannot be made on the host");
      }
    }
    for (int i = directories.size() - 1; i >= 0; i--) {
      attributes(directories.get(i), directoryPlaces.get(i));
    }
  }

  private static void attributes(FileEntry file, Path place) throws IOException {
    Set<PosixFilePermission> permissions = PosixFilePermissions.fromString(file.rights());
    permissions.add(PosixFilePermission.OWNER_READ);
    if (file.kind() == FileEntry.Kind.DIRECTORY) {
      permissions.add(PosixFilePermission.OWNER_WRITE);
      permissions.add(PosixFilePermission.OWNER_EXECUTE);
    }
    Files.setPosixFilePermissions(place, permissions);
    Files.setLastModifiedTime(place, FileTime.from(file.modified()));
  }
}
