package io.calco.guest.inspect.packages;

import io.calco.disk.bytes.BigEndian;
import io.calco.disk.bytes.LittleEndian;
import io.calco.guest.inspect.packages.RpmDatabase.Records;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;

/// rpm's oldest database: a Berkeley DB hash of versions 8 to 10, in its machine's byte order (the
/// layouts of Berkeley DB's `dbinc/db_page.h`). Pages are read one after the other, not by their
/// keys' hashes; key 0 holds rpm's next number, each other key a header.
final class BerkeleyHash {
  private static final long MAGIC = 0x061561;
  private static final int META = 8; // page types
  private static final int CHECKSUMS = 1; // a meta page's flag
  private static final int HASH_UNSORTED = 2;
  private static final int OVERFLOW = 7;
  private static final int HASH = 13;
  private static final int KEY_DATA = 1; // item types
  private static final int OFF_PAGE = 3;
  private static final int PAGE_HEADER = 26;

  private final DatabaseFile file;
  private final boolean little;
  private final int pageSize;
  private final long lastPage;
  private final BitSet seen = new BitSet();

  BerkeleyHash(DatabaseFile file) throws IOException {
    this.file = file;
    byte[] meta = file.read(0, 512, "meta page");
    little = LittleEndian.u32(meta, 12) == MAGIC;
    if (u32(meta, 12) != MAGIC || meta[25] != META) {
      throw file.corrupt("meta page", 12, Long.toHexString(u32(meta, 12)), "a hash's magic");
    }
    if (u32(meta, 16) < 8 || u32(meta, 16) > 10) {
      throw file.unsupported("Berkeley DB hash version " + u32(meta, 16));
    }
    if (meta[24] != 0) {
      throw file.unsupported("an encrypted Berkeley DB");
    }
    if ((meta[26] & CHECKSUMS) != 0) {
      throw file.unsupported("a Berkeley DB with checksums");
    }
    long size = u32(meta, 20);
    if (size < 512 || size > 65_536 || Long.bitCount(size) != 1) {
      throw file.corrupt("page size", 20, size, "a power of two from 512 to 65536");
    }
    pageSize = (int) size;
    lastPage = u32(meta, 32);
    if (lastPage >= file.size() / pageSize) {
      throw file.corrupt("last page", 32, lastPage, file.size() / pageSize + " pages");
    }
  }

  /// Gives each header.
  void read(Records records) throws IOException {
    for (long number = 1; number <= lastPage; number++) {
      byte[] page = file.read(number * pageSize, pageSize, "page");
      if (page[25] == HASH || page[25] == HASH_UNSORTED) {
        items(page, number, records);
      }
    }
  }

  private void items(byte[] page, long number, Records records) throws IOException {
    int count = u16(page, 20);
    if (PAGE_HEADER + 2 * count > pageSize || count % 2 != 0) {
      throw file.corrupt("hash page", number * pageSize, count + " items", "pairs within the page");
    }
    int end = pageSize;
    byte[] key = new byte[0];
    for (int i = 0; i < count; i++) {
      int start = u16(page, PAGE_HEADER + 2 * i);
      if (start < PAGE_HEADER + 2 * count || start >= end) {
        throw file.corrupt("hash page", number * pageSize, "item at " + start, "before " + end);
      }
      if (i % 2 == 0) {
        key = Arrays.copyOfRange(page, start + 1, end);
      } else if (!Arrays.equals(key, new byte[4])) {
        records.accept(item(Arrays.copyOfRange(page, start, end), number));
      }
      end = start;
    }
  }

  private byte[] item(byte[] item, long number) throws IOException {
    if (item[0] == KEY_DATA) {
      return Arrays.copyOfRange(item, 1, item.length);
    }
    if (item[0] != OFF_PAGE || item.length < 12) {
      throw file.corrupt("hash page", number * pageSize, "item of type " + item[0], "1 or 3");
    }
    long length = u32(item, 8);
    if (length > Math.min(DatabaseFile.MAX_RECORD, file.size())) {
      throw file.corrupt("item's length", number * pageSize, length, "at most the file's");
    }
    byte[] data = new byte[(int) length];
    int done = 0;
    long next = u32(item, 4);
    while (done < length) {
      byte[] page = overflow(next);
      int count = u16(page, 22);
      if (count == 0 || count > pageSize - PAGE_HEADER || count > length - done) {
        throw file.corrupt("overflow page", next * pageSize, count + " bytes", length - done);
      }
      System.arraycopy(page, PAGE_HEADER, data, done, count);
      done += count;
      next = u32(page, 16);
    }
    return data;
  }

  private byte[] overflow(long number) throws IOException {
    if (number < 1 || number > lastPage || seen.get((int) number)) {
      throw file.corrupt("overflow page", 0, "page " + number, "a new one up to " + lastPage);
    }
    seen.set((int) number);
    byte[] page = file.read(number * pageSize, pageSize, "overflow page");
    if (page[25] != OVERFLOW) {
      throw file.corrupt("overflow page", number * pageSize, "type " + page[25], OVERFLOW);
    }
    return page;
  }

  private int u16(byte[] bytes, int at) {
    return little ? LittleEndian.u16(bytes, at) : BigEndian.u16(bytes, at);
  }

  private long u32(byte[] bytes, int at) {
    return little ? LittleEndian.u32(bytes, at) : BigEndian.u32(bytes, at);
  }
}
