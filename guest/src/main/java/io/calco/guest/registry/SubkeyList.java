package io.calco.guest.registry;

import io.calco.disk.bytes.LittleEndian;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Lists of subkeys: `lf`, `lh`, `li`, and `ri`, which divides long ones.
final class SubkeyList {
  /// Elements of a list that is written here: such a list fits one page.
  private static final int LEAF = 500;

  private static final int LF = 0x666C;
  private static final int LH = 0x686C;
  private static final int LI = 0x696C;
  private static final int RI = 0x6972;

  /// A subkey.
  ///
  /// @param name as it is written
  /// @param cell its key node
  record Entry(String name, int cell) {}

  private SubkeyList() {}

  /// Offsets of the key nodes that a list names, unchecked, in the list's order.
  static List<Long> read(Cells cells, long list) throws IOException {
    List<Long> keys = new ArrayList<>();
    if (list == Cells.NONE) {
      return keys;
    }
    int data = cells.data("subkey list", list, 4);
    if (signature(cells, data) != RI) {
      leaf(cells, list, keys);
      return keys;
    }
    int count = count(cells, list, data, 4);
    for (int i = 0; i < count; i++) {
      leaf(cells, LittleEndian.u32(cells.bytes(), data + 4 + 4 * i), keys);
    }
    return keys;
  }

  private static void leaf(Cells cells, long list, List<Long> keys) throws IOException {
    int data = cells.data("subkey list", list, 4);
    int width =
        switch (signature(cells, data)) {
          case LI -> 4;
          case LF, LH -> 8;
          default ->
              throw cells.corrupt(
                  "subkey list",
                  list,
                  "signature 0x%04x".formatted(signature(cells, data)),
                  "lf, lh or li");
        };
    int count = count(cells, list, data, width);
    if (keys.size() + count > cells.size() / 80) { // the smallest key's cell
      throw cells.corrupt("subkey list", list, "more keys than the hive can hold", "fewer");
    }
    for (int i = 0; i < count; i++) {
      keys.add(LittleEndian.u32(cells.bytes(), data + 4 + width * i));
    }
  }

  private static int signature(Cells cells, int data) {
    return LittleEndian.u16(cells.bytes(), data);
  }

  private static int count(Cells cells, long list, int data, int width) throws IOException {
    int count = LittleEndian.u16(cells.bytes(), data + 2);
    cells.data("subkey list", list, 4 + count * width);
    return count;
  }

  /// Frees a list's cells, not those of its keys.
  static void free(Cells cells, long list) throws IOException {
    if (list == Cells.NONE) {
      return;
    }
    int data = cells.data("subkey list", list, 4);
    if (signature(cells, data) == RI) {
      int count = count(cells, list, data, 4);
      for (int i = 0; i < count; i++) {
        long leaf = LittleEndian.u32(cells.bytes(), data + 4 + 4 * i);
        cells.free(cells.data("subkey list", leaf, 4));
      }
    }
    cells.free(data);
  }

  /// Writes a list.
  ///
  /// @param keys sorted by [Names#ORDER]
  /// @param minor the hive's minor version
  /// @return its cell, or [Cells#NONE] for no keys
  static long write(Cells cells, List<Entry> keys, long minor) throws IOException {
    List<Integer> leaves = new ArrayList<>();
    for (int first = 0; first < keys.size(); first += LEAF) {
      leaves.add(writeLeaf(cells, keys.subList(first, Math.min(keys.size(), first + LEAF)), minor));
    }
    if (leaves.size() <= 1) {
      return leaves.isEmpty() ? Cells.NONE : leaves.getFirst();
    }
    int cell = cells.allocate(4 + 4 * leaves.size());
    LittleEndian.put16(cells.bytes(), cell + 4, RI);
    LittleEndian.put16(cells.bytes(), cell + 6, leaves.size());
    for (int i = 0; i < leaves.size(); i++) {
      LittleEndian.put32(cells.bytes(), cell + 8 + 4 * i, leaves.get(i));
    }
    return cell;
  }

  private static int writeLeaf(Cells cells, List<Entry> keys, long minor) throws IOException {
    int cell = cells.allocate(4 + 8 * keys.size());
    byte[] bytes = cells.bytes();
    LittleEndian.put16(bytes, cell + 4, minor >= 5 ? LH : LF);
    LittleEndian.put16(bytes, cell + 6, keys.size());
    for (int i = 0; i < keys.size(); i++) {
      String name = keys.get(i).name;
      LittleEndian.put32(bytes, cell + 8 + 8 * i, keys.get(i).cell);
      LittleEndian.put32(
          bytes, cell + 12 + 8 * i, minor >= 5 ? Names.hash(name) : Names.hint(name));
    }
    return cell;
  }
}
