package io.calco.fs.ntfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.Disk;
import io.calco.disk.bytes.LittleEndian;
import io.calco.fs.FileAttributes;
import io.calco.fs.FileDisk;
import io.calco.fs.FileTree;
import io.calco.fs.InMemory;
import io.calco.testkit.Oracle;
import io.calco.testkit.Shared;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A volume that a Windows made, with short names and shadow copies.
class WindowsTest {
  private static final FileAttributes ATTRIBUTES =
      FileAttributes.root(0755, Instant.ofEpochSecond(1_700_000_000));

  @TempDir(factory = InMemory.class)
  Path directory;

  private NtfsImage image() throws IOException {
    Path raw = directory.resolve("raw");
    Oracle.named("qemu-img")
        .run("convert", "-O", "raw", Shared.sample("dfvfs/vsstest.qcow2"), raw)
        .succeeds();
    return new NtfsImage(raw);
  }

  /// Sees what ntfs-3g sees, but for links: it takes short names for links.
  private static void compare(NtfsImage image) throws IOException {
    Map<String, String> ours = image.tree();
    ours.replaceAll((path, line) -> line.replaceFirst("links \\d+ ", ""));
    image.mounted(
        "ro",
        root -> {
          Map<String, String> theirs = FileTree.of(root);
          theirs.replaceAll((path, line) -> line.replaceFirst("links \\d+ ", ""));
          FileTree.assertSame(ours, theirs);
        });
  }

  @Test
  void isReadAndWritten() throws IOException {
    NtfsImage image = image();
    compare(image);
    image.check();
    image.write(fs -> {
      assertThat(fs.facts().uuid()).contains("C45E30FD5E30EA36");
      fs.delete("/another_file");
      fs.createDirectory("/made", ATTRIBUTES);
      for (int i = 0; i < 300; i++) {
        fs.write("/made/a file of ours " + i, new byte[i * 11], ATTRIBUTES);
      }
      assertThat(fs.extendedAttributes("/made/a file of ours 1")).containsKey("system.ntfs_acl");
      assertThat(fs.find("/another_file")).isEmpty();
      assertThat(fs.find("/ANOTHE~1")).isEmpty();
    });
    image.check();
    compare(image);
  }

  /// Its shadow copies name clusters by where they were: they are no more.
  @Test
  void isShrunk() throws IOException {
    NtfsImage image = image();
    Map<String, String> files = image.tree();
    long size = ShrinkTest.least(image);
    NtfsImage smaller = ShrinkTest.shrunk(image, size, directory.resolve("smaller"));
    smaller.check();
    FileTree.assertSame(files, smaller.tree());
    compare(smaller);
    try (Disk disk = FileDisk.readOnly(smaller.path())) {
      byte[] header = disk.readBytes(0x1E00, 0x38);
      assertThat(LittleEndian.s64(header, 0)).isEqualTo(0x4E48C176_3808876BL);
      assertThat(LittleEndian.s64(header, 0x30)).isZero();
    }
  }
}
