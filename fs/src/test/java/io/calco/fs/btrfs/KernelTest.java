package io.calco.fs.btrfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.fs.FileTree;
import io.calco.fs.InMemory;
import io.calco.fs.Mounted;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// We read what the kernel wrote, and read it as it does.
class KernelTest {
  @TempDir(factory = InMemory.class)
  Path directory;

  /// Files of all kinds, of which some share extents and some were overwritten within packed ones.
  private static final String FILL =
      """
      mkdir -p dirs/a/b/c
      printf small > small
      : > empty
      yes 'words that pack' | head -c 1900 > inline
      head -c 3000000 /dev/urandom > random
      yes 'some text that packs well' | head -c 3000000 > text
      seq 1 150000 > numbers
      chmod 4755 small; chown 1000:65534 inline; chmod 1777 dirs
      touch -h -d '1931-02-03 04:05:06.789' small; touch -d '2150-01-01' inline
      ln -s /some/where link; ln -s $(printf 'x%.0s' {1..3000}) longlink
      ln numbers hard; ln numbers dirs/a/hard
      mknod null c 1 3; mknod block b 7 0; mkfifo fifo
      sync -f .
      cp --reflink=always numbers shared
      xfs_io -c 'reflink text 40960 8192 65536' shared
      printf XXXX | dd of=text bs=1 seek=1000000 conv=notrunc status=none
      printf YYYY | dd of=numbers bs=4096 seek=33 conv=notrunc status=none
      fallocate -l 1M setaside
      printf written | dd of=setaside bs=4096 seek=9 conv=notrunc status=none
      truncate -s 10M sparse
      head -c 5000 /dev/urandom | dd of=sparse bs=4096 seek=500 conv=notrunc status=none
      fallocate -p -o 8192 -l 65536 shared
      truncate -s 1234567 random
      printf 'grows later' > grown; sync -f .; truncate -s 30000 grown
      """;

  private static final String SUBVOLUMES =
      """
      btrfs -q subvolume create sub
      echo in it > sub/file; mkdir sub/dir; cp --reflink=always text sub/dir/text
      btrfs -q subvolume create sub/dir/inner
      echo inner > sub/dir/inner/file
      btrfs -q subvolume snapshot . snapshot
      btrfs -q subvolume snapshot -r sub dirs/readonly
      echo changed > sub/file; rm sub/dir/text
      btrfs -q subvolume create gone; echo x > gone/x; btrfs -q subvolume delete gone
      """;

  private static void fill(Mounted mounted) throws IOException {
    Path many = Files.createDirectory(mounted.path().resolve("many"));
    for (int i = 1; i <= 2000; i++) {
      Files.createFile(many.resolve("file with a name " + i));
    }
    for (int i = 3; i <= 2000; i += 7) {
      Files.delete(many.resolve("file with a name " + i));
    }
    mounted.shell(FILL);
    byte[] value = new byte[3000];
    new Random(1).nextBytes(value);
    for (String name : new String[] {"small", "dirs"}) {
      var view =
          Files.getFileAttributeView(
              mounted.path().resolve(name), UserDefinedFileAttributeView.class);
      view.write("short", ByteBuffer.wrap(value, 0, 10));
      view.write("long", ByteBuffer.wrap(value));
    }
    mounted.shell(SUBVOLUMES);
  }

  @ParameterizedTest
  @CsvSource({
    "-m dup -d single, rw",
    "-O no-holes -R free-space-tree --csum xxhash, 'rw,compress-force=zlib'",
    "--csum sha256 -n 4096, 'rw,compress-force=zstd'",
    "--csum blake2 -n 65536, 'rw,compress-force=lzo'",
    "-O ^no-holes -R ^free-space-tree -d dup, 'rw,compress-force=zstd:15,max_inline=4095'",
    "--mixed, 'rw,compress-force=lzo'"
  })
  void readsWhatTheKernelWrote(String make, String mount) throws IOException {
    BtrfsImage image = BtrfsImage.make(directory, 300, make.split(" "));
    try (Mounted mounted = image.mount(mount)) {
      fill(mounted);
    }
    compare(image);
  }

  /// Asserts that the kernel sees what we see.
  private static void compare(BtrfsImage image) throws IOException {
    Map<String, String> ours = new TreeMap<>();
    image.read(fs -> {
      ours.putAll(FileTree.of(fs));
      assertThat(fs.facts().clean()).isTrue();
    });
    assertThat(ours).hasSizeGreaterThan(3000);
    try (Mounted mounted = image.mount("ro")) {
      Map<String, String> theirs = FileTree.of(mounted.path());
      // What stands for a subvolume that a snapshot did not take along was changed "now".
      for (String path : List.of("/dirs/readonly/dir/inner", "/snapshot/sub")) {
        assertThat(theirs.remove(path)).startsWith("DIRECTORY 755 0:0 links 1");
        assertThat(ours.remove(path)).startsWith("DIRECTORY 755 0:0 links 1");
      }
      FileTree.assertSame(ours, theirs);
    }
  }
}
