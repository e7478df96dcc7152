package io.calco.fs.ext;

import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.GuestNames;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/// An extended attribute's name: its namespace as a number, and the rest.
///
/// The kernel hands out POSIX access lists in another form than it stores them: [#toKernel] and
/// [#fromKernel] turn one into the other.
final class AttributeName {
  private static final int ACL_ACCESS = 2;
  private static final int ACL_DEFAULT = 3;
  private static final Map<Integer, String> PREFIXES =
      new TreeMap<>(
          Map.of(
              1,
              "user.",
              ACL_ACCESS,
              "system.posix_acl_access",
              ACL_DEFAULT,
              "system.posix_acl_default",
              4,
              "trusted.",
              6,
              "security.",
              7,
              "system.",
              8,
              "system.richacl"));

  /// Tags of access list entries that name a user or a group.
  private static final int ACL_USER = 2;

  private static final int ACL_GROUP = 8;

  private final int index;
  private final byte[] suffix;

  AttributeName(int index, byte[] suffix) {
    this.index = index;
    this.suffix = suffix;
  }

  /// The name's parts.
  ///
  /// @throws IllegalArgumentException when its namespace is not one of ext's
  static AttributeName of(String text) {
    for (var prefix : PREFIXES.entrySet()) {
      String value = prefix.getValue();
      if (value.endsWith(".") ? text.startsWith(value) : text.equals(value)) {
        byte[] suffix = GuestNames.encode(text.substring(value.length()));
        if (suffix.length > 255) {
          throw new IllegalArgumentException("attribute name of " + suffix.length + " bytes");
        }
        return new AttributeName(prefix.getKey(), suffix);
      }
    }
    throw new IllegalArgumentException("attribute name without a known namespace: " + text);
  }

  int index() {
    return index;
  }

  byte[] suffix() {
    return suffix;
  }

  /// The full name.
  String text() {
    return PREFIXES.getOrDefault(index, "unknown" + index + ".") + GuestNames.decode(suffix);
  }

  private boolean isAccessList() {
    return index == ACL_ACCESS || index == ACL_DEFAULT;
  }

  private static boolean hasId(int tag) {
    return tag == ACL_USER || tag == ACL_GROUP;
  }

  /// The value as `getxattr` gives it; as it stands when it is no access list that can be read.
  byte[] toKernel(byte[] stored) {
    if (!isAccessList() || stored.length < 4 || LittleEndian.s32(stored, 0) != 1) {
      return stored;
    }
    byte[] out = new byte[4 + (stored.length / 4) * 8];
    LittleEndian.put32(out, 0, 2);
    int to = 4;
    int at = 4;
    while (at + 4 <= stored.length) {
      int tag = LittleEndian.u16(stored, at);
      if (hasId(tag) && at + 8 > stored.length) {
        return stored;
      }
      System.arraycopy(stored, at, out, to, 4);
      LittleEndian.put32(out, to + 4, hasId(tag) ? LittleEndian.s32(stored, at + 4) : -1);
      at += hasId(tag) ? 8 : 4;
      to += 8;
    }
    return Arrays.copyOf(out, to);
  }

  /// The value as it is stored.
  byte[] fromKernel(byte[] value) {
    if (!isAccessList() || value.length < 4 || LittleEndian.s32(value, 0) != 2) {
      return value;
    }
    byte[] out = new byte[value.length];
    LittleEndian.put32(out, 0, 1);
    int to = 4;
    for (int at = 4; at + 8 <= value.length; at += 8) {
      boolean hasId = hasId(LittleEndian.u16(value, at));
      System.arraycopy(value, at, out, to, hasId ? 8 : 4);
      to += hasId ? 8 : 4;
    }
    return Arrays.copyOf(out, to);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AttributeName name
        && name.index == index
        && Arrays.equals(name.suffix, suffix);
  }

  @Override
  public int hashCode() {
    return Objects.hash(index, Arrays.hashCode(suffix));
  }

  @Override
  public String toString() {
    return text();
  }
}
