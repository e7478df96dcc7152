package io.calco.store.sftp;

import io.calco.ssh.SshConnection;
import java.io.IOException;
import java.io.StreamCorruptedException;
import java.lang.foreign.MemorySegment;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What a server answered. Every number in it is bounded by the length of the answer. Confined.
final class Reply {
  static final int STATUS = 101;
  static final int HANDLE = 102;
  static final int DATA = 103;
  static final int NAME = 104;
  static final int ATTRS = 105;
  static final int EXTENDED = 201;

  static final int OK = 0;
  static final int EOF = 1;
  static final int NO_SUCH_FILE = 2;
  static final int PERMISSION_DENIED = 3;
  static final int NO_CONNECTION = 6;
  static final int CONNECTION_LOST = 7;
  static final int UNSUPPORTED = 8;

  private static final int HANDLE_MAX = 256; // by the specification

  private final int kind;
  private final int id;
  private final ByteBuffer body;

  /// @param body what comes after the number
  Reply(int kind, int id, byte[] body) {
    this.kind = kind;
    this.id = id;
    this.body = ByteBuffer.wrap(body);
  }

  int kind() {
    return kind;
  }

  int id() {
    return id;
  }

  /// This, when it is of that kind.
  ///
  /// @throws SftpException when it is a status instead
  Reply expect(int wanted) throws IOException {
    if (kind == wanted) {
      return this;
    }
    if (kind == STATUS) {
      throw new SftpException(status());
    }
    throw new StreamCorruptedException("an answer of kind %d, expected %d".formatted(kind, wanted));
  }

  /// Returns when this says that it was done.
  ///
  /// @throws SftpException when it says anything else
  void expectOk() throws IOException {
    if (!isStatus(OK)) {
      throw new SftpException(expect(STATUS).status());
    }
  }

  /// True when this is a status of that code.
  boolean isStatus(int code) {
    return kind == STATUS && body.limit() >= 4 && body.getInt(0) == code;
  }

  /// What a status says.
  ///
  /// @param code a number of the specification, or any other
  /// @param text the server's words, made harmless; perhaps empty
  record Status(int code, String text) {
    @Override
    public String toString() {
      return text.isEmpty() ? "status " + code : text;
    }
  }

  private interface Reading<T> {
    T read() throws IOException;
  }

  private static <T> T within(Reading<T> reading) throws IOException {
    try {
      return reading.read();
    } catch (BufferUnderflowException e) {
      throw new StreamCorruptedException("an answer that ends early");
    }
  }

  /// The status that this is; of kind STATUS.
  Status status() throws IOException {
    return within(() -> {
      int code = body.getInt();
      String text = body.remaining() < 4 ? "" : new String(bytes(), StandardCharsets.UTF_8);
      return new Status(code, SshConnection.harmless(text));
    });
  }

  private byte[] bytes() throws StreamCorruptedException {
    int length = body.getInt();
    if (length < 0 || length > body.remaining()) {
      throw new StreamCorruptedException("an answer with a string of " + length + " bytes");
    }
    byte[] bytes = new byte[length];
    body.get(bytes);
    return bytes;
  }

  /// Copies the bytes that this is; of kind DATA.
  ///
  /// @param max how many were asked for
  /// @return how many came, 1 or more
  int data(MemorySegment dst, long at, int max) throws IOException {
    return within(() -> {
      int length = body.getInt();
      if (length < 1 || length > max || length > body.remaining()) {
        throw new StreamCorruptedException(
            "%d bytes where %d were asked for".formatted(length, max));
      }
      MemorySegment.copy(MemorySegment.ofBuffer(body), 0, dst, at, length);
      return length;
    });
  }

  /// Names and what goes with each; of the answer to the greeting.
  Map<String, String> pairs() throws IOException {
    return within(() -> {
      Map<String, String> pairs = new HashMap<>();
      while (body.hasRemaining()) {
        String name = new String(bytes(), StandardCharsets.UTF_8);
        pairs.put(name, new String(bytes(), StandardCharsets.UTF_8));
      }
      return pairs;
    });
  }

  /// The handle that this is; of kind HANDLE.
  byte[] handle() throws IOException {
    return within(() -> {
      byte[] handle = bytes();
      if (handle.length > HANDLE_MAX) {
        throw new StreamCorruptedException("a handle of %d bytes".formatted(handle.length));
      }
      return handle;
    });
  }

  /// The attributes that this is; of kind ATTRS.
  Attributes attributes() throws IOException {
    return within(() -> Attributes.read(body));
  }

  /// The names that this is; of kind NAME.
  List<DirectoryEntry> entries() throws IOException {
    return within(() -> {
      int count = body.getInt();
      List<DirectoryEntry> entries = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        String name = new String(bytes(), StandardCharsets.UTF_8);
        bytes(); // the line as `ls -l` has it
        entries.add(new DirectoryEntry(name, Attributes.read(body)));
      }
      return entries;
    });
  }

  /// Unsigned 64-bit numbers; of kind EXTENDED.
  long[] numbers(int count) throws IOException {
    return within(() -> {
      long[] numbers = new long[count];
      for (int i = 0; i < count; i++) {
        numbers[i] = body.getLong();
      }
      return numbers;
    });
  }

  /// A name in a directory.
  record DirectoryEntry(String name, Attributes attributes) {}
}
