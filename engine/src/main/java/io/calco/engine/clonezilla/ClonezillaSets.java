package io.calco.engine.clonezilla;

import io.calco.backup.clonezilla.ClonezillaImage;
import io.calco.backup.clonezilla.ClonezillaOptions;
import io.calco.backup.clonezilla.ClonezillaPlan;
import io.calco.backup.clonezilla.ClonezillaReport;
import io.calco.backup.clonezilla.ClonezillaWriter;
import io.calco.backup.clonezilla.SavedDisk;
import io.calco.backup.clonezilla.SavedPartition;
import io.calco.disk.DiskException;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import io.calco.disk.JobContext;
import io.calco.engine.OperationException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Clonezilla image directories. Stateless.
public final class ClonezillaSets {
  private static final int ENTRIES_MAX = 10_000; // ours, of a repository's directory
  private static final DateTimeFormatter CREATED =
      DateTimeFormatter.ofPattern("uuuu-MMdd-HHmm", Locale.ROOT);

  private ClonezillaSets() {}

  /// What an image directory says of itself.
  ///
  /// @param directory where it is
  /// @param created when it was saved, in that machine's own time
  /// @param command that saved it
  /// @param disks in it
  /// @param logicalVolumes of LVM2 in it
  /// @param sumFiles lists of its files' sums
  /// @param packedSize bytes that it takes
  public record Facts(
      Path directory,
      Optional<LocalDateTime> created,
      Optional<String> command,
      List<SavedDisk> disks,
      List<SavedPartition> logicalVolumes,
      List<String> sumFiles,
      long packedSize) {

    /// Copies the lists.
    public Facts {
      disks = List.copyOf(disks);
      logicalVolumes = List.copyOf(logicalVolumes);
      sumFiles = List.copyOf(sumFiles);
    }
  }

  /// A directory that was found.
  ///
  /// @param directory where it is
  /// @param facts what it says; empty when it cannot be read
  /// @param unreadable why
  public record Found(Path directory, Optional<Facts> facts, Optional<String> unreadable) {}

  /// The images in a directory, or the one that it is, by name. Those that cannot be read are among
  /// them.
  ///
  /// @throws NoSuchFileException when there is no such directory
  public static List<Found> list(Path directory) throws IOException {
    if (ClonezillaImage.isIn(directory)) {
      return List.of(found(directory));
    }
    List<Path> images = new ArrayList<>();
    int seen = 0;
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        if (++seen > ENTRIES_MAX) {
          throw new OperationException(
              OperationException.Kind.LIMIT,
              "%s: more than %d entries (our limit)".formatted(directory, ENTRIES_MAX));
        }
        if (ClonezillaImage.isIn(entry)) {
          images.add(entry);
        }
      }
    }
    images.sort(Comparator.naturalOrder());
    List<Found> all = new ArrayList<>();
    for (Path image : images) {
      all.add(found(image));
    }
    return all;
  }

  private static Found found(Path directory) throws IOException {
    try {
      return new Found(directory, Optional.of(show(directory)), Optional.empty());
    } catch (DiskException e) {
      return new Found(directory, Optional.empty(), Optional.of(String.valueOf(e.getMessage())));
    }
  }

  /// What an image says of itself.
  public static Facts show(Path directory) throws IOException {
    try (ClonezillaImage image = open(directory)) {
      return new Facts(
          directory,
          image.created().flatMap(ClonezillaSets::time),
          image.command(),
          image.disks(),
          image.logicalVolumes(),
          image.sumFiles(),
          image.packedSize());
    }
  }

  private static ClonezillaImage open(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      throw new NoSuchFileException(directory.toString(), null, "no such directory");
    }
    return ClonezillaImage.open(directory);
  }

  private static Optional<LocalDateTime> time(String text) {
    try {
      return Optional.of(LocalDateTime.parse(text, CREATED));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  /// Reads all of an image and compares it with its sums and checksums.
  public static ClonezillaReport verify(Path directory, JobContext job) throws IOException {
    try (ClonezillaImage image = open(directory)) {
      return image.verify(job);
    }
  }

  /// Tells what [#create] would save; writes nothing.
  ///
  /// @param source a disk's image, or a device
  public static ClonezillaPlan plan(Path source, ImageOptions opening, ClonezillaOptions how)
      throws IOException {
    try (Image image = Image.open(source, opening.with(Access.READ))) {
      return ClonezillaWriter.plan(image.disk(), how);
    }
  }

  /// Saves a disk to a new directory that Clonezilla restores.
  ///
  /// @param source a disk's image, or a device
  /// @return what was saved otherwise than might be expected, a sentence each
  public static List<String> create(
      Path source, ImageOptions opening, Path target, ClonezillaOptions how, JobContext job)
      throws IOException {
    try (Image image = Image.open(source, opening.with(Access.READ))) {
      return ClonezillaWriter.write(image.disk(), target, how, Instant.now(), job);
    }
  }
}
