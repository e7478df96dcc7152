import io.calco.disk.Disk;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.fs.DirectoryEntry;
import io.calco.fs.FileSystem;
import io.calco.fs.FileSystems;
import io.calco.fs.FileType;
import io.calco.volume.PartitionTable;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;

/// Times what is inside file systems, in one process, and prints the median in seconds.
///
/// `map IMAGE`: all runs of used blocks, opening included. `tree IMAGE[:PARTITION]`: every file read whole. `kernel DIRECTORY`: the
/// same of a mounted tree, by the JDK's own file access.
final class FileSystemBench {
  private static final int PASSES = Integer.getInteger("passes", 7);
  private static final byte[] BUFFER = new byte[1 << 18];
  private static long files;
  private static long bytes;

  interface Pass {
    void run() throws IOException;
  }

  public static void main(String[] words) throws IOException {
    double[] seconds = new double[PASSES];
    for (int i = 0; i < PASSES; i++) {
      files = 0;
      bytes = 0;
      long begin = System.nanoTime();
      pass(words);
      seconds[i] = (System.nanoTime() - begin) / 1e9;
    }
    Arrays.sort(seconds);
    System.out.printf("%.3f %d %d%n", seconds[PASSES / 2], files, bytes);
  }

  private static void pass(String[] words) throws IOException {
    if (words[0].equals("kernel")) {
      kernel(Path.of(words[1]));
      return;
    }
    String[] place = words[1].split(":");
    try (Image image = Image.open(Path.of(place[0]), ImageOptions.reading())) {
      Disk disk =
          place.length == 1
              ? image.disk()
              : PartitionTable.find(image.disk()).orElseThrow().find(Integer.parseInt(place[1])).orElseThrow().slice(image.disk());
      try (FileSystem fs = FileSystems.probe(disk).orElseThrow().openReadOnly(disk)) {
        if (words[0].equals("map")) {
          fs.usedRuns((_, length) -> {
            files++;
            bytes += length;
          });
        } else {
          tree(fs, "");
        }
      }
    }
  }

  private static void tree(FileSystem fs, String directory) throws IOException {
    for (DirectoryEntry entry : fs.list(directory.isEmpty() ? "/" : directory)) {
      String path = directory + "/" + entry.name();
      if (entry.type() == FileType.DIRECTORY) {
        tree(fs, path);
      } else if (entry.type() == FileType.REGULAR) {
        files++;
        int read;
        long at = 0;
        while ((read = fs.read(path, at, MemorySegment.ofArray(BUFFER))) > 0) {
          at += read;
        }
        bytes += at;
      }
    }
  }

  private static void kernel(Path root) throws IOException {
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path path : (Iterable<Path>) paths::iterator) {
        if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
          files++;
          try (InputStream in = Files.newInputStream(path)) {
            int read;
            while ((read = in.read(BUFFER)) > 0) {
              bytes += read;
            }
          }
        }
      }
    }
  }
}
