package io.calco.fs.xfs;

import io.calco.disk.bytes.BigEndian;
import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.GuestNames;
import java.util.Arrays;
import java.util.Optional;

/// An extended attribute's name: its namespace as a flag, and the rest.
///
/// POSIX access lists stand under names of their own in the namespace `trusted`, and in another
/// form than the kernel hands out: [#toKernel] and [#fromKernel] turn one into the other.
final class AttributeName {
  static final int ROOT = 2;
  static final int SECURE = 4;
  private static final int SPACES = ROOT | SECURE;
  private static final String ACCESS = "system.posix_acl_access";
  private static final String DEFAULT = "system.posix_acl_default";
  private static final String STORED_ACCESS = "SGI_ACL_FILE";
  private static final String STORED_DEFAULT = "SGI_ACL_DEFAULT";

  private final int space;
  private final byte[] suffix;

  /// @param flags an entry's flags: only its namespace counts
  AttributeName(int flags, byte[] suffix) {
    this.space = flags & SPACES;
    this.suffix = suffix;
  }

  /// The name's parts.
  ///
  /// @throws IllegalArgumentException when its namespace is not one of XFS's
  static AttributeName of(String text) {
    if (text.equals(ACCESS)) {
      return new AttributeName(ROOT, GuestNames.encode(STORED_ACCESS));
    }
    if (text.equals(DEFAULT)) {
      return new AttributeName(ROOT, GuestNames.encode(STORED_DEFAULT));
    }
    int space =
        text.startsWith("user.")
            ? 0
            : text.startsWith("trusted.") ? ROOT : text.startsWith("security.") ? SECURE : -1;
    byte[] suffix = GuestNames.encode(text.substring(text.indexOf('.') + 1));
    if (space < 0 || suffix.length == 0 || suffix.length > 255) {
      throw new IllegalArgumentException("no attribute name of xfs: " + text);
    }
    return new AttributeName(space, suffix);
  }

  int space() {
    return space;
  }

  byte[] suffix() {
    return suffix;
  }

  private Optional<String> accessList() {
    if (space != ROOT) {
      return Optional.empty();
    }
    return switch (GuestNames.decode(suffix)) {
      case STORED_ACCESS -> Optional.of(ACCESS);
      case STORED_DEFAULT -> Optional.of(DEFAULT);
      default -> Optional.empty();
    };
  }

  /// The full name.
  String text() {
    String prefix =
        switch (space) {
          case 0 -> "user.";
          case ROOT -> "trusted.";
          case SECURE -> "security.";
          default -> "unknown.";
        };
    return accessList().orElseGet(() -> prefix + GuestNames.decode(suffix));
  }

  /// The value as `getxattr` gives it; as it stands when it is no access list that can be read.
  byte[] toKernel(byte[] stored) {
    if (accessList().isEmpty() || stored.length < 4 || (stored.length - 4) % 12 != 0) {
      return stored;
    }
    int count = (stored.length - 4) / 12;
    if (BigEndian.u32(stored, 0) != count) {
      return stored;
    }
    byte[] out = new byte[4 + count * 8];
    LittleEndian.put32(out, 0, 2);
    for (int i = 0; i < count; i++) {
      int from = 4 + i * 12;
      int to = 4 + i * 8;
      int tag = BigEndian.s32(stored, from);
      LittleEndian.put16(out, to, tag);
      LittleEndian.put16(out, to + 2, BigEndian.u16(stored, from + 8));
      boolean named = tag == 2 || tag == 8; // a user, a group
      LittleEndian.put32(out, to + 4, named ? BigEndian.s32(stored, from + 4) : -1);
    }
    return out;
  }

  /// The value as it is stored.
  byte[] fromKernel(byte[] value) {
    boolean list = value.length >= 4 && (value.length - 4) % 8 == 0;
    if (accessList().isEmpty() || !list || LittleEndian.s32(value, 0) != 2) {
      return value;
    }
    int count = (value.length - 4) / 8;
    byte[] out = new byte[4 + count * 12];
    BigEndian.put32(out, 0, count);
    for (int i = 0; i < count; i++) {
      int from = 4 + i * 8;
      int to = 4 + i * 12;
      int tag = LittleEndian.u16(value, from);
      BigEndian.put32(out, to, tag);
      boolean named = tag == 2 || tag == 8;
      BigEndian.put32(out, to + 4, named ? LittleEndian.s32(value, from + 4) : 0);
      BigEndian.put16(out, to + 8, LittleEndian.u16(value, from + 2));
    }
    return out;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AttributeName name
        && name.space == space
        && Arrays.equals(name.suffix, suffix);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(suffix) + space;
  }

  @Override
  public String toString() {
    return text();
  }
}
