package io.calco.engine.images;

import io.calco.disk.DiskException;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The directory in which a hypervisor keeps its disks.
public final class ImagePool {
  /// Where libvirt keeps them.
  public static final String LIBVIRT = "/var/lib/libvirt/images";

  /// Ours; files of a directory that are looked at.
  private static final int FILES_MAX = 10_000;

  private ImagePool() {}

  /// The disks of a pool, by name: those that are named, or all that no other one of them rests on.
  ///
  /// @param names of files in the directory
  /// @throws OperationException NOT_FOUND when there is no such directory or file, or no disk
  public static List<ImportSource> disks(Path directory, List<String> names) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new OperationException(
          Kind.NOT_FOUND,
          directory + ": is no directory",
          "name the pool's with --pool, as virsh pool-dumpxml tells");
    }
    List<Path> chosen = new ArrayList<>();
    for (String name : names) {
      Path file = directory.resolve(name);
      boolean within = Path.of(name).getNameCount() == 1 && !Path.of(name).isAbsolute();
      if (!within || !Files.isRegularFile(file)) {
        throw new OperationException(
            Kind.NOT_FOUND, "%s: has no disk %s".formatted(directory, name));
      }
      chosen.add(file);
    }
    List<Path> disks = names.isEmpty() ? tops(directory) : chosen;
    if (disks.isEmpty()) {
      throw new OperationException(Kind.NOT_FOUND, directory + ": holds no disks");
    }
    return disks.stream().<ImportSource>map(ImportSource.Pool::new).toList();
  }

  private static List<Path> tops(Path directory) throws IOException {
    List<Path> disks = new ArrayList<>();
    Set<Path> below = new HashSet<>();
    int looked = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        if (++looked > FILES_MAX) {
          throw new OperationException(
              Kind.LIMIT,
              "%s: has more than %d files (our limit); name the disks"
                  .formatted(directory, FILES_MAX));
        }
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
          continue;
        }
        try (Image image = Image.open(file, ImageOptions.reading().with(Access.METADATA))) {
          disks.add(file);
          image
              .info()
              .backing()
              .ifPresent(under -> below.add(file.resolveSibling(under.name()).normalize()));
        } catch (DiskException | EOFException noDisk) {
          // as some other file is that lies there
        }
      }
    }
    disks.removeIf(disk -> below.contains(disk.normalize()));
    disks.sort(null);
    return disks;
  }
}
