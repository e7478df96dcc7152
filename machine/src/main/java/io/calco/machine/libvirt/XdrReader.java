package io.calco.machine.libvirt;

import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// Reads what libvirt answers: XDR (RFC 4506), big-endian, every item padded to four bytes. Every
/// length is compared with the protocol's limit and with what is there before anything is set
/// aside. Confined.
final class XdrReader {
  /// `REMOTE_STRING_MAX`.
  static final int STRING_MAX = 4_194_304;

  /// Of every list that we ask for: `REMOTE_DOMAIN_LIST_MAX`, `REMOTE_STORAGE_VOL_LIST_MAX` …
  static final int LIST_MAX = 16_384;

  private final ByteBuffer bytes;

  XdrReader(byte[] bytes) {
    this.bytes = ByteBuffer.wrap(bytes);
  }

  /// What one item of a list is.
  interface Item<T> {
    T read(XdrReader reader) throws ProtocolException;
  }

  /// Also an `unsigned char` or a `short`, which take four bytes as well.
  int readInt() throws ProtocolException {
    require(Integer.BYTES);
    return bytes.getInt();
  }

  long readHyper() throws ProtocolException {
    require(Long.BYTES);
    return bytes.getLong();
  }

  boolean readBoolean() throws ProtocolException {
    int value = readInt();
    if (value != 0 && value != 1) {
      throw new ProtocolException("libvirt's answer has %d for yes or no".formatted(value));
    }
    return value == 1;
  }

  String readString() throws ProtocolException {
    int length = length(STRING_MAX, "a string of %s bytes");
    byte[] text = new byte[length];
    bytes.get(text);
    skip((4 - length % 4) % 4);
    return new String(text, StandardCharsets.UTF_8);
  }

  Optional<String> readOptionalString() throws ProtocolException {
    return readBoolean() ? Optional.of(readString()) : Optional.empty();
  }

  UUID readUuid() throws ProtocolException {
    return new UUID(readHyper(), readHyper());
  }

  /// @param max the protocol's limit for this list
  <T> List<T> readList(int max, Item<T> item) throws ProtocolException {
    int count = length(max, "a list of %s");
    List<T> items = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      items.add(item.read(this));
    }
    return items;
  }

  /// Every item takes four bytes at least, every byte of a string one.
  private int length(int max, String what) throws ProtocolException {
    int length = readInt();
    if (length < 0 || length > max || length > bytes.remaining()) {
      throw new ProtocolException(
          ("libvirt's answer has " + what + ", expected at most %d")
              .formatted(Integer.toUnsignedString(length), Math.min(max, bytes.remaining())));
    }
    return length;
  }

  private void skip(int count) throws ProtocolException {
    require(count);
    bytes.position(bytes.position() + count);
  }

  private void require(int count) throws ProtocolException {
    if (bytes.remaining() < count) {
      throw new ProtocolException(
          "libvirt's answer ends after %d bytes, in the midst of it".formatted(bytes.limit()));
    }
  }
}
