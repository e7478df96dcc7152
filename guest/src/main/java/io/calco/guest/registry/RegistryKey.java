package io.calco.guest.registry;

import io.calco.disk.LimitExceededException;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A key of a [Hive]. It stays valid while others change; of a deleted key nothing may be asked.
///
/// Names are compared without case. Confined to one thread, as its hive is.
public final class RegistryKey {
  private static final int MAX_DEPTH = 512; // Windows' own

  private final Hive hive;
  private final KeyNode node;

  RegistryKey(Hive hive, KeyNode node) {
    this.hive = hive;
    this.node = node;
  }

  /// The name as it is written; the root's means nothing.
  public String name() {
    return node.name();
  }

  /// When its values or subkeys changed last.
  public Instant lastWritten() {
    return FileTime.toInstant(node.lastWritten());
  }

  /// The class name, which few keys have; some hold half a secret in it.
  public Optional<String> className() throws IOException {
    int length = node.get16(KeyNode.CLASS_LENGTH);
    if (length == 0 || node.get(KeyNode.CLASS) == Cells.NONE) {
      return Optional.empty();
    }
    int at = hive.cells().data("class name", node.get(KeyNode.CLASS), length);
    return Optional.of(Names.decodeWide(hive.cells().bytes(), at, length));
  }

  /// All subkeys, in the hive's order.
  public List<RegistryKey> subkeys() throws IOException {
    List<RegistryKey> keys = new ArrayList<>();
    for (long cell : subkeyCells()) {
      keys.add(new RegistryKey(hive, KeyNode.of(hive.cells(), cell)));
    }
    return keys;
  }

  private List<Long> subkeyCells() throws IOException {
    return node.get(KeyNode.SUBKEY_COUNT) == 0
        ? List.of()
        : SubkeyList.read(hive.cells(), node.get(KeyNode.SUBKEYS));
  }

  /// The subkey of this name.
  public Optional<RegistryKey> findSubkey(String name) throws IOException {
    for (long cell : subkeyCells()) {
      KeyNode subkey = KeyNode.of(hive.cells(), cell);
      if (Names.same(subkey.name(), name)) {
        return Optional.of(new RegistryKey(hive, subkey));
      }
    }
    return Optional.empty();
  }

  /// The key below this at a path of names with backslashes between them; an empty path is this.
  public Optional<RegistryKey> find(String path) throws IOException {
    RegistryKey key = this;
    for (String name : names(path)) {
      Optional<RegistryKey> next = key.findSubkey(name);
      if (next.isEmpty()) {
        return Optional.empty();
      }
      key = next.get();
    }
    return Optional.of(key);
  }

  private static List<String> names(String path) {
    return Arrays.stream(path.split("\\\\")).filter(name -> !name.isEmpty()).toList();
  }

  /// All values, in the hive's order.
  public List<RegistryValue> values() throws IOException {
    List<RegistryValue> values = new ArrayList<>();
    long budget = hive.cells().size();
    for (long cell : node.values()) {
      ValueCell value = ValueCell.of(hive.cells(), cell);
      RegistryValue read = new RegistryValue(value.name(), value.data());
      budget -= 8 + read.data().encode().length;
      if (budget < 0) {
        throw hive.cells().corrupt("key", node.cell(), "more data than the hive has", "less");
      }
      values.add(read);
    }
    return values;
  }

  /// The data of the value of this name; the empty name is the default value's.
  public Optional<RegistryData> findValue(String name) throws IOException {
    Optional<ValueCell> value = valueCell(name);
    return value.isEmpty() ? Optional.empty() : Optional.of(value.get().data());
  }

  private Optional<ValueCell> valueCell(String name) throws IOException {
    for (long cell : node.values()) {
      ValueCell value = ValueCell.of(hive.cells(), cell);
      if (Names.same(value.name(), name)) {
        return Optional.of(value);
      }
    }
    return Optional.empty();
  }

  /// A value's text, when it is REG_SZ or REG_EXPAND_SZ.
  public Optional<String> text(String name) throws IOException {
    return findValue(name)
        .flatMap(data ->
            switch (data) {
              case RegistryData.Text(String text) -> Optional.of(text);
              case RegistryData.ExpandableText(String text) -> Optional.of(text);
              default -> Optional.empty();
            });
  }

  /// A value's number, when it is a REG_DWORD.
  public Optional<Integer> number(String name) throws IOException {
    return findValue(name)
        .flatMap(data ->
            data instanceof RegistryData.Dword(int number)
                ? Optional.of(number)
                : Optional.empty());
  }

  /// A value's texts, when it is REG_MULTI_SZ, or its one text.
  public List<String> texts(String name) throws IOException {
    Optional<RegistryData> data = findValue(name);
    return data.isPresent() && data.get() instanceof RegistryData.TextList(List<String> texts)
        ? texts
        : text(name).map(List::of).orElse(List.of());
  }

  /// Sets a value: replaces the one of this name, or adds one.
  ///
  /// @throws LimitExceededException when the name is longer than 16,383 UTF-16 units, or the hive
  ///   would become too large
  public void setValue(String name, RegistryData data) throws IOException {
    hive.checkEditable();
    checkLength(name, Names.MAX_VALUE);
    Cells cells = hive.cells();
    int made = ValueCell.create(cells, new RegistryValue(name, data), hive.minorVersion());
    long[] values = node.values();
    int place = place(values, name);
    if (place == values.length) {
      values = Arrays.copyOf(values, place + 1);
    } else {
      ValueCell.of(cells, values[place]).free();
    }
    values[place] = made;
    node.putValues(values);
    node.raise(KeyNode.LONGEST_VALUE_NAME, 2L * name.length());
    node.raise(KeyNode.LARGEST_DATA, data.encode().length);
    touch();
  }

  /// The index of the value of this name, or where it would go.
  private int place(long[] values, String name) throws IOException {
    int place = 0;
    while (place < values.length
        && !Names.same(ValueCell.of(hive.cells(), values[place]).name(), name)) {
      place++;
    }
    return place;
  }

  /// Deletes a value.
  ///
  /// @return false when there was none
  public boolean deleteValue(String name) throws IOException {
    hive.checkEditable();
    long[] values = node.values();
    int place = place(values, name);
    if (place == values.length) {
      return false;
    }
    ValueCell.of(hive.cells(), values[place]).free();
    long[] rest = new long[values.length - 1];
    System.arraycopy(values, 0, rest, 0, place);
    System.arraycopy(values, place + 1, rest, place, rest.length - place);
    node.putValues(rest);
    touch();
    return true;
  }

  /// The key below this at a path, made with those between when it is not there. A new key has its
  /// parent's security descriptor.
  ///
  /// @throws LimitExceededException when a name is longer than 255 UTF-16 units
  public RegistryKey create(String path) throws IOException {
    hive.checkEditable();
    RegistryKey key = this;
    for (String name : names(path)) {
      Optional<RegistryKey> next = key.findSubkey(name);
      key = next.isPresent() ? next.get() : key.createSubkey(name);
    }
    return key;
  }

  private RegistryKey createSubkey(String name) throws IOException {
    checkLength(name, Names.MAX_KEY);
    Cells cells = hive.cells();
    List<SubkeyList.Entry> entries = entries();
    SecurityCell.share(cells, node.get(KeyNode.SECURITY));
    KeyNode made = KeyNode.create(cells, name, 0);
    made.put(KeyNode.PARENT, node.cell());
    made.put(KeyNode.SECURITY, node.get(KeyNode.SECURITY));
    entries.add(new SubkeyList.Entry(name, made.cell()));
    entries.sort((a, b) -> Names.ORDER.compare(a.name(), b.name()));
    putEntries(entries);
    node.raise(KeyNode.LONGEST_SUBKEY, 2L * name.length());
    RegistryKey key = new RegistryKey(hive, made);
    key.touch();
    return key;
  }

  private List<SubkeyList.Entry> entries() throws IOException {
    List<SubkeyList.Entry> entries = new ArrayList<>();
    for (RegistryKey key : subkeys()) {
      entries.add(new SubkeyList.Entry(key.name(), key.node.cell()));
    }
    return entries;
  }

  private void putEntries(List<SubkeyList.Entry> entries) throws IOException {
    Cells cells = hive.cells();
    long list = SubkeyList.write(cells, entries, hive.minorVersion());
    if (node.get(KeyNode.SUBKEY_COUNT) > 0) {
      SubkeyList.free(cells, node.get(KeyNode.SUBKEYS));
    }
    node.put(KeyNode.SUBKEYS, list);
    node.put(KeyNode.SUBKEY_COUNT, entries.size());
    touch();
  }

  /// Deletes the subkey of this name with all below it.
  ///
  /// @return false when there was none
  public boolean deleteSubkey(String name) throws IOException {
    hive.checkEditable();
    Optional<RegistryKey> key = findSubkey(name);
    if (key.isEmpty()) {
      return false;
    }
    List<KeyNode> nodes = new ArrayList<>();
    key.get().collect(nodes, new HashSet<>(Set.of(node.cell())), 0);
    List<SubkeyList.Entry> entries = entries();
    entries.removeIf(entry -> entry.cell() == key.get().node.cell());
    putEntries(entries);
    for (KeyNode each : nodes) {
      free(each);
    }
    return true;
  }

  /// This and all below, each once: a key that is its own ancestor is corrupt.
  private void collect(List<KeyNode> nodes, Set<Integer> seen, int depth) throws IOException {
    if (depth > MAX_DEPTH || !seen.add(node.cell())) {
      throw hive.cells().corrupt("key", node.cell(), "a key below itself", "a tree of keys");
    }
    nodes.add(node);
    for (RegistryKey key : subkeys()) {
      key.collect(nodes, seen, depth + 1);
    }
  }

  private void free(KeyNode each) throws IOException {
    Cells cells = hive.cells();
    for (long value : each.values()) {
      ValueCell.of(cells, value).free();
    }
    each.freeValueList();
    if (each.get(KeyNode.SUBKEY_COUNT) > 0) {
      SubkeyList.free(cells, each.get(KeyNode.SUBKEYS));
    }
    if (each.get16(KeyNode.CLASS_LENGTH) > 0 && each.get(KeyNode.CLASS) != Cells.NONE) {
      cells.free(cells.data("class name", each.get(KeyNode.CLASS), 0));
    }
    SecurityCell.release(cells, each.get(KeyNode.SECURITY));
    cells.free(each.cell() + 4);
  }

  private void touch() {
    node.putLastWritten(FileTime.of(hive.now()));
  }

  private static void checkLength(String name, int limit) throws LimitExceededException {
    if (name.length() > limit) {
      throw new LimitExceededException(
          "a registry name of %d characters; at most %d are possible"
              .formatted(name.length(), limit));
    }
  }
}
