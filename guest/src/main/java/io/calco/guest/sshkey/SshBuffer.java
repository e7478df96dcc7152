package io.calco.guest.sshkey;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;

/// Writes SSH's data types (RFC 4251, section 5).
final class SshBuffer {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream(512);

  SshBuffer raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  SshBuffer uint32(int value) {
    out.write(value >>> 24);
    out.write(value >>> 16);
    out.write(value >>> 8);
    out.write(value);
    return this;
  }

  SshBuffer string(byte[] bytes) {
    return uint32(bytes.length).raw(bytes);
  }

  SshBuffer string(String text) {
    return string(text.getBytes(StandardCharsets.UTF_8));
  }

  /// Two's complement, as short as may be: what BigInteger gives; zero is empty.
  SshBuffer mpint(BigInteger value) {
    return string(value.signum() == 0 ? new byte[0] : value.toByteArray());
  }

  /// The bytes 1, 2, 3 … up to a multiple of `block`.
  SshBuffer pad(int block) {
    for (int i = 1; out.size() % block != 0; i++) {
      out.write(i);
    }
    return this;
  }

  byte[] bytes() {
    return out.toByteArray();
  }
}
