package io.calco.fs.xfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.Disk;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.fs.FileDisk;
import io.calco.fs.FileTree;
import io.calco.fs.InMemory;
import io.calco.fs.Mounted;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// File systems without their free end, judged by xfs_repair and by the kernel, which finds every
/// file as it was, fills them up, and grows them again.
class ShrinkTest {
  private static final long MIB = 1 << 20;

  private static final String FILL =
      """
      for d in $(seq 12); do mkdir d$d; for i in $(seq 20); do
        head -c $((d * i * 211)) /dev/urandom > "d$d/file $i"; done; done
      head -c 20000000 /dev/urandom > big; cp --reflink=auto big copy; rm -r d3
      ln big hard; ln -s big soft; truncate -s 9M sparse; setfattr -n user.x -v y d1
      """;

  @TempDir(factory = InMemory.class)
  Path directory;

  private XfsImage filled(String options) throws IOException {
    XfsImage image = XfsImage.make(directory, 400, options.split(" "));
    try (Mounted mounted = image.mount("rw")) {
      mounted.shell(FILL);
    }
    return image;
  }

  private static Map<String, String> kernelsTree(XfsImage image) throws IOException {
    try (Mounted mounted = image.mount("ro")) {
      return FileTree.of(mounted.path());
    }
  }

  private static long least(XfsImage image) throws IOException {
    try (Disk disk = FileDisk.readOnly(image.path())) {
      return new XfsFileSystemType().leastSize(disk);
    }
  }

  private XfsImage shrunk(XfsImage image, long size) throws IOException {
    Path path = Files.createTempFile(directory, "shrunk", ".img");
    try (Disk disk = FileDisk.readOnly(image.path());
        Disk shrunk = new XfsFileSystemType().shrunk(disk, size);
        OutputStream out = Files.newOutputStream(path)) {
      assertThat(shrunk.size()).isBetween(size - 4095, size);
      for (long at = 0; at < shrunk.size(); at += MIB) {
        out.write(shrunk.readBytes(at, (int) Math.min(MIB, shrunk.size() - at)));
      }
    }
    return new XfsImage(path);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-m reflink=1",
        "-m reflink=0,finobt=0 -b size=1024",
        "-m bigtime=1,inobtcount=1 -d agcount=5 -s size=4096 -l size=64m"
      })
  void theFreeEndGoes(String options) throws IOException {
    XfsImage image = filled(options);
    Map<String, String> files = kernelsTree(image);
    Path untouched = Files.copy(image.path(), directory.resolve("untouched"));
    long least = least(image);
    assertThat(least).isLessThan(380 * MIB);
    XfsImage at = image;
    for (long size : new long[] {390 * MIB + 512, least}) {
      at = shrunk(at, size); // from what was shrunk before
      at.check();
      FileTree.assertSame(files, kernelsTree(at));
    }
    assertThat(Files.mismatch(image.path(), untouched)).isEqualTo(-1);
    assertThatThrownBy(() -> shrunk(image, least - MIB)).isInstanceOf(LimitExceededException.class);
    try (Mounted mounted = at.mount("rw")) {
      mounted.shell("head -c 900M /dev/zero > full || true; rm d1/*; sync -f .; rm full");
    }
    at.check();
    try (RandomAccessFile larger = new RandomAccessFile(at.path().toFile(), "rw")) {
      larger.setLength(600 * MIB);
    }
    try (Mounted mounted = at.mount("rw")) {
      mounted.shell("xfs_growfs . > /dev/null; cp big more; fallocate -l 200M aside");
    }
    at.check();
  }

  @Test
  void whatIsNotWrittenIsRefused() throws IOException {
    XfsImage image = XfsImage.make(directory, 400, "-m", "rmapbt=1");
    assertThatThrownBy(() -> least(image))
        .isInstanceOf(UnsupportedFeatureException.class)
        .hasMessageContaining("rmapbt");
  }
}
