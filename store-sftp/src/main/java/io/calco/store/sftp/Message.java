package io.calco.store.sftp;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A request being made: its kind, its number, and what it asks. Confined.
final class Message {
  private static final int HEAD = 9;

  private ByteBuffer bytes = ByteBuffer.allocate(256).position(HEAD);

  /// A request of this kind.
  Message(int kind) {
    bytes.put(4, (byte) kind);
  }

  private ByteBuffer room(int count) {
    if (bytes.remaining() < count) {
      int length = Math.max(bytes.capacity() * 2, bytes.position() + count);
      bytes = ByteBuffer.wrap(Arrays.copyOf(bytes.array(), length)).position(bytes.position());
    }
    return bytes;
  }

  Message u32(int value) {
    room(4).putInt(value);
    return this;
  }

  Message u64(long value) {
    room(8).putLong(value);
    return this;
  }

  Message string(byte[] value) {
    room(4 + value.length).putInt(value.length).put(value);
    return this;
  }

  Message string(String value) {
    return string(value.getBytes(StandardCharsets.UTF_8));
  }

  /// Bytes of a segment as a string.
  Message string(MemorySegment from, long at, int length) {
    room(4 + length).putInt(length);
    MemorySegment.copy(from, ValueLayout.JAVA_BYTE, at, bytes.array(), bytes.position(), length);
    bytes.position(bytes.position() + length);
    return this;
  }

  /// The bytes to send; [#length] of them.
  byte[] numbered(int id) {
    bytes.putInt(0, length() - 4).putInt(5, id);
    return bytes.array();
  }

  int length() {
    return bytes.position();
  }
}
