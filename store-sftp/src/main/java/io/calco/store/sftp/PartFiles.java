package io.calco.store.sftp;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/// Files being written, which have no name yet: in a directory of their own, so that what was left
/// behind is found in one look.
final class PartFiles {
  private static final String DIRECTORY = "/.part";

  private PartFiles() {}

  /// Where to write a file under a root.
  static String fresh(String root) {
    return root + DIRECTORY + "/" + UUID.randomUUID();
  }

  /// Deletes what nobody has written to for a while, by the server's clock: whose a file is cannot
  /// be known.
  static void sweep(SftpFiles files, String root, Duration rest) throws IOException {
    List<Reply.DirectoryEntry> parts = files.read(List.of(root + DIRECTORY)).getFirst();
    if (parts.stream().allMatch(part -> part.attributes().isDirectory())) {
      return;
    }
    long now = serversTime(files, root);
    for (Reply.DirectoryEntry part : parts) {
      Attributes attributes = part.attributes();
      if (isPart(part.name())
          && attributes.isFile()
          && attributes.modified() >= 0
          && now - attributes.modified() > rest.toSeconds()) {
        files.delete(root + DIRECTORY + "/" + part.name());
      }
    }
  }

  private static boolean isPart(String name) {
    try {
      return UUID.fromString(name).toString().equals(name);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static long serversTime(SftpFiles files, String root) throws IOException {
    String probe = fresh(root);
    byte[] handle = files.make(probe);
    files.write(handle, List.of(MemorySegment.ofArray(new byte[1])));
    long now = files.attributes(handle).modified();
    files.close(handle);
    files.delete(probe);
    return now;
  }
}
