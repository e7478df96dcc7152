package io.calco.backup.clonezilla;

import io.calco.disk.CorruptImageException;
import io.calco.disk.DiskException;
import io.calco.disk.JoinedFile;
import io.calco.disk.UnsupportedFeatureException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The files that hold what a partition or logical volume held.
///
/// @param fileSystem partclone's name for it: `ext4`, `ntfs` …, or `dd`
/// @param kind what the files hold, unpacked and joined
/// @param compression as the names end: `gz`, `zst`, `uncomp` …; empty where the names do not say
/// @param files in their order
record SavedStream(String fileSystem, Kind kind, Optional<String> compression, List<String> files) {
  private static final Pattern PARTCLONE =
      Pattern.compile("([A-Za-z0-9+_]+)-ptcl-img\\.([a-z0-9]+)(?:\\.([a-z]{2,4}))?");
  private static final Pattern OLD = Pattern.compile("([A-Za-z0-9+_]+)-img(?:\\.([a-z]{2,4}))?");

  /// Known to Clonezilla and not to us, with what unpacks them.
  private static final Map<String, String> FOREIGN =
      Map.of("lzo", "lzop", "lzma", "lzma", "lzip", "lzip", "lrz", "lrzip", "lrzip", "lrzip");

  /// What the files hold.
  enum Kind {
    /// The used blocks of a file system.
    PARTCLONE,
    /// Every byte.
    RAW
  }

  /// Copies the list.
  SavedStream {
    files = List.copyOf(files);
  }

  /// Looks for what a device held.
  ///
  /// @return empty when nothing of it was saved
  /// @throws DiskException when there is something that cannot be read
  static Optional<SavedStream> find(ImageDirectory directory, DeviceName device)
      throws IOException {
    Map<String, List<String>> found = new TreeMap<>();
    for (String file : directory.filesFrom(device.file() + ".")) {
      String rest = file.substring(device.file().length() + 1);
      Matcher partclone = PARTCLONE.matcher(rest);
      Matcher old = OLD.matcher(rest);
      if (partclone.matches()) {
        found.computeIfAbsent(stem(file, partclone.group(3)), x -> new ArrayList<>()).add(file);
      } else if (old.matches()) {
        found.computeIfAbsent(stem(file, old.group(2)), x -> new ArrayList<>()).add(file);
      }
    }
    if (found.size() > 1) {
      throw new CorruptImageException(
          "%s: %s is there twice: as %s"
              .formatted(directory.path(), device, String.join(" and as ", found.keySet())));
    }
    if (found.isEmpty()) {
      refusePartimage(directory, device);
      return Optional.empty();
    }
    Map.Entry<String, List<String>> only = found.entrySet().iterator().next();
    requireAll(directory, only.getKey(), only.getValue());
    return Optional.of(of(directory, device, only.getKey(), only.getValue()));
  }

  private static String stem(String file, String suffix) {
    return suffix == null ? file : file.substring(0, file.length() - suffix.length() - 1);
  }

  private static SavedStream of(
      ImageDirectory directory, DeviceName device, String stem, List<String> files)
      throws UnsupportedFeatureException {
    String rest = stem.substring(device.file().length() + 1);
    Matcher partclone = PARTCLONE.matcher(rest);
    if (partclone.matches()) {
      String compression = partclone.group(2);
      if (FOREIGN.containsKey(compression)) {
        throw new UnsupportedFeatureException(
            "%s: is compressed by %s, which Calco does not read; unpack it with that, to a name that ends in .uncomp"
                .formatted(directory.nameOf(files.getFirst()), FOREIGN.get(compression)));
      }
      String fileSystem = partclone.group(1);
      return new SavedStream(fileSystem, kind(fileSystem), Optional.of(compression), files);
    }
    Matcher old = OLD.matcher(rest);
    if (!old.matches() || old.group(1).equals("ntfs")) {
      throw new UnsupportedFeatureException(
          "%s: was saved by ntfsclone, whose images Calco does not read; restore it with ntfsclone"
              .formatted(directory.nameOf(files.getFirst())));
    }
    return new SavedStream(old.group(1), kind(old.group(1)), Optional.empty(), files);
  }

  private static Kind kind(String fileSystem) {
    return fileSystem.equals("dd") ? Kind.RAW : Kind.PARTCLONE;
  }

  /// Refuses a row of parts with a gap. That the last ones are missing shows when they are read.
  private static void requireAll(ImageDirectory directory, String stem, List<String> files)
      throws CorruptImageException {
    if (files.contains(stem)) {
      if (files.size() > 1) {
        throw new CorruptImageException(
            "%s: is there whole, and in parts such as %s"
                .formatted(directory.nameOf(stem), files.getLast()));
      }
      return;
    }
    String suffix = "a".repeat(files.getFirst().length() - stem.length() - 1);
    for (String file : files) {
      String expected = stem + "." + suffix;
      if (!file.equals(expected)) {
        throw new CorruptImageException(
            "%s: is missing, though %s is there".formatted(directory.nameOf(expected), file));
      }
      suffix = JoinedFile.suffixAfter(suffix).orElse(suffix);
    }
  }

  private static void refusePartimage(ImageDirectory directory, DeviceName device)
      throws UnsupportedFeatureException {
    for (String suffix : List.of("", ".000", ".aa")) {
      if (directory.has(device.file() + suffix)) {
        throw new UnsupportedFeatureException(
            "%s: was saved by partimage, whose images Calco does not read; restore it with partimage"
                .formatted(directory.nameOf(device.file() + suffix)));
      }
    }
  }

  /// The bytes that the files take.
  long packedSize(ImageDirectory directory) throws IOException {
    long sum = 0;
    for (String file : files) {
      sum += directory.size(file);
    }
    return sum;
  }
}
