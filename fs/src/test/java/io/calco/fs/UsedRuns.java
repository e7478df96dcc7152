package io.calco.fs;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Disk;
import io.calco.disk.Extent;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// The runs of a file system that are in use: ours, and partclone's of the same to compare.
///
/// @param runs ascending, merged
public record UsedRuns(List<Run> runs) {

  /// One run, in bytes.
  public record Run(long offset, long length) {}

  /// What our code says; asserts that the runs ascend and do not touch.
  public static UsedRuns of(FileSystem fs) throws IOException {
    List<Run> runs = new ArrayList<>();
    fs.usedRuns((offset, length) -> {
      assertThat(length).isPositive();
      assertThat(offset).isGreaterThan(runs.isEmpty() ? -1 : end(runs.getLast()));
      runs.add(new Run(offset, length));
    });
    return new UsedRuns(runs);
  }

  private static long end(Run run) {
    return run.offset() + run.length();
  }

  /// What `partclone.<family>` takes along.
  public static UsedRuns ofPartclone(String family, Path image) throws IOException {
    Path clone = image.resolveSibling(image.getFileName() + ".partclone");
    Path log = image.resolveSibling("partclone.log");
    Oracle.named("partclone." + family)
        .run("-c", "-s", image, "-O", clone, "-L", log, "-q")
        .succeeds();
    List<Run> runs = new ArrayList<>();
    try (Image opened = Image.open(clone, ImageOptions.reading())) {
      Disk disk = opened.disk();
      for (long at = 0; at < disk.size(); ) {
        Extent extent = disk.extentAt(at, disk.size() - at);
        if (extent.allocated()) {
          runs.add(new Run(at, extent.length()));
        }
        at = extent.end();
      }
    }
    Files.delete(clone);
    return new UsedRuns(runs);
  }

  /// Asserts that both are the same up to a place.
  public void assertSame(UsedRuns other, long end) {
    assertThat(cut(end)).isEqualTo(other.cut(end));
  }

  private List<Run> cut(long end) {
    return runs.stream()
        .filter(run -> run.offset() < end)
        .map(run -> new Run(run.offset(), Math.min(run.length(), end - run.offset())))
        .toList();
  }

  /// Copies only these runs of an image into an empty file of its size.
  public Path copy(Path image) throws IOException {
    Path copy = image.resolveSibling(image.getFileName() + ".copy");
    try (FileChannel in = FileChannel.open(image);
        FileChannel out =
            FileChannel.open(copy, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (Run run : runs) {
        out.position(run.offset());
        long done = 0;
        while (done < run.length()) {
          done += in.transferTo(run.offset() + done, run.length() - done, out);
        }
      }
      if (out.size() < in.size()) {
        out.write(java.nio.ByteBuffer.allocate(1), in.size() - 1);
      }
    }
    return copy;
  }
}
