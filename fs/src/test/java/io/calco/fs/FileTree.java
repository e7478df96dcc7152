package io.calco.fs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// All of a file system as lines, one a path: ours, and the kernel's of the same to compare.
public final class FileTree {
  private FileTree() {}

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static String line(
      FileType type, int mode, int uid, int gid, int links, FileTime time, String content) {
    return "%s %o %d:%d links %d %s %s".formatted(type, mode, uid, gid, links, time, content);
  }

  /// Asserts that both are the same; says only what differs.
  public static void assertSame(Map<String, String> ours, Map<String, String> theirs) {
    List<String> differences = new ArrayList<>();
    for (String path : new TreeMap<>(ours).keySet()) {
      if (!ours.get(path).equals(theirs.get(path))) {
        differences.add(path + "\n  ours " + ours.get(path) + "\n  not  " + theirs.get(path));
      }
    }
    for (String path : theirs.keySet()) {
      if (!ours.containsKey(path)) {
        differences.add(path + "\n  not ours\n  but  " + theirs.get(path));
      }
    }
    assertThat(differences.stream().limit(20)).isEmpty();
  }

  /// What our code reads.
  public static Map<String, String> of(FileSystem fs) throws IOException {
    Map<String, String> lines = new TreeMap<>();
    visit(fs, "/", lines);
    return lines;
  }

  private static void visit(FileSystem fs, String path, Map<String, String> lines)
      throws IOException {
    FileStatus status = fs.find(path).orElseThrow();
    StringBuilder content = new StringBuilder();
    if (status.type() == FileType.REGULAR) {
      content.append(status.size()).append(' ').append(hash(fs, path, status.size()));
    } else if (status.type() == FileType.SYMBOLIC_LINK) {
      content.append(fs.readLink(path));
    }
    var attributes = new TreeMap<>(fs.extendedAttributes(path));
    attributes.keySet().removeIf(name -> !name.startsWith("user."));
    attributes.forEach((name, value) ->
        content.append(' ').append(name).append('=').append(HexFormat.of().formatHex(value)));
    lines.put(
        path,
        line(
            status.type(),
            status.permissions(),
            status.uid(),
            status.gid(),
            status.links(),
            FileTime.from(status.modified()),
            content.toString()));
    if (status.type() == FileType.DIRECTORY) {
      for (DirectoryEntry entry : fs.list(path)) {
        visit(fs, (path.equals("/") ? "" : path) + "/" + entry.name(), lines);
      }
    }
  }

  private static String hash(FileSystem fs, String path, long size) throws IOException {
    MessageDigest digest = sha256();
    byte[] buffer = new byte[(int) Math.min(size, 1 << 20)];
    for (long at = 0; at < size; ) {
      int read = fs.read(path, at, MemorySegment.ofArray(buffer));
      digest.update(buffer, 0, read);
      at += read;
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /// What the kernel shows where it is mounted.
  public static Map<String, String> of(Path root) throws IOException {
    Map<String, String> lines = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path path : (Iterable<Path>) paths::iterator) {
        String name = path.equals(root) ? "/" : "/" + root.relativize(path);
        lines.put(GuestNames.decode(GuestNames.encode(name)), line(path));
      }
    }
    return lines;
  }

  private static String line(Path path) throws IOException {
    Map<String, Object> unix =
        Files.readAttributes(
            path, "unix:mode,uid,gid,nlink,size,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
    int mode = (Integer) unix.get("mode");
    FileType type =
        switch (mode >> 12) {
          case 8 -> FileType.REGULAR;
          case 4 -> FileType.DIRECTORY;
          case 10 -> FileType.SYMBOLIC_LINK;
          case 2 -> FileType.CHARACTER_DEVICE;
          case 6 -> FileType.BLOCK_DEVICE;
          case 1 -> FileType.FIFO;
          default -> FileType.SOCKET;
        };
    StringBuilder content = new StringBuilder();
    if (type == FileType.REGULAR) {
      content.append(unix.get("size")).append(' ').append(hash(path));
    } else if (type == FileType.SYMBOLIC_LINK) {
      content.append(Files.readSymbolicLink(path));
    }
    if (type == FileType.REGULAR || type == FileType.DIRECTORY) {
      UserDefinedFileAttributeView view =
          Files.getFileAttributeView(path, UserDefinedFileAttributeView.class);
      for (String name : names(view)) {
        ByteBuffer value = ByteBuffer.allocate(view.size(name));
        view.read(name, value);
        content.append(" user.").append(name).append('=');
        content.append(HexFormat.of().formatHex(value.array()));
      }
    }
    return line(
        type,
        mode & 07777,
        (Integer) unix.get("uid"),
        (Integer) unix.get("gid"),
        (Integer) unix.get("nlink"),
        (FileTime) unix.get("lastModifiedTime"),
        content.toString());
  }

  /// The names of the user's attributes, none where there cannot be any.
  private static List<String> names(UserDefinedFileAttributeView view) throws IOException {
    try {
      return view.list().stream().sorted().toList();
    } catch (FileSystemException e) {
      if (String.valueOf(e.getReason()).contains("Operation not supported")) {
        return List.of();
      }
      throw e;
    }
  }

  private static String hash(Path path) throws IOException {
    MessageDigest digest = sha256();
    byte[] buffer = new byte[Math.clamp(Files.size(path), 1, 1 << 20)];
    try (InputStream in = Files.newInputStream(path)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
