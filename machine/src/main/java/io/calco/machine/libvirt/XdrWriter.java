package io.calco.machine.libvirt;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;

/// Writes what libvirt is asked: XDR (RFC 4506). Confined.
final class XdrWriter {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  XdrWriter put(int value) {
    bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(value).array());
    return this;
  }

  XdrWriter put(long value) {
    bytes.writeBytes(ByteBuffer.allocate(Long.BYTES).putLong(value).array());
    return this;
  }

  /// @throws IllegalArgumentException when it is longer than the protocol takes
  XdrWriter put(String value) {
    byte[] text = value.getBytes(StandardCharsets.UTF_8);
    if (text.length > XdrReader.STRING_MAX) {
      throw new IllegalArgumentException(
          "libvirt takes texts of %d bytes at most, not of %d"
              .formatted(XdrReader.STRING_MAX, text.length));
    }
    put(text.length);
    bytes.writeBytes(text);
    bytes.writeBytes(new byte[(4 - text.length % 4) % 4]);
    return this;
  }

  XdrWriter put(Optional<String> value) {
    put(value.isPresent() ? 1 : 0);
    value.ifPresent(this::put);
    return this;
  }

  XdrWriter put(UUID value) {
    return put(value.getMostSignificantBits()).put(value.getLeastSignificantBits());
  }

  byte[] toByteArray() {
    return bytes.toByteArray();
  }
}
