package io.calco.guest.personalise;

import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.fs.FileAttributes;
import io.calco.guest.Content;
import io.calco.guest.Draft;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/// Drafts copies of the host's files: root's, with the permissions that they have on the host.
public final class HostFiles {
  private static final long MAX_BYTES = 64L << 20; // ours: a draft is held in memory
  private static final int MAX_FILES = 10_000; // ours

  private final Draft draft;
  private long bytes;
  private int files;

  /// Copies into `draft`.
  public HostFiles(Draft draft) {
    this.draft = draft;
  }

  /// Copies a file, or a directory with all that is in it.
  public void copy(CopyIn copy) throws IOException {
    Path local = copy.local().toRealPath();
    boolean into = copy.remote().endsWith("/") || draft.isDirectory(copy.remote());
    String base = copy.remote().replaceAll("/+$", "");
    Path name = copy.local().toAbsolutePath().normalize().getFileName();
    copyTree(local, into ? base + "/" + (name == null ? "" : name) : base);
  }

  private void copyTree(Path local, String remote) throws IOException {
    if (++files > MAX_FILES) {
      throw new LimitExceededException("more than " + MAX_FILES + " files to copy (our limit)");
    }
    if (Files.isSymbolicLink(local)) {
      draft.link(remote, Files.readSymbolicLink(local).toString());
    } else if (Files.isDirectory(local, LinkOption.NOFOLLOW_LINKS)) {
      draft.directory(remote, attributes(local));
      List<Path> children;
      try (Stream<Path> list = Files.list(local)) {
        children = list.sorted().toList();
      }
      for (Path child : children) {
        copyTree(child, remote + "/" + child.getFileName());
      }
    } else if (Files.isRegularFile(local, LinkOption.NOFOLLOW_LINKS)) {
      bytes += Files.size(local);
      if (bytes > MAX_BYTES) {
        throw new LimitExceededException(
            local + ": more than " + MAX_BYTES + " bytes to copy in all (our limit)");
      }
      draft.put(remote, Content.of(Files.readAllBytes(local)), attributes(local));
    } else {
      throw new UnsupportedFeatureException(local + ": neither a file, a directory nor a link");
    }
  }

  private static FileAttributes attributes(Path local) throws IOException {
    String letters = // rwxrwxrwx, a hyphen where there is none
        PosixFilePermissions.toString(
            Files.getPosixFilePermissions(local, LinkOption.NOFOLLOW_LINKS));
    int bits = 0;
    for (int i = 0; i < letters.length(); i++) {
      bits = bits << 1 | (letters.charAt(i) == '-' ? 0 : 1);
    }
    return FileAttributes.root(bits, Instant.EPOCH);
  }
}
