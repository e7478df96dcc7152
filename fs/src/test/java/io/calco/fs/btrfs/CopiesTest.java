package io.calco.fs.btrfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.CorruptImageException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.fs.FileDisk;
import io.calco.fs.FileSystemFacts;
import io.calco.fs.FileSystems;
import io.calco.fs.FileTree;
import io.calco.fs.InMemory;
import io.calco.fs.Mounted;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is there twice, on one device or on several, and what is not there.
class CopiesTest {
  @TempDir(factory = InMemory.class)
  Path directory;

  private static final String FILL =
      "mkdir d; seq 1 100000 > d/numbers; head -c 900000 /dev/urandom > random; echo x > small";

  /// Mounts all of a file system's devices, each of which the kernel has to be told of.
  private static Mounted mount(List<BtrfsImage> images) throws IOException {
    StringBuilder devices = new StringBuilder("rw");
    for (BtrfsImage image : images.subList(1, images.size())) {
      String loop = Oracle.named("losetup").run("-f", "--show", image.path()).succeeds().out();
      devices.append(",device=").append(loop.strip());
    }
    return images.getFirst().mount(devices.toString());
  }

  private static void detach(List<BtrfsImage> images) {
    for (BtrfsImage image : images) {
      String loops = Oracle.named("losetup").run("-j", image.path()).succeeds().out();
      if (loops.contains(":")) {
        Oracle.named("losetup").run("-d", loops.substring(0, loops.indexOf(':'))).succeeds();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"raid1", "raid1c3", "raid1c4"})
  void eachDeviceOfAMirrorHasEverything(String profile) throws IOException {
    int devices = profile.equals("raid1") ? 2 : profile.charAt(6) - '0';
    List<BtrfsImage> images =
        BtrfsImage.make(directory, 300, devices, "-m", profile, "-d", profile);
    try {
      Map<String, String> theirs;
      try (Mounted mounted = mount(images)) {
        mounted.shell(FILL);
        theirs = FileTree.of(mounted.path());
      }
      for (BtrfsImage image : images) {
        image.read(fs -> {
          FileTree.assertSame(FileTree.of(fs), theirs);
          long[] used = new long[1];
          fs.usedRuns((offset, length) -> used[0] += length);
          assertThat(used[0]).isBetween(2L << 20, 20L << 20);
        });
      }
    } finally {
      detach(images);
    }
  }

  @Test
  void whatIsStripedOverDevicesIsRefusedByName() throws IOException {
    List<BtrfsImage> images = BtrfsImage.make(directory, 300, 2, "-m", "raid1", "-d", "raid0");
    try {
      try (Mounted mounted = mount(images)) {
        mounted.shell(FILL);
      }
      images
          .getFirst()
          .read(fs -> {
            byte[] start = new byte[1];
            assertThat(fs.read("/small", 0, MemorySegment.ofArray(start))).isEqualTo(1);
            assertThat(start).containsExactly('x');
            assertThatThrownBy(() -> fs.read("/random", 0, MemorySegment.ofArray(start)))
                .isInstanceOf(UnsupportedFeatureException.class)
                .hasMessageContaining("raid0");
            List<Long> used = new ArrayList<>();
            fs.usedRuns((_, length) -> used.add(length));
            assertThat(used).isNotEmpty();
          });
    } finally {
      detach(images);
    }
  }

  @Test
  void raid0OfOneDeviceIsRead() throws IOException {
    BtrfsImage image = BtrfsImage.make(directory, 200, "-d", "raid0");
    compare(image);
  }

  private static void compare(BtrfsImage image) throws IOException {
    Map<String, String> theirs;
    try (Mounted mounted = image.mount("rw")) {
      mounted.shell(FILL);
      theirs = FileTree.of(mounted.path());
    }
    image.read(fs -> FileTree.assertSame(FileTree.of(fs), theirs));
  }

  @Test
  void aTreeBlockIsReadFromItsOtherCopy() throws IOException {
    BtrfsImage image = BtrfsImage.make(directory, 200, "-m", "dup");
    compare(image);
    Map<String, String> whole = new java.util.TreeMap<>();
    image.read(fs -> whole.putAll(FileTree.of(fs)));
    spoil(image, 0);
    image.read(fs -> FileTree.assertSame(FileTree.of(fs), whole));
    spoil(image, 1);
    assertThatThrownBy(() -> image.read(FileTree::of))
        .isInstanceOf(CorruptImageException.class)
        .hasMessageContaining("checksum");
  }

  /// Spoils one copy of every tree block.
  private static void spoil(BtrfsImage image, int copy) throws IOException {
    List<Long> places = new ArrayList<>();
    try (var disk = FileDisk.readOnly(image.path())) {
      for (Chunk chunk : Volume.load(disk).nodes.chunks().all()) {
        if (chunk.stripes().size() == 2) {
          long stripe = chunk.stripes().get(copy);
          for (long at = stripe; at < stripe + chunk.length(); at += 16384) {
            places.add(at + 16000);
          }
        }
      }
    }
    assertThat(places).isNotEmpty();
    try (var file = new RandomAccessFile(image.path().toFile(), "rw")) {
      for (long place : places) {
        file.seek(place);
        int old = file.read();
        file.seek(place);
        file.write(old ^ 1);
      }
    }
  }

  @Test
  void anotherSuperblockStandsInForTheFirst() throws IOException {
    BtrfsImage image = BtrfsImage.make(directory, 200, "-L", "the root");
    String blkid = Oracle.named("blkid").run("-p", "-o", "full", image.path()).succeeds().out();
    try (var file = new RandomAccessFile(image.path().toFile(), "rw")) {
      file.seek((64 << 10) + 3000);
      file.write(1);
    }
    image.read(fs -> {
      FileSystemFacts facts = fs.facts();
      assertThat(blkid)
          .contains("TYPE=\"btrfs\"")
          .contains("LABEL=\"" + facts.label().orElseThrow() + "\"")
          .contains(" UUID=\"" + facts.uuid().orElseThrow() + "\"");
      assertThat(facts.size()).isEqualTo(200L << 20);
    });
    try (var disk = FileDisk.readOnly(image.path())) {
      assertThat(FileSystems.probe(disk).orElseThrow().name()).isEqualTo("btrfs");
    }
    try (var file = new RandomAccessFile(image.path().toFile(), "rw")) {
      file.seek((64 << 20) + 3000);
      file.write(1);
    }
    assertThatThrownBy(() -> image.read(_ -> {})).isInstanceOf(CorruptImageException.class);
  }
}
