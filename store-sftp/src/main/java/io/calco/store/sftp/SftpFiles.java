package io.calco.store.sftp;

import java.io.IOException;
import java.io.StreamCorruptedException;
import java.lang.foreign.MemorySegment;
import java.nio.file.NotDirectoryException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Files and directories of a server, by their paths. Confined, as its channel.
final class SftpFiles {
  /// Renames a file over another.
  static final String POSIX_RENAME = "posix-rename@openssh.com";

  private static final String SYNC = "fsync@openssh.com";
  private static final String ROOM = "statvfs@openssh.com";

  private static final int OPEN = 3;
  private static final int CLOSE = 4;
  private static final int FSTAT = 8;
  private static final int OPENDIR = 11;
  private static final int READDIR = 12;
  private static final int REMOVE = 13;
  private static final int MKDIR = 14;
  private static final int STAT = 17;
  private static final int EXTENDED = 200;

  private static final int FOR_READING = 1;
  private static final int FOR_WRITING = 2;
  private static final int MAKING = 8;
  private static final int NEW = 32;

  private final SftpChannel channel;

  SftpFiles(SftpChannel channel) {
    this.channel = channel;
  }

  byte[] openToRead(String path) throws IOException {
    return channel
        .exchange(new Message(OPEN).string(path).u32(FOR_READING).u32(0))
        .expect(Reply.HANDLE)
        .handle();
  }

  /// Makes a file that is not there.
  byte[] make(String path) throws IOException {
    Message open = new Message(OPEN).string(path).u32(FOR_WRITING | MAKING | NEW).u32(0);
    return channel.exchange(open).expect(Reply.HANDLE).handle();
  }

  Attributes attributes(String path) throws IOException {
    return channel.exchange(new Message(STAT).string(path)).expect(Reply.ATTRS).attributes();
  }

  Attributes attributes(byte[] handle) throws IOException {
    return channel.exchange(new Message(FSTAT).string(handle)).expect(Reply.ATTRS).attributes();
  }

  /// The length of an open file in bytes.
  long size(byte[] handle) throws IOException {
    long size = attributes(handle).size();
    if (size < 0) {
      throw new StreamCorruptedException("a file without a length");
    }
    return size;
  }

  void write(byte[] handle, List<MemorySegment> content) throws IOException {
    channel.write(handle, content);
  }

  void close(byte[] handle) throws IOException {
    channel.exchange(new Message(CLOSE).string(handle)).expectOk();
  }

  /// Deletes a file; does nothing when there is none.
  void delete(String path) throws IOException {
    Reply reply = channel.exchange(new Message(REMOVE).string(path));
    if (!reply.isStatus(Reply.NO_SUCH_FILE)) {
      reply.expectOk();
    }
  }

  /// Writes a file and gives it its name, in place of the one that has it.
  ///
  /// @param part where it is written first
  void putWhole(String part, String target, List<MemorySegment> content) throws IOException {
    byte[] handle = makeIn(part);
    try {
      channel.write(handle, content);
      long length = content.stream().mapToLong(MemorySegment::byteSize).sum();
      long written = size(handle);
      if (written != length) {
        throw new StreamCorruptedException(
            "a file of %d bytes, where %d were written".formatted(written, length));
      }
      sync(handle);
      rename(part, target);
      sync(handle);
      close(handle);
    } catch (IOException | RuntimeException e) {
      channel.retire();
      throw e;
    }
  }

  private byte[] makeIn(String path) throws IOException {
    try {
      return make(path);
    } catch (SftpException e) {
      if (e.code() != Reply.NO_SUCH_FILE) {
        throw e;
      }
      makeDirectories(directoryOf(path));
      return make(path);
    }
  }

  private void sync(byte[] handle) throws IOException {
    if (channel.has(SYNC, "1")) {
      channel.exchange(new Message(EXTENDED).string(SYNC).string(handle)).expectOk();
    }
  }

  private void rename(String from, String to) throws IOException {
    Message rename = new Message(EXTENDED).string(POSIX_RENAME).string(from).string(to);
    Reply reply = channel.exchange(rename);
    if (reply.isStatus(Reply.NO_SUCH_FILE)) {
      makeDirectories(directoryOf(to));
      reply = channel.exchange(rename);
    }
    reply.expectOk();
  }

  /// True when the server says that the file system of a directory has no room for ordinary users:
  /// a refused write says only "Failure".
  boolean isFull(String path) throws IOException {
    return channel.has(ROOM, "2")
        && channel
                .exchange(new Message(EXTENDED).string(ROOM).string(path))
                .expect(Reply.EXTENDED)
                .numbers(5)[4]
            == 0;
  }

  private static String directoryOf(String path) {
    int end = path.lastIndexOf('/');
    return end > 0 ? path.substring(0, end) : end == 0 ? "/" : ".";
  }

  /// Makes a directory and those above it, unless they are there.
  void makeDirectories(String path) throws IOException {
    Reply made = channel.exchange(new Message(MKDIR).string(path).u32(0));
    if (made.isStatus(Reply.NO_SUCH_FILE) && !directoryOf(path).equals(path)) {
      makeDirectories(directoryOf(path));
      made = channel.exchange(new Message(MKDIR).string(path).u32(0));
    }
    if (!made.isStatus(Reply.OK)) {
      // Servers say only that it failed when it is there.
      Reply there = channel.exchange(new Message(STAT).string(path));
      if (there.kind() != Reply.ATTRS) {
        made.expectOk();
      } else if (!there.attributes().isDirectory()) {
        throw new NotDirectoryException(path);
      }
    }
  }

  /// What lies in some directories; of one that is not there, nothing. All are read side by side.
  ///
  /// @return in the order of the paths
  List<List<Reply.DirectoryEntry>> read(List<String> paths) throws IOException {
    try {
      return readAll(paths);
    } catch (IOException | RuntimeException e) {
      channel.retire();
      throw e;
    }
  }

  private List<List<Reply.DirectoryEntry>> readAll(List<String> paths) throws IOException {
    List<List<Reply.DirectoryEntry>> all = new ArrayList<>();
    List<byte[]> handles = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    for (Reply opened :
        channel.exchange(paths.stream().map(path -> new Message(OPENDIR).string(path)).toList())) {
      if (!opened.isStatus(Reply.NO_SUCH_FILE)) {
        handles.add(opened.expect(Reply.HANDLE).handle());
        places.add(all.size());
      }
      all.add(new ArrayList<>());
    }
    List<Integer> reading = IntStream.range(0, handles.size()).boxed().toList();
    while (!reading.isEmpty()) {
      List<Reply> replies =
          channel.exchange(
              reading.stream().map(at -> new Message(READDIR).string(handles.get(at))).toList());
      List<Integer> further = new ArrayList<>();
      for (int i = 0; i < replies.size(); i++) {
        if (!replies.get(i).isStatus(Reply.EOF)) {
          int at = reading.get(i);
          addEntries(replies.get(i), all.get(places.get(at)));
          further.add(at);
        }
      }
      reading = further;
    }
    for (Reply closed :
        channel.exchange(handles.stream().map(at -> new Message(CLOSE).string(at)).toList())) {
      closed.expectOk();
    }
    return all;
  }

  private static void addEntries(Reply reply, List<Reply.DirectoryEntry> to) throws IOException {
    List<Reply.DirectoryEntry> entries = reply.expect(Reply.NAME).entries();
    if (entries.isEmpty()) {
      throw new StreamCorruptedException("a directory's part without names");
    }
    to.addAll(entries);
    Listing.checkDirectory(to.size());
  }
}
