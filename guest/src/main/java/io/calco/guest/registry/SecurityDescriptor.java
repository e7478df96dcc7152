package io.calco.guest.registry;

import io.calco.disk.bytes.LittleEndian;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Makes the descriptor of a new hive's keys (MS-DTYP 2.4.6: self-relative).
final class SecurityDescriptor {
  private static final int HEADER = 20;
  private static final int FULL = 0xF003F; // KEY_ALL_ACCESS
  private static final int READ = 0x20019; // KEY_READ

  private SecurityDescriptor() {}

  static byte[] forNewHive() {
    byte[] administrators = sid(5, 32, 544);
    ByteBuffer list = ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN);
    list.position(8);
    allow(list, FULL, administrators);
    allow(list, FULL, sid(5, 18));
    allow(list, READ, sid(5, 32, 545));
    list.put(0, (byte) 2).putShort(2, (short) list.position()).putShort(4, (short) 3);
    byte[] acl = java.util.Arrays.copyOf(list.array(), list.position());

    int owner = HEADER + acl.length;
    int group = owner + administrators.length;
    byte[] descriptor = new byte[group + administrators.length];
    descriptor[0] = 1;
    LittleEndian.put16(descriptor, 2, 0x8004); // self-relative, with a DACL
    LittleEndian.put32(descriptor, 4, owner);
    LittleEndian.put32(descriptor, 8, group);
    LittleEndian.put32(descriptor, 16, HEADER);
    System.arraycopy(acl, 0, descriptor, HEADER, acl.length);
    System.arraycopy(administrators, 0, descriptor, owner, administrators.length);
    System.arraycopy(administrators, 0, descriptor, group, administrators.length);
    return descriptor;
  }

  /// An entry that subkeys inherit.
  private static void allow(ByteBuffer list, int rights, byte[] sid) {
    list.put((byte) 0).put((byte) 2).putShort((short) (8 + sid.length)).putInt(rights).put(sid);
  }

  private static byte[] sid(int authority, int... parts) {
    ByteBuffer sid = ByteBuffer.allocate(8 + 4 * parts.length).order(ByteOrder.LITTLE_ENDIAN);
    sid.put((byte) 1).put((byte) parts.length).position(7).put((byte) authority);
    for (int part : parts) {
      sid.putInt(part);
    }
    return sid.array();
  }
}
