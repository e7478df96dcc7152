package io.calco.engine.backup;

import io.calco.backup.clonezilla.ClonezillaImage;
import io.calco.backup.clonezilla.SavedDisk;
import io.calco.backup.clonezilla.SavedPartition;
import io.calco.backup.windows.WindowsBackup;
import io.calco.backup.windows.WindowsImageFolder;
import io.calco.backup.windows.WindowsVolume;
import io.calco.disk.DiskException;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.clonezilla.ClonezillaSets;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Finds what can be taken in: in a file, a directory that a backup program left, or a directory
/// that holds such files and directories. Reads texts and heads alone.
///
/// Confined.
final class ForeignDisks {
  private static final int ENTRIES_MAX = 10_000; // ours

  /// Endings of raw images, which have no marks to be known by.
  private static final Set<String> RAW_ENDINGS = Set.of("img", "raw", "dd", "iso", "001");

  private final ImageOptions opening;
  private final List<ForeignDisk> disks = new ArrayList<>();
  private final List<String> notUnderstood = new ArrayList<>();

  private ForeignDisks(ImageOptions opening) {
    this.opening = opening.with(Access.METADATA);
  }

  /// What was found.
  ///
  /// @param disks those of one set together
  /// @param notUnderstood a line for each thing that is none, or cannot be read
  record Found(List<ForeignDisk> disks, List<String> notUnderstood) {
    Found {
      disks = List.copyOf(disks);
      notUnderstood = List.copyOf(notUnderstood);
    }
  }

  /// Looks.
  ///
  /// @param opening how images of files are opened
  /// @throws OperationException UNSUPPORTED when there is nothing at all to be taken
  static Found find(Path source, ImageOptions opening) throws IOException {
    ForeignDisks search = new ForeignDisks(opening);
    search.look(source);
    if (search.disks.isEmpty()) {
      throw new OperationException(
          Kind.UNSUPPORTED,
          search.notUnderstood.isEmpty()
              ? source + ": holds nothing that could be imported"
              : String.join("; ", search.notUnderstood),
          "what can be: Clonezilla's image directories, WindowsImageBackup folders, disk images");
    }
    return new Found(search.disks, search.notUnderstood);
  }

  private void look(Path source) throws IOException {
    if (Files.isDirectory(source)) {
      if (!addFolder(source)) {
        addEntries(source);
      }
    } else if (Image.isInDirectory(source)) {
      addMember(source);
    } else if (Files.exists(source)) {
      addImage(source);
    } else {
      throw new NoSuchFileException(source.toString());
    }
  }

  /// Takes a directory that a program left as one; false when it is none.
  private boolean addFolder(Path directory) throws IOException {
    if (ClonezillaImage.isIn(directory)) {
      addClonezilla(directory);
      return true;
    }
    if (WindowsImageFolder.isIn(directory)) {
      addWindows(directory);
      return true;
    }
    return false;
  }

  /// `DIRECTORY#DISK`: that disk alone, or, of a partition, its content as an image.
  private void addMember(Path source) throws IOException {
    String text = source.toString();
    addClonezilla(Path.of(text.substring(0, text.lastIndexOf('#'))));
    disks.removeIf(disk -> !disk.place().equals(source));
    if (disks.isEmpty()) {
      addImage(source);
    }
  }

  private void addEntries(Path directory) throws IOException {
    List<Path> all = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        if (all.size() == ENTRIES_MAX) {
          throw new OperationException(
              Kind.LIMIT, "%s: more than %d entries (our limit)".formatted(directory, ENTRIES_MAX));
        }
        all.add(entry);
      }
    } catch (java.nio.file.DirectoryIteratorException e) {
      throw e.getCause();
    }
    all.sort(Comparator.naturalOrder());
    for (Path entry : all) {
      addEntry(entry);
    }
  }

  private void addEntry(Path entry) throws IOException {
    try {
      if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
        if (!addFolder(entry)) {
          notUnderstood.add(entry + ": is no directory of a backup program that is known");
        }
      } else if (!Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
        notUnderstood.add(entry + ": is no plain file");
      } else if (isImage(entry)) {
        addImage(entry);
      } else {
        notUnderstood.add(
            entry + ": is no image by its marks; if it is a raw one, name it by itself");
      }
    } catch (DiskException e) {
      notUnderstood.add(String.valueOf(OperationException.of(e).getMessage()));
    }
  }

  private boolean isImage(Path file) throws IOException {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    if (RAW_ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1))) {
      return true;
    }
    try (Image image = Image.open(file, opening)) {
      return !image.format().equals("raw");
    }
  }

  private void addClonezilla(Path directory) throws IOException {
    ClonezillaSets.Facts facts;
    try {
      facts = ClonezillaSets.show(directory);
    } catch (DiskException e) {
      notUnderstood.add(String.valueOf(e.getMessage()));
      return;
    }
    String name = nameOf(directory);
    Instant created =
        facts.created().isPresent()
            ? facts.created().get().atZone(ZoneId.systemDefault()).toInstant()
            : Files.getLastModifiedTime(directory.resolve("parts")).toInstant();
    for (SavedDisk disk : facts.disks()) {
      List<String> identity = new ArrayList<>();
      identity.add(facts.created().map(String::valueOf).orElse(""));
      identity.add(disk.name());
      identity.add(String.valueOf(disk.size()));
      for (SavedPartition partition : disk.partitions()) {
        identity.add(partition.device());
        identity.addAll(partition.files());
        identity.add(String.valueOf(partition.packedSize()));
      }
      disks.add(
          new ForeignDisk(
              Path.of(directory + "#" + disk.name()),
              ForeignDisk.Kind.CLONEZILLA,
              Optional.empty(),
              directory,
              name,
              Optional.empty(),
              created,
              Optional.of(facts.disks().size() == 1 ? name : name + " " + disk.name()),
              facts.command(),
              identity));
    }
  }

  private void addWindows(Path directory) throws IOException {
    WindowsImageFolder folder = WindowsImageFolder.list(directory);
    notUnderstood.addAll(folder.notUnderstood());
    for (WindowsBackup backup : folder.backups()) {
      for (WindowsVolume volume : backup.volumes()) {
        disks.add(
            new ForeignDisk(
                volume.file(),
                ForeignDisk.Kind.WINDOWS_IMAGE_BACKUP,
                Optional.of(volume.format()),
                backup.directory(),
                backup.computer(),
                Optional.of(backup.computer()),
                backup.created(),
                Optional.of(volume.name()),
                volume.guid().map(guid -> "Volume{" + guid + "}"),
                List.of(
                    backup.computer(),
                    backup.created().toString(),
                    nameOf(volume.file()),
                    String.valueOf(Files.size(volume.file())))));
      }
    }
  }

  private void addImage(Path file) throws IOException {
    String name = nameOf(file);
    String stem = name.replaceFirst("(?<=.)[.].*", "");
    Instant changed = changed(file);
    long size;
    try (Image image = Image.open(file, opening)) {
      size = image.disk().size();
    }
    disks.add(
        new ForeignDisk(
            file,
            ForeignDisk.Kind.IMAGE,
            opening.format(),
            file,
            stem,
            Optional.empty(),
            changed,
            Optional.of(name),
            Optional.empty(),
            List.of(
                name,
                String.valueOf(size),
                changed.toString(),
                opening.snapshot().orElse(""),
                opening.member().orElse(""))));
  }

  private static Instant changed(Path file) throws IOException {
    String text = file.toString();
    Path there =
        Files.exists(file) ? file : Path.of(text.substring(0, Math.max(0, text.lastIndexOf('#'))));
    return Files.getLastModifiedTime(there).toInstant();
  }

  private static String nameOf(Path path) {
    Path name = path.toAbsolutePath().normalize().getFileName();
    return name == null ? path.toString() : name.toString();
  }
}
