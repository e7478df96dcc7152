package io.calco.disk.ami;

import io.calco.disk.LocalFile;
import io.calco.disk.ami.MachineFile.Kind;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// A machine image in three files.
///
/// @param name what the file system's file is called, without its suffix
/// @param image the file system (`ami`)
/// @param kernel the kernel (`aki`); empty when none lies beside it
/// @param ramdisk the initial RAM disk (`ari`), which not every kernel needs
public record MachineImage(
    String name, MachineFile image, Optional<MachineFile> kernel, Optional<MachineFile> ramdisk) {

  /// Ours: files of a directory that are looked at.
  private static final int FILES_MAX = 4096;

  /// The machine images in a directory, by name: each file system without a partition table, with
  /// the kernel and the RAM disk whose names begin most like its own, or that are the only ones.
  /// Links are not followed.
  ///
  /// A file system beside which there is no kernel is no machine image of this kind.
  public static List<MachineImage> in(Path directory) throws IOException {
    return of(recognised(directory));
  }

  /// The machine image that a file is one of the three files of; it lies in the file's directory.
  public static Optional<MachineImage> containing(Path file) throws IOException {
    Path name = file.getFileName();
    if (name == null
        || !Files.isRegularFile(file)
        || MachineFile.recogniseOwning(name.toString(), LocalFile.open(file, false)).isEmpty()) {
      return Optional.empty();
    }
    return in(file.resolveSibling("")).stream()
        .filter(image -> image.files().stream().anyMatch(one -> one.name().equals(name.toString())))
        .findFirst();
  }

  /// Its files: the file system, the kernel, the RAM disk.
  public List<MachineFile> files() {
    List<MachineFile> files = new ArrayList<>();
    files.add(image);
    kernel.ifPresent(files::add);
    ramdisk.ifPresent(files::add);
    return files;
  }

  private static List<MachineFile> recognised(Path directory) throws IOException {
    List<Path> paths = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
      for (Path path : all) {
        if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
          paths.add(path);
        }
        if (paths.size() == FILES_MAX) {
          break;
        }
      }
    }
    List<MachineFile> files = new ArrayList<>();
    for (Path path : paths) {
      String name = path.getFileName().toString();
      MachineFile.recogniseOwning(name, LocalFile.open(path, false)).ifPresent(files::add);
    }
    files.sort(Comparator.comparing(MachineFile::name));
    return files;
  }

  /// The machine images that some files make.
  static List<MachineImage> of(List<MachineFile> files) {
    List<MachineImage> images = new ArrayList<>();
    for (MachineFile file : files) {
      if (file.kind() == Kind.AMI) {
        Optional<MachineFile> kernel = nearest(file, Kind.AKI, files);
        if (kernel.isPresent()) {
          images.add(
              new MachineImage(stem(file.name()), file, kernel, nearest(file, Kind.ARI, files)));
        }
      }
    }
    return images;
  }

  /// The file whose name begins most like the image's, unless it is more like another image's; the
  /// only one of its kind need not be like it at all.
  private static Optional<MachineFile> nearest(
      MachineFile image, Kind kind, List<MachineFile> files) {
    List<MachineFile> candidates =
        files.stream()
            .filter(file -> file.kind() == kind && !belongsToAnother(file, image, files))
            .toList();
    boolean only = files.stream().filter(file -> file.kind() == kind).count() == 1;
    return candidates.stream()
        .filter(file -> only || sharedStart(file.name(), image.name()) > 0)
        .max(Comparator.comparingInt((MachineFile file) -> sharedStart(file.name(), image.name())));
  }

  private static boolean belongsToAnother(
      MachineFile file, MachineFile image, List<MachineFile> files) {
    int shared = sharedStart(file.name(), image.name());
    return files.stream()
        .anyMatch(
            other -> other.kind() == Kind.AMI && sharedStart(file.name(), other.name()) > shared);
  }

  private static int sharedStart(String one, String other) {
    int length = 0;
    int most = Math.min(one.length(), other.length());
    while (length < most && one.charAt(length) == other.charAt(length)) {
      length++;
    }
    return length;
  }

  private static String stem(String name) {
    for (String suffix : List.of(".manifest.xml", ".img", ".ami", ".ext4", ".raw")) {
      if (name.endsWith(suffix)) {
        return name.substring(0, name.length() - suffix.length());
      }
    }
    return name;
  }
}
