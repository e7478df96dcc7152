package io.calco.backup;

import io.calco.disk.CorruptImageException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// The packages that are installed in a disk. It is kept beside a point's record, as a part of its
/// own (`docs/format/restore-point.md`): listing points does not read it, and points that have the
/// same packages have it once.
///
/// @param manager `dpkg`, `rpm`, `apk`, `pacman`
/// @param installed in the manager's order; no more than [#MAX] packages
/// @param cut true when there were more
public record PackageList(String manager, List<Installed> installed, boolean cut) {
  /// Ours: a whole Debian has 65,000.
  public static final int MAX = 100_000;

  /// Ours: letters of a name, a version, an architecture.
  public static final int TEXT_MAX = 200;

  /// Ours: of the part, in bytes of UTF-8.
  static final int BYTES_MAX = 16 << 20;

  private static final String MAGIC = "calco-packages 1 ";
  private static final String CUT = " cut";

  private static final Comparator<Installed> NAMED =
      Comparator.comparing(Installed::name).thenComparing(Installed::architecture);

  /// Cuts what is too long, in itself or all together.
  public PackageList {
    manager = text(manager);
    long bytes = 0;
    List<Installed> kept = new ArrayList<>();
    for (Installed one : installed) {
      bytes += one.line().getBytes(StandardCharsets.UTF_8).length;
      if (kept.size() == MAX || bytes > BYTES_MAX - 1024) {
        cut = true;
        break;
      }
      kept.add(one);
    }
    installed = List.copyOf(kept);
  }

  /// A package. All text is as the guest had it, but for control characters and what is longer than
  /// [#TEXT_MAX].
  ///
  /// @param name as the manager calls it
  /// @param version as the manager prints it: `1:2.3-4`
  /// @param architecture in the manager's words; empty for none
  public record Installed(String name, String version, String architecture) {
    /// Cuts what is too long.
    public Installed {
      name = text(name);
      version = text(version);
      architecture = text(architecture);
    }

    private String line() {
      return name + '\t' + version + '\t' + architecture + '\n';
    }
  }

  private static String text(String guests) {
    String cut = guests.length() > TEXT_MAX ? guests.substring(0, TEXT_MAX) : guests;
    return cut.chars().anyMatch(Character::isISOControl)
        ? cut.replaceAll("\\p{Cntrl}|[\\x80-\\x9f]", "\uFFFD")
        : cut;
  }

  byte[] encode() {
    StringBuilder text = new StringBuilder(MAGIC).append(manager).append(cut ? CUT : "");
    text.append('\n');
    installed.forEach(one -> text.append(one.line()));
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  /// @param where what holds it, for messages
  static PackageList decode(String where, byte[] bytes) throws CorruptImageException {
    String[] lines = new String(bytes, StandardCharsets.UTF_8).split("\n", -1);
    if (!lines[0].startsWith(MAGIC) || !lines[lines.length - 1].isEmpty()) {
      throw new CorruptImageException(
          "%s: the list of packages is none that this Calco knows".formatted(where));
    }
    String manager = lines[0].substring(MAGIC.length());
    boolean cut = manager.endsWith(CUT);
    List<Installed> installed = new ArrayList<>();
    for (int i = 1; i < lines.length - 1; i++) {
      String[] words = lines[i].split("\t", -1);
      if (words.length != 3) {
        throw new CorruptImageException(
            "%s: the list of packages: line %d: found %d fields, expected 3"
                .formatted(where, i + 1, words.length));
      }
      installed.add(new Installed(words[0], words[1], words[2]));
    }
    return new PackageList(
        cut ? manager.substring(0, manager.length() - CUT.length()) : manager, installed, cut);
  }

  /// What became of a package.
  ///
  /// @param name of it
  /// @param architecture of it; empty for none
  /// @param before its version then; empty when it was added
  /// @param after its version now; empty when it was removed
  public record Change(
      String name, String architecture, Optional<String> before, Optional<String> after) {}

  /// What is not the same in a later list, by name and architecture. Of a package that is there in
  /// several versions, as kernels are, those that came and went are told.
  public List<Change> changes(PackageList later) {
    SortedMap<Installed, List<String>> gone = versions(later.installed(), installed);
    SortedMap<Installed, List<String>> come = versions(installed, later.installed());
    SortedSet<Installed> all = new TreeSet<>(NAMED);
    all.addAll(gone.keySet());
    all.addAll(come.keySet());
    List<Change> changes = new ArrayList<>();
    for (Installed key : all) {
      List<String> before = gone.getOrDefault(key, List.of());
      List<String> after = come.getOrDefault(key, List.of());
      for (int i = 0; i < Math.max(before.size(), after.size()); i++) {
        changes.add(new Change(key.name(), key.architecture(), find(before, i), find(after, i)));
      }
    }
    return changes;
  }

  private static Optional<String> find(List<String> versions, int index) {
    return index < versions.size() ? Optional.of(versions.get(index)) : Optional.empty();
  }

  /// The versions that one list has and another has not, by name and architecture.
  private static SortedMap<Installed, List<String>> versions(
      List<Installed> without, List<Installed> list) {
    Map<Installed, Integer> known = new HashMap<>();
    without.forEach(one -> known.merge(one, 1, Integer::sum));
    SortedMap<Installed, List<String>> versions = new TreeMap<>(NAMED);
    for (Installed one : list) {
      if (known.merge(one, -1, Integer::sum) < 0) {
        versions.computeIfAbsent(one, _ -> new ArrayList<>()).add(one.version());
      }
    }
    return versions;
  }
}
