package io.calco.engine.upload;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.identity.Caller;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// An upload on the medium: the bytes that came, and what is known of it.
///
/// Thread rule: safe for several threads. Of two that append, the later goes on and the earlier
/// fails at its next byte: a client whose connection is gone comes back before we notice.
final class UploadFile {
  private static final String DATA = ".data";
  static final String ABOUT = ".json";
  private static final int PIECE = 256 << 10;
  private static final int ABOUT_MAX_BYTES = 64 << 10;
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final Path data;
  private final Path about;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile About known;
  private long offset;
  private long turn;
  private Instant touched;

  private UploadFile(Path directory, About known, long offset, Instant touched) {
    this.data = directory.resolve(known.id() + DATA);
    this.about = directory.resolve(known.id() + ABOUT);
    this.known = known;
    this.offset = offset;
    this.touched = touched;
  }

  /// What is known of an upload.
  ///
  /// @param id the image's
  /// @param userId whose it is
  /// @param userName theirs
  /// @param projectId within which
  /// @param projectName its name
  /// @param roles theirs, when they last sent something
  /// @param fileName what they call the file
  /// @param length of the whole content, in bytes
  /// @param problem why it failed; empty while it did not
  record About(
      String id,
      String userId,
      String userName,
      String projectId,
      String projectName,
      Set<String> roles,
      String fileName,
      long length,
      String problem) {

    static About of(Caller caller, String id, String fileName, long length) {
      Caller.Scope project = caller.project().orElse(new Caller.Scope("", ""));
      return new About(
          id,
          caller.userId(),
          caller.userName(),
          project.id(),
          project.name(),
          caller.roles(),
          fileName,
          length,
          "");
    }

    Caller caller() {
      return new Caller(
          userId, userName, Optional.of(new Caller.Scope(projectId, projectName)), roles);
    }

    About with(String otherProblem) {
      return new About(
          id, userId, userName, projectId, projectName, roles, fileName, length, otherProblem);
    }
  }

  /// Begins one.
  static UploadFile create(Path directory, About about, Instant now) throws IOException {
    UploadFile file = new UploadFile(directory, about, 0, now);
    Files.createFile(file.data);
    file.write(about);
    return file;
  }

  /// One that is there; empty when what is there is none of ours.
  static Optional<UploadFile> load(Path directory, Path about) throws IOException {
    if (Files.size(about) > ABOUT_MAX_BYTES) {
      return Optional.empty();
    }
    try {
      About known = MAPPER.readValue(Files.readAllBytes(about), About.class);
      if (!about.getFileName().toString().equals(known.id() + ABOUT)) {
        return Optional.empty();
      }
      Path data = directory.resolve(known.id() + DATA);
      boolean there = Files.exists(data);
      return Optional.of(
          new UploadFile(
              directory,
              known,
              there ? Files.size(data) : 0,
              Files.getLastModifiedTime(there ? data : about).toInstant()));
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  private void write(About written) throws IOException {
    Path beside = about.resolveSibling(about.getFileName() + ".new");
    try (FileChannel channel =
        FileChannel.open(
            beside,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(MAPPER.writeValueAsBytes(written)));
      channel.force(true);
    }
    Files.move(beside, about, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  About about() {
    return known;
  }

  Path data() {
    return data;
  }

  Instant touched() {
    lock.lock();
    try {
      return touched;
    } finally {
      lock.unlock();
    }
  }

  long offset() {
    lock.lock();
    try {
      return offset;
    } finally {
      lock.unlock();
    }
  }

  boolean complete() {
    return offset() == known.length();
  }

  /// Appends what a stream has, up to its end or the upload's. What came before a failure is kept,
  /// unless there is a checksum to judge it by.
  ///
  /// @param from where the sender goes on
  /// @throws OperationException REFUSED when that is not where the upload stopped, or another
  ///   sender goes on meanwhile; LIMIT when more comes than was announced
  void append(long from, InputStream in, Optional<PartChecksum> checksum, Instant now)
      throws IOException {
    long mine = take(from);
    MessageDigest digest = checksum.map(PartChecksum::digest).orElse(null);
    boolean keep = checksum.isEmpty();
    try (FileChannel channel = FileChannel.open(data, StandardOpenOption.WRITE)) {
      try {
        receive(channel, in, mine, digest);
        if (checksum.isPresent() && digest != null && !checksum.get().matches(digest)) {
          throw new WrongChecksumException();
        }
        keep = true;
      } finally {
        if (!keep) {
          goBack(channel, mine, from);
        }
        channel.force(false);
        touch(now);
      }
    }
  }

  /// The turn of a sender who goes on from there.
  private long take(long from) {
    lock.lock();
    try {
      if (from != offset) {
        throw new OperationException(
            Kind.REFUSED, "The upload goes on at byte %d, and not at %d.".formatted(offset, from));
      }
      return ++turn;
    } finally {
      lock.unlock();
    }
  }

  private void receive(
      FileChannel channel, InputStream in, long mine, @Nullable MessageDigest digest)
      throws IOException {
    byte[] piece = new byte[PIECE];
    for (int n = read(in, piece); n >= 0; n = read(in, piece)) {
      write(channel, ByteBuffer.wrap(piece, 0, n), mine);
      if (digest != null) {
        digest.update(piece, 0, n);
      }
    }
  }

  /// A connection that breaks is the end of a part, and usual.
  private static int read(InputStream in, byte[] piece) {
    try {
      return in.read(piece);
    } catch (IOException e) {
      return -1;
    }
  }

  private void write(FileChannel channel, ByteBuffer bytes, long mine) throws IOException {
    lock.lock();
    try {
      requireTurn(mine);
      if (bytes.remaining() > known.length() - offset) {
        throw new OperationException(
            Kind.LIMIT,
            "More came than the %d bytes that were announced.".formatted(known.length()));
      }
      while (bytes.hasRemaining()) {
        offset += channel.write(bytes, offset);
      }
    } finally {
      lock.unlock();
    }
  }

  private void requireTurn(long mine) {
    if (turn != mine) {
      throw new OperationException(Kind.REFUSED, "The upload goes on over another connection.");
    }
  }

  private void goBack(FileChannel channel, long mine, long to) throws IOException {
    lock.lock();
    try {
      if (turn == mine) {
        channel.truncate(to);
        offset = to;
      }
    } finally {
      lock.unlock();
    }
  }

  private void touch(Instant now) {
    lock.lock();
    try {
      touched = now;
    } finally {
      lock.unlock();
    }
  }

  /// Ends all appending, and drops the bytes; why is kept.
  void fail(String problem) throws IOException {
    About failed = known.with(problem);
    write(failed);
    lock.lock();
    try {
      turn++;
      known = failed;
    } finally {
      lock.unlock();
    }
    Files.deleteIfExists(data);
  }

  void delete() throws IOException {
    lock.lock();
    try {
      turn++;
    } finally {
      lock.unlock();
    }
    Files.deleteIfExists(data);
    Files.deleteIfExists(about);
  }
}
