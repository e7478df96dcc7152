package io.calco.guest.registry;

import io.calco.guest.Content;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;

/// What a hive should hold: keys by path, values as `type:hex`, in lower case of names.
final class HiveModel {
  private HiveModel() {}

  /// All keys of a hive with their values.
  static NavigableMap<String, NavigableMap<String, String>> of(Hive hive) throws IOException {
    NavigableMap<String, NavigableMap<String, String>> all = new TreeMap<>();
    add("", hive.root(), all);
    return all;
  }

  private static void add(
      String path, RegistryKey key, Map<String, NavigableMap<String, String>> all)
      throws IOException {
    NavigableMap<String, String> values = new TreeMap<>();
    for (RegistryValue value : key.values()) {
      values.put(value.name(), text(value.data()));
    }
    all.put(path, values);
    for (RegistryKey subkey : key.subkeys()) {
      add(path + "\\" + subkey.name(), subkey, all);
    }
  }

  static String text(RegistryData data) {
    return text(Integer.toHexString(data.type()), HexFormat.of().formatHex(data.encode()));
  }

  /// Long data by their length and sum, so that a failure can be read.
  private static String text(String type, String hex) {
    String shown = hex.length() <= 40 ? hex : hex.length() / 2 + " bytes " + hex.hashCode();
    return type + ":" + shown;
  }

  /// What `hivexregedit --export` prints.
  static NavigableMap<String, NavigableMap<String, String>> ofExport(String export) {
    NavigableMap<String, NavigableMap<String, String>> all = new TreeMap<>();
    NavigableMap<String, String> values = new TreeMap<>();
    for (String line : export.lines().toList()) {
      if (line.startsWith("[")) {
        String path = line.substring(1, line.lastIndexOf(']'));
        values = new TreeMap<>();
        all.put(path.equals("\\") ? "" : path, values);
      } else if (line.contains("=")) {
        int equals = line.indexOf('=', line.startsWith("\"") ? line.indexOf('"', 1) : 0);
        String name = line.startsWith("@") ? "" : line.substring(1, equals - 1);
        values.put(name, exported(line.substring(equals + 1)));
      }
    }
    return all;
  }

  private static String exported(String text) {
    if (text.startsWith("dword:")) {
      int number = Integer.parseUnsignedInt(text.substring(6), 16);
      return text(new RegistryData.Dword(number));
    }
    String type = text.substring(text.indexOf('(') + 1, text.indexOf(')'));
    return text(type, text.substring(text.indexOf(':') + 1).replace(",", ""));
  }

  static RegistryData anyData(Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> new RegistryData.Dword(random.nextInt());
      case 1 -> new RegistryData.Text("tëxt 漢 " + random.nextInt(1000));
      case 2 -> new RegistryData.ExpandableText("%SystemRoot%\\x" + random.nextInt());
      case 3 -> new RegistryData.TextList(List.of("a", "b" + random.nextInt()));
      case 4 -> new RegistryData.Qword(random.nextLong());
      case 5 -> new RegistryData.Other(0x3E8, bytes(random, random.nextInt(9)));
      case 6 -> new RegistryData.Binary(bytes(random, random.nextInt(3000)));
      default -> new RegistryData.Binary(bytes(random, random.nextInt(60_000)));
    };
  }

  private static Content bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return Content.of(bytes);
  }
}
