package io.calco.fs.guestfish;

import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A running guestfish that takes one line after the other. Every exchange ends with a mark that no
/// guest can know, so that a reply may hold any byte. Killed when closed, and when it does not
/// answer in time. Confined.
final class GuestfishProcess implements AutoCloseable {
  private static final int REPLY_MAX = 64 << 20; // ours
  private static final int ERROR_MAX = 2000; // ours: letters of its messages that are told
  private static final Duration FAREWELL = Duration.ofSeconds(60);

  private final Process process;
  private final OutputStream in;
  private final InputStream out;
  private final Path errors;
  private final String mark = "calco-" + nonce();
  private final byte[] piece = new byte[64 << 10];
  private long errorsRead;
  private volatile long deadline = Long.MAX_VALUE;
  private volatile boolean late;

  private GuestfishProcess(Process process, Path errors) {
    this.process = process;
    this.in = process.getOutputStream();
    this.out = process.getInputStream();
    this.errors = errors;
    Thread.ofVirtual().name("guestfish watch").start(this::watch);
  }

  private static String nonce() {
    byte[] nonce = new byte[16];
    new SecureRandom().nextBytes(nonce);
    return HexFormat.of().formatHex(nonce);
  }

  /// Starts the program with the caller's environment, but for its tracing.
  ///
  /// @param scratch a directory of its own
  /// @throws UnsupportedFeatureException when it is not installed
  static GuestfishProcess start(Path scratch) throws IOException {
    Path program =
        Guestfish.find()
            .orElseThrow(() ->
                new UnsupportedFeatureException(
                    "guestfish is not installed (Debian and Ubuntu: apt install"
                        + " libguestfs-tools)"));
    Path errors = scratch.resolve("errors");
    ProcessBuilder builder = new ProcessBuilder(program.toString());
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().put("LIBGUESTFS_DEBUG", "0");
    builder.environment().put("LIBGUESTFS_TRACE", "0");
    builder.redirectError(Files.createFile(errors).toFile());
    return new GuestfishProcess(builder.start(), errors);
  }

  /// Ends the process when a reply is overdue: whoever waits for it sees its end.
  private void watch() {
    try {
      while (!process.waitFor(1, TimeUnit.SECONDS)) {
        if (System.nanoTime() - deadline > 0 && deadline != Long.MAX_VALUE) {
          late = true;
          process.destroyForcibly();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Runs the commands, all of them, also after one has failed.
  ///
  /// @param limit how long they may take together
  /// @return what they print, one after the other
  /// @throws GuestfishException with the message of the first that failed
  /// @throws IOException when the program has ended, or was ended because it took too long
  byte[] run(Duration limit, List<Command> commands) throws IOException {
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    for (Command command : commands) {
      lines.writeBytes(command.encode());
    }
    lines.writeBytes(Command.of("echo").word(mark).encode());
    deadline = System.nanoTime() + limit.toNanos();
    byte[] reply;
    try {
      in.write(lines.toByteArray());
      in.flush();
      reply = reply();
    } catch (IOException e) {
      throw ended(e);
    } finally {
      deadline = Long.MAX_VALUE;
    }
    String failure = newErrors();
    if (!failure.isEmpty()) {
      throw new GuestfishException(failure);
    }
    return reply;
  }

  private byte[] reply() throws IOException {
    byte[] end = (mark + "\n").getBytes(StandardCharsets.US_ASCII);
    ByteArrayOutputStream reply = new ByteArrayOutputStream();
    byte[] tail = {};
    while (true) {
      int count = out.read(piece);
      if (count < 0) {
        throw new IOException("it has ended");
      }
      reply.write(piece, 0, count);
      if (reply.size() > REPLY_MAX) {
        process.destroyForcibly();
        throw new LimitExceededException("libguestfs: a reply of more than 64 MiB");
      }
      tail = tail(tail, count, end.length);
      if (Arrays.equals(tail, end)) {
        return Arrays.copyOf(reply.toByteArray(), reply.size() - end.length);
      }
    }
  }

  /// The last bytes of all that was read, at most so many.
  private byte[] tail(byte[] before, int count, int most) {
    if (count >= most) {
      return Arrays.copyOfRange(piece, count - most, count);
    }
    int kept = Math.min(before.length, most - count);
    byte[] tail =
        Arrays.copyOfRange(before, before.length - kept, before.length - kept + kept + count);
    System.arraycopy(piece, 0, tail, kept, count);
    return tail;
  }

  private IOException ended(IOException cause) throws IOException {
    if (cause instanceof LimitExceededException) {
      return cause;
    }
    process.destroyForcibly();
    String said = newErrors();
    return new IOException(
        "libguestfs %s%s"
            .formatted(
                late ? "did not answer in time and was ended" : "has ended unexpectedly",
                said.isEmpty() ? "" : ": " + said),
        cause);
  }

  /// What it complained of since last asked, without its warnings.
  private String newErrors() throws IOException {
    byte[] bytes;
    try (RandomAccessFile file = new RandomAccessFile(errors.toFile(), "r")) {
      long length = file.length();
      if (length == errorsRead) {
        return "";
      }
      bytes = new byte[(int) Math.min(length - errorsRead, 8L * ERROR_MAX)];
      file.seek(errorsRead);
      file.readFully(bytes);
      errorsRead = length;
    }
    StringBuilder text = new StringBuilder();
    for (String line : new String(bytes, StandardCharsets.UTF_8).split("\n")) {
      if (!line.isBlank() && !line.contains("warning:") && text.length() < ERROR_MAX) {
        text.append(text.isEmpty() ? "" : "; ").append(Guestfish.message(line));
      }
    }
    return text.toString();
  }

  /// Ends it in order, or by force when it does not end by itself; a second call does nothing.
  @Override
  public void close() throws IOException {
    try {
      in.close();
      if (!process.waitFor(FAREWELL.toSeconds(), TimeUnit.SECONDS)) {
        throw new IOException("libguestfs did not end in time and was ended");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      process.destroyForcibly();
    }
  }
}
