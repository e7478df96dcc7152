package io.calco.backup.windows;

import io.calco.disk.DiskException;
import io.calco.disk.LimitExceededException;
import io.calco.disk.OpenPolicy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.format.ResolverStyle;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A folder of Windows' image backups: `WindowsImageBackup`, that of one computer in it, or one
/// backup.
///
/// @param backups the oldest first
/// @param notUnderstood a line for each thing in it that is none of what such a folder has, or
///   lacks something
public record WindowsImageFolder(List<WindowsBackup> backups, List<String> notUnderstood) {
  private static final int ENTRIES_MAX = 10_000; // ours
  private static final int TEXT_MAX = 1 << 20; // ours; real ones have a kilobyte
  private static final String SPECS = "BackupSpecs.xml";
  private static final Pattern BACKUP =
      Pattern.compile("Backup (\\d{4}-\\d{2}-\\d{2} \\d{6})", Pattern.CASE_INSENSITIVE);
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HHmmss", Locale.ROOT)
          .withResolverStyle(ResolverStyle.STRICT);
  private static final Pattern VOLUME = Pattern.compile("(?i)(.+)\\.(vhdx?)");
  private static final Pattern GUID =
      Pattern.compile("(?i)\\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})}?");
  private static final Pattern DOCUMENT = Pattern.compile("(?i).*\\.(xml|log|etl)");
  private static final Set<String> COMPUTER_PARTS =
      Set.of("catalog", "sppmetadatacache", "mediaid", "mediaid.bin", "logs", "metadata");

  /// Copies the lists.
  public WindowsImageFolder {
    backups = List.copyOf(backups);
    notUnderstood = List.copyOf(notUnderstood);
  }

  /// True when a directory looks like one, on any of the three levels.
  public static boolean isIn(Path directory) throws IOException {
    return isBackup(directory) || isComputer(directory) || isRoot(directory);
  }

  private static boolean isBackup(Path directory) {
    return begun(directory).isPresent() && isDirectory(directory);
  }

  private static boolean isComputer(Path directory) throws IOException {
    return isDirectory(directory)
        && entries(directory).stream().anyMatch(WindowsImageFolder::isBackup);
  }

  private static boolean isRoot(Path directory) throws IOException {
    if (!isDirectory(directory)
        || !nameOf(directory.toAbsolutePath().normalize()).equalsIgnoreCase("WindowsImageBackup")) {
      return false;
    }
    for (Path entry : entries(directory)) {
      if (isComputer(entry)) {
        return true;
      }
    }
    return false;
  }

  /// What is in it.
  ///
  /// @throws LimitExceededException when a directory has more entries than anybody needs
  public static WindowsImageFolder list(Path directory) throws IOException {
    List<WindowsBackup> backups = new ArrayList<>();
    List<String> odd = new ArrayList<>();
    if (isBackup(directory)) {
      addBackup(directory, backups, odd);
    } else if (isComputer(directory)) {
      addComputer(directory, backups, odd);
    } else {
      for (Path entry : entries(directory)) {
        if (isComputer(entry)) {
          addComputer(entry, backups, odd);
        } else if (!COMPUTER_PARTS.contains(nameOf(entry).toLowerCase(Locale.ROOT))) {
          odd.add(printable(entry) + ": is no computer's backups");
        }
      }
    }
    backups.sort(
        Comparator.comparing(WindowsBackup::created).thenComparing(WindowsBackup::directory));
    return new WindowsImageFolder(backups, odd);
  }

  private static void addComputer(Path directory, List<WindowsBackup> backups, List<String> odd)
      throws IOException {
    for (Path entry : entries(directory)) {
      if (isBackup(entry)) {
        addBackup(entry, backups, odd);
      } else if (!COMPUTER_PARTS.contains(nameOf(entry).toLowerCase(Locale.ROOT))) {
        odd.add(printable(entry) + ": is no backup of Windows");
      }
    }
  }

  private static void addBackup(Path directory, List<WindowsBackup> backups, List<String> odd)
      throws IOException {
    Map<String, Path> files = new HashMap<>();
    for (Path entry : entries(directory)) {
      String name = nameOf(entry);
      if (!Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
        odd.add(printable(entry) + ": is no plain file");
      } else if (VOLUME.matcher(name).matches()) {
        Path other = files.putIfAbsent(stem(name), entry);
        if (other != null) {
          odd.add("%s: is the volume of %s again".formatted(printable(entry), nameOf(other)));
        }
      } else if (!DOCUMENT.matcher(name).matches()) {
        odd.add(printable(entry) + ": is no volume and no document of a backup");
      }
    }
    List<WindowsVolume> volumes = new ArrayList<>();
    specs(directory, odd)
        .forEach((guid, told) -> {
          Path file = files.remove(guid);
          if (file == null) {
            odd.add(
                "%s: names the volume %s, whose file is not there"
                    .formatted(
                        printable(directory.resolve(SPECS)), told.path().orElse("{" + guid + "}")));
          } else {
            volumes.add(volume(file, told));
          }
        });
    files.values().stream()
        .sorted()
        .forEach(file ->
            volumes.add(volume(file, new BackupSpecs.Volume(Optional.empty(), Optional.empty()))));
    if (volumes.isEmpty()) {
      odd.add(printable(directory) + ": holds no volume");
      return;
    }
    Path parent = directory.toAbsolutePath().normalize().getParent();
    backups.add(
        new WindowsBackup(
            directory,
            parent == null ? "" : nameOf(parent),
            begun(directory).orElseThrow(),
            volumes));
  }

  /// What the text tells; nothing where it is not there or cannot be read.
  private static SequencedMap<String, BackupSpecs.Volume> specs(Path directory, List<String> odd)
      throws IOException {
    Path file = directory.resolve(SPECS);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      odd.add(printable(file) + ": is missing; nothing tells the volumes' letters");
      return new java.util.LinkedHashMap<>();
    }
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      byte[] xml = in.readNBytes(TEXT_MAX + 1);
      if (xml.length > TEXT_MAX) {
        throw new LimitExceededException(
            "%s: more than %d bytes (our limit)".formatted(printable(file), TEXT_MAX));
      }
      return BackupSpecs.read(printable(file), xml);
    } catch (DiskException e) {
      odd.add(String.valueOf(e.getMessage()));
      return new java.util.LinkedHashMap<>();
    }
  }

  private static WindowsVolume volume(Path file, BackupSpecs.Volume told) {
    String name = nameOf(file);
    Matcher guid = GUID.matcher(stem(name));
    return new WindowsVolume(
        file,
        name.toLowerCase(Locale.ROOT).endsWith("x") ? "vhdx" : "vpc",
        guid.matches() ? Optional.of(guid.group(1)) : Optional.empty(),
        told.path(),
        told.label());
  }

  /// A volume's name of its file's: lower case, without ending and braces.
  private static String stem(String file) {
    String bare = file.substring(0, file.lastIndexOf('.'));
    Matcher guid = GUID.matcher(bare);
    return (guid.matches() ? guid.group(1) : bare).toLowerCase(Locale.ROOT);
  }

  /// When a backup began, by its folder's name.
  private static Optional<Instant> begun(Path directory) {
    Matcher name = BACKUP.matcher(nameOf(directory.toAbsolutePath().normalize()));
    if (!name.matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(LocalDateTime.parse(name.group(1), TIME).toInstant(ZoneOffset.UTC));
    } catch (DateTimeParseException noTime) {
      return Optional.empty();
    }
  }

  private static boolean isDirectory(Path path) {
    return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
  }

  private static List<Path> entries(Path directory) throws IOException {
    List<Path> all = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        if (all.size() == ENTRIES_MAX) {
          throw new LimitExceededException(
              "%s: more than %d entries (our limit)".formatted(printable(directory), ENTRIES_MAX));
        }
        all.add(entry);
      }
    } catch (java.nio.file.DirectoryIteratorException e) {
      throw e.getCause();
    }
    all.sort(Comparator.naturalOrder());
    return all;
  }

  private static String nameOf(Path path) {
    return String.valueOf(path.getFileName());
  }

  private static String printable(Path path) {
    return path.resolveSibling(OpenPolicy.printable(nameOf(path))).toString();
  }
}
