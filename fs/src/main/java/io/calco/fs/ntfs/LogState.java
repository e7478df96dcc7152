package io.calco.fs.ntfs;

import io.calco.disk.CorruptImageException;
import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// What $LogFile says: whether the volume was left in order.
final class LogState {
  private static final int RSTR = 0x52545352;
  private static final int CHKD = 0x444B4843;
  private static final int VOLUME_IS_CLEAN = 0x0002;
  private static final int NO_CLIENT = 0xFFFF;
  private static final int MAX_PAGE = 1 << 16;

  private LogState() {}

  /// True when nothing in the log is to be redone: it is empty, chkdsk was last, or the newer of
  /// its two restart pages says so.
  static boolean isClean(Volume volume) throws IOException {
    Content log = volume.file(Volume.LOG).data();
    byte[] head = new byte[(int) Math.min(2 * MAX_PAGE, log.size())];
    volume.reader.read(log, 0, MemorySegment.ofArray(head));
    long newest = Long.MIN_VALUE;
    boolean clean = false;
    boolean any = false;
    boolean empty = true;
    for (int at = 0; at + 512 <= head.length; at = at == 0 ? 512 : 2 * at) {
      int magic = LittleEndian.s32(head, at);
      empty &= magic == -1;
      if (magic == RSTR || magic == CHKD) {
        any = true;
        Restart restart = restart(head, at, magic);
        if (restart.lsn() >= newest) {
          newest = restart.lsn();
          clean = restart.clean();
        }
      }
    }
    return any ? clean : empty;
  }

  private record Restart(long lsn, boolean clean) {}

  private static Restart restart(byte[] head, int at, int magic) {
    try {
      byte[] page = Arrays.copyOfRange(head, at, Math.min(head.length, at + 4096));
      if (magic == RSTR && page.length == 4096 && LittleEndian.u32(page, 0x10) == 4096) {
        Fixups.remove(page, magic, at);
      }
      int area = LittleEndian.u16(page, 0x18);
      if (area + 0x30 > Fixups.STRIDE) {
        return new Restart(Long.MIN_VALUE, false);
      }
      boolean clean =
          magic == CHKD
              || LittleEndian.u16(page, area + 0x0C) == NO_CLIENT
              || (LittleEndian.u16(page, area + 0x0E) & VOLUME_IS_CLEAN) != 0;
      long lsn = magic == CHKD ? LittleEndian.s64(page, 8) : LittleEndian.s64(page, area);
      return new Restart(lsn, clean);
    } catch (CorruptImageException e) {
      return new Restart(Long.MIN_VALUE, false);
    }
  }
}
