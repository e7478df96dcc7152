package io.calco.volume.lvm;

import io.calco.disk.CorruptImageException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// A section of LVM2's text: named values and sections in their order. Mutable; one thread at a
/// time.
final class Section implements ConfigNode {

  private final String path;
  private final SequencedMap<String, ConfigNode> nodes = new LinkedHashMap<>();

  /// An empty section.
  ///
  /// @param path its names from the outermost on, for messages; empty for the whole text
  Section(String path) {
    this.path = path;
  }

  String path() {
    return path;
  }

  SequencedMap<String, ConfigNode> nodes() {
    return nodes;
  }

  void put(String name, ConfigNode node) {
    nodes.put(name, node);
  }

  /// A new section in this one.
  Section add(String name) {
    Section section = new Section(pathOf(name));
    nodes.put(name, section);
    return section;
  }

  String pathOf(String name) {
    return path.isEmpty() ? name : path + "/" + name;
  }

  Optional<Section> findSection(String name) {
    return nodes.get(name) instanceof Section section ? Optional.of(section) : Optional.empty();
  }

  Section section(String name) throws CorruptImageException {
    return findSection(name).orElseThrow(() -> missing(name, "a section"));
  }

  /// The sections in this one by name.
  SequencedMap<String, Section> sections() {
    SequencedMap<String, Section> sections = new LinkedHashMap<>();
    for (Map.Entry<String, ConfigNode> entry : nodes.entrySet()) {
      if (entry.getValue() instanceof Section section) {
        sections.put(entry.getKey(), section);
      }
    }
    return sections;
  }

  Optional<String> findText(String name) {
    return nodes.get(name) instanceof ConfigNode.Text text
        ? Optional.of(text.text())
        : Optional.empty();
  }

  String text(String name) throws CorruptImageException {
    return findText(name).orElseThrow(() -> missing(name, "a string"));
  }

  /// A whole number from 0 to `max`.
  long number(String name, long max) throws CorruptImageException {
    if (!(nodes.get(name) instanceof ConfigNode.Digits number)) {
      throw missing(name, "a number");
    }
    return number(name, number, max);
  }

  /// A whole number from 0 to `max`, or `otherwise` where there is none.
  long number(String name, long max, long otherwise) throws CorruptImageException {
    return nodes.containsKey(name) ? number(name, max) : otherwise;
  }

  private long number(String name, ConfigNode.Digits number, long max)
      throws CorruptImageException {
    try {
      long value = Long.parseLong(number.digits());
      if (value >= 0 && value <= max) {
        return value;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new CorruptImageException(
        "LVM2: %s: found %s, expected 0 to %d".formatted(pathOf(name), number.digits(), max));
  }

  /// A list; one value alone is a list too.
  List<ConfigNode.Value> list(String name) throws CorruptImageException {
    return switch (nodes.get(name)) {
      case ConfigNode.Values values -> values.values();
      case ConfigNode.Value value -> List.of(value);
      case null, default -> throw missing(name, "a list");
    };
  }

  /// A list's strings; empty where there is none.
  List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    if (nodes.get(name) instanceof ConfigNode.Values values) {
      values.values().stream()
          .filter(ConfigNode.Text.class::isInstance)
          .map(value -> ((ConfigNode.Text) value).text())
          .forEach(texts::add);
    } else {
      findText(name).ifPresent(texts::add);
    }
    return texts;
  }

  private CorruptImageException missing(String name, String expected) {
    return new CorruptImageException(
        "LVM2: %s: expected %s".formatted(PlainName.of(pathOf(name)), expected));
  }
}
