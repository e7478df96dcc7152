package io.calco.disk.vhdx;

import static io.calco.disk.vhdx.Images.assertSame;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.CorruptImageException;
import io.calco.disk.Disk;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.OpenDeniedException;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.ZeroMode;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Images with a parent, which QEMU does not know, against libvhdi.
class DifferencingTest {
  private static final int SIZE = 9 << 20;

  @TempDir Path dir;

  /// libvhdi looks for the parent under its absolute name alone, and shows the parent's bytes where
  /// the child's block is zero (state 2), which is not inherited by the specification: the children
  /// have no such blocks here.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "block_size=1M",
        "block_size=2M,log_size=2M",
        "block_size=16M",
        "block_size=1M,logical_sector_size=4096"
      })
  void areReadAsLibvhdiReadsThem(String options) {
    Seeds.run(
        1,
        random -> {
          Path[] chain = {dir.resolve("a.vhdx"), dir.resolve("b.vhdx"), dir.resolve("c.vhdx")};
          Images.create(chain[0], SIZE, options);
          byte[] model = Images.read(chain[0]);
          for (int depth = 0; depth < chain.length; depth++) {
            if (depth > 0) {
              String parent = chain[depth - 1].toString();
              Images.create(chain[depth], SIZE, "block_size=1M", Optional.of(parent));
            }
            for (int session = 0; session < 2; session++) {
              try (Image open = Images.open(chain[depth], ImageOptions.Access.WRITE)) {
                for (int i = 0; i < 12; i++) {
                  model =
                      depth == 0
                          ? Images.change(open.disk(), model, random)
                          : write(open.disk(), model, random);
                }
              }
              assertSame(Images.read(chain[depth]), model);
            }
            assertThat(Images.verify(chain[depth]).findings()).isEmpty();
            assertSame(Images.libvhdiReads(chain[depth], depth), model);
          }
          for (Path image : chain) {
            Files.delete(image);
          }
        });
  }

  private static byte[] write(Disk disk, byte[] model, Random random) throws IOException {
    int offset = random.nextInt(model.length);
    byte[] bytes = new byte[1 + random.nextInt(Math.min(model.length - offset, 1 << 21))];
    if (random.nextInt(4) > 0) {
      random.nextBytes(bytes);
      disk.writeBytes(offset, bytes);
    } else {
      disk.writeZeroes(offset, bytes.length, ZeroMode.KEEP_ALLOCATED);
    }
    System.arraycopy(bytes, 0, model, offset, bytes.length);
    return model;
  }

  @Test
  void zeroedBlocksHideTheParent() {
    Seeds.run(
        2,
        random -> {
          Path parent = dir.resolve("a.vhdx");
          Path child = dir.resolve("b.vhdx");
          Images.create(parent, SIZE, "");
          byte[] model = new byte[SIZE];
          random.nextBytes(model);
          try (Image open = Images.open(parent, ImageOptions.Access.WRITE)) {
            open.disk().writeBytes(0, model);
          }
          Images.create(child, SIZE, "block_size=1M", Optional.of("a.vhdx"));
          for (int session = 0; session < 4; session++) {
            try (Image open = Images.open(child, ImageOptions.Access.WRITE)) {
              for (int i = 0; i < 12; i++) {
                model = Images.change(open.disk(), model, random);
              }
            }
            assertSame(Images.read(child), model);
            assertThat(Images.verify(child).findings()).isEmpty();
          }
          Files.delete(parent);
          Files.delete(child);
        });
  }

  @Test
  void aLargerChildReadsZeroesAfterItsParent() throws IOException {
    Images.create(dir.resolve("a.vhdx"), SIZE, "");
    try (Image open = Images.open(dir.resolve("a.vhdx"), ImageOptions.Access.WRITE)) {
      open.disk().writeBytes(SIZE - 3, new byte[] {1, 2, 3});
    }
    Path child = dir.resolve("b.vhdx");
    Images.create(child, SIZE, "block_size=1M", Optional.of("a.vhdx"));
    try (Image open = Images.open(child, ImageOptions.Access.WRITE)) {
      open.disk().resize(SIZE + (3 << 20));
      open.disk().writeBytes(SIZE + 5, new byte[] {4});
      assertThat(open.disk().readBytes(SIZE - 4, 11))
          .containsExactly(0, 1, 2, 3, 0, 0, 0, 0, 0, 4, 0);
    }
    assertThat(Images.verify(child).clean()).isTrue();
  }

  @Test
  void aParentThatWasChangedIsRefused() throws IOException {
    Path parent = dir.resolve("a.vhdx");
    Path child = dir.resolve("b.vhdx");
    Images.create(parent, SIZE, "");
    Images.create(child, SIZE, "", Optional.of("a.vhdx"));
    assertThat(Images.read(child)).containsOnly(0);
    try (Image open = Images.open(parent, ImageOptions.Access.WRITE)) {
      open.disk().writeBytes(7, new byte[] {1});
    }
    assertThatThrownBy(() -> Images.read(child))
        .isInstanceOf(CorruptImageException.class)
        .hasMessageContaining("was made on an image that calls itself");
  }

  @Test
  void aParentOfAnotherFormatIsRefused() throws IOException {
    Path child = dir.resolve("b.vhdx");
    Files.write(dir.resolve("a.raw"), new byte[1024]);
    assertThatThrownBy(() -> Images.create(child, SIZE, "", Optional.of("a.raw")))
        .isInstanceOf(CorruptImageException.class);
    Images.create(dir.resolve("a.vhdx"), SIZE, "");
    assertThatThrownBy(() -> Images.create(child, SIZE, "subformat=fixed", Optional.of("a.vhdx")))
        .isInstanceOf(UnsupportedFeatureException.class);
  }

  @Test
  void aParentElsewhereNeedsLeave() throws IOException {
    Path elsewhere = Files.createDirectories(dir.resolve("one/elsewhere"));
    Path own = Files.createDirectories(dir.resolve("two"));
    Images.create(elsewhere.resolve("a.vhdx"), SIZE, "");
    Path child = own.resolve("b.vhdx");
    ParentLocator locator = ParentLocator.of("../one/elsewhere/a.vhdx", "{" + Guids.NONE + "}");
    assertThat(locator.name()).contains("../one/elsewhere/a.vhdx");
    assertThatThrownBy(() -> Images.create(child, SIZE, "", Optional.of("../one/elsewhere/a.vhdx")))
        .isInstanceOf(OpenDeniedException.class);
  }

  /// The names that Windows records, and the one to try here.
  @ParameterizedTest
  @CsvSource({
    "relative_path, .\\base.vhdx, base.vhdx",
    "relative_path, ..\\up\\base.vhdx, ../up/base.vhdx",
    "absolute_win32_path, C:\\disks\\base.vhdx, base.vhdx",
    "absolute_win32_path, \\\\?\\C:\\disks\\base.vhdx, base.vhdx",
    "volume_path, \\\\?\\Volume{26a21bda-a627-11d7-9931-806e6f6e6963}\\d\\base.vhdx, base.vhdx",
    "absolute_win32_path, \\srv\\disks\\base.vhdx, /srv/disks/base.vhdx",
  })
  void parentsAreNamedAsWindowsNamesThem(String key, String path, String expected) {
    assertThat(new ParentLocator(Map.of(key, path)).name()).contains(expected);
  }

  @Test
  void theRelativePathGoesFirst() {
    Map<String, String> entries = new LinkedHashMap<>();
    entries.put("absolute_win32_path", "D:\\other\\base.vhdx");
    entries.put("relative_path", "parents\\base.vhdx");
    assertThat(new ParentLocator(entries).name()).contains("parents/base.vhdx");
    assertThat(new ParentLocator(Map.of("parent_linkage", "{}")).name()).isEmpty();
  }
}
