package io.calco.guest.inspect.packages;

import static io.calco.disk.bytes.BigEndian.u16;
import static io.calco.disk.bytes.BigEndian.u32;
import static io.calco.disk.bytes.BigEndian.u8;

import io.calco.disk.CorruptImageException;
import io.calco.guest.inspect.packages.RpmDatabase.Records;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;

/// Reads a table of an SQLite 3 database from its first row to its last (SQLite, "Database File
/// Format", sections 1.3, 1.6, 2.1). No page is read twice.
final class SqliteTable {
  private static final int LEAF = 0x0D;
  private static final int INTERIOR = 0x05;
  private static final int MAX_SCHEMA_RECORD = 1 << 20; // ours, bytes

  private final DatabaseFile file;
  private final int pageSize;
  private final int usable;
  private final BitSet seen = new BitSet();
  private long left; // bytes that rows may still have: cells do not overlap

  SqliteTable(DatabaseFile file) throws IOException {
    this.file = file;
    byte[] header = file.read(0, 100, "database header");
    if (!Arrays.equals(
        Arrays.copyOf(header, 16), "SQLite format 3\0".getBytes(StandardCharsets.US_ASCII))) {
      throw file.corrupt("database header", 0, "another beginning", "SQLite format 3");
    }
    int size = u16(header, 16) == 1 ? 65_536 : u16(header, 16);
    if (size < 512 || Integer.bitCount(size) != 1) {
      throw file.corrupt("page size", 16, size, "a power of two from 512 to 65536");
    }
    if (u8(header, 19) > 2) {
      throw file.unsupported("SQLite read version " + u8(header, 19));
    }
    pageSize = size;
    usable = size - u8(header, 20);
    left = file.size();
    if (usable < 480) {
      throw file.corrupt("reserved space", 20, u8(header, 20), "480 bytes of each page left");
    }
  }

  /// Gives the second column of each row, which must be a blob.
  void read(String table, Records records) throws IOException {
    long[] root = {0};
    walk(
        1,
        MAX_SCHEMA_RECORD,
        record -> {
          List<Column> row = columns(record);
          if (row.size() >= 4
              && row.get(0).text(record).equals("table")
              && row.get(1).text(record).equalsIgnoreCase(table)) {
            root[0] = row.get(3).integer(record);
          }
        });
    if (root[0] == 0) {
      throw file.corrupt("schema", 0, "no table " + table, "one");
    }
    walk(
        root[0],
        DatabaseFile.MAX_RECORD,
        record -> {
          List<Column> row = columns(record);
          if (row.size() < 2 || row.get(1).type() < 12 || row.get(1).type() % 2 != 0) {
            throw file.corrupt("row of " + table, 0, "no blob", "one in column 2");
          }
          records.accept(row.get(1).bytes(record));
        });
  }

  private void walk(long root, int longest, Records records) throws IOException {
    Deque<Long> pages = new ArrayDeque<>(List.of(root));
    while (!pages.isEmpty()) {
      long number = pages.pop();
      byte[] page = page(number, "b-tree page");
      int header = number == 1 ? 100 : 0;
      int type = u8(page, header);
      if (type != LEAF && type != INTERIOR) {
        throw file.corrupt("b-tree page", offset(number), "type " + type, "5 or 13");
      }
      int pointers = header + (type == LEAF ? 8 : 12);
      int cells = u16(page, header + 3);
      if (pointers + 2 * cells > usable) {
        throw file.corrupt("b-tree page", offset(number), cells + " cells", usable + " bytes");
      }
      List<Long> children = new ArrayList<>();
      for (int i = 0; i < cells; i++) {
        int cell = u16(page, pointers + 2 * i);
        if (cell < pointers + 2 * cells || cell > usable - 4) {
          throw file.corrupt("cell pointer", offset(number), cell, "within " + usable + " bytes");
        }
        if (type == LEAF) {
          records.accept(payload(page, cell, number, longest));
        } else {
          children.add(u32(page, cell));
        }
      }
      if (type == INTERIOR) {
        children.add(u32(page, header + 8));
        if (pages.size() + children.size() > file.size() / pageSize) {
          throw file.corrupt("b-tree page", offset(number), "too many children", "each page once");
        }
        children.reversed().forEach(pages::push);
      }
    }
  }

  private byte[] payload(byte[] page, int cell, long number, int longest) throws IOException {
    Cursor cursor = new Cursor(page, cell, usable);
    long length = cursor.varint();
    cursor.varint(); // the row's number
    if (length < 0 || length > Math.min(longest, left)) {
      throw file.corrupt(
          "payload size", offset(number) + cell, length, "at most " + Math.min(longest, left));
    }
    left -= length;
    int most = usable - 35;
    int least = (usable - 12) * 32 / 255 - 23;
    int spread = least + (int) ((length - least) % (usable - 4));
    int local = (int) (length <= most ? length : spread <= most ? spread : least);
    int at = cursor.at;
    if (at + local + (local < length ? 4 : 0) > usable) {
      throw file.corrupt("cell", offset(number) + cell, local + " bytes", usable + " in the page");
    }
    byte[] payload = Arrays.copyOfRange(page, at, at + (int) length);
    int done = local;
    long next = local < length ? u32(page, at + local) : 0;
    while (done < length) {
      byte[] overflow = page(next, "overflow page");
      int count = Math.min(usable - 4, (int) length - done);
      System.arraycopy(overflow, 4, payload, done, count);
      done += count;
      next = u32(overflow, 0);
    }
    return payload;
  }

  private byte[] page(long number, String structure) throws IOException {
    if (number < 1 || number > file.size() / pageSize) {
      throw file.corrupt(structure, 0, "page " + number, file.size() / pageSize + " pages");
    }
    if (seen.get((int) number)) {
      throw file.corrupt(structure, offset(number), "a page that was read already", "a new one");
    }
    seen.set((int) number);
    return file.read(offset(number), pageSize, structure);
  }

  private long offset(long number) {
    return (number - 1) * pageSize;
  }

  /// A value in a record: its serial type, and where it is.
  private record Column(long type, int start, int end) {
    byte[] bytes(byte[] record) {
      return Arrays.copyOfRange(record, start, end);
    }

    String text(byte[] record) {
      boolean text = type >= 13 && type % 2 == 1;
      return text ? new String(record, start, end - start, StandardCharsets.UTF_8) : "";
    }

    long integer(byte[] record) {
      if (type == 9) {
        return 1;
      }
      long value = 0;
      for (int i = start; type <= 6 && i < end; i++) {
        value = value << 8 | u8(record, i);
      }
      return value;
    }
  }

  /// The record's first five columns, or as many as it has.
  private List<Column> columns(byte[] record) throws IOException {
    Cursor cursor = new Cursor(record, 0, record.length);
    long headerSize = cursor.varint();
    List<Column> columns = new ArrayList<>();
    long at = headerSize;
    while (cursor.at < headerSize && columns.size() < 5) {
      long type = cursor.varint();
      long length =
          type >= 12
              ? (type - 12) / 2
              : type == 5 ? 6 : type == 6 || type == 7 ? 8 : type < 5 ? type : 0;
      if (at < cursor.at || length < 0 || length > record.length - at) {
        throw file.corrupt("record", at, "type " + type, record.length + " bytes");
      }
      columns.add(new Column(type, (int) at, (int) (at + length)));
      at += length;
    }
    return columns;
  }

  /// Reads numbers of one to nine bytes (section 1.6, "varint").
  private final class Cursor {
    private final byte[] bytes;
    private final int end;
    private int at;

    Cursor(byte[] bytes, int at, int end) {
      this.bytes = bytes;
      this.at = at;
      this.end = end;
    }

    long varint() throws CorruptImageException {
      long value = 0;
      for (int i = 0; i < 9; i++) {
        if (at >= end) {
          throw file.corrupt("varint", at, "the end", "one more byte");
        }
        int b = u8(bytes, at++);
        if (i == 8) {
          return value << 8 | b;
        }
        value = value << 7 | b & 0x7F;
        if (b < 0x80) {
          break;
        }
      }
      return value;
    }
  }
}
