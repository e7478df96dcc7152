package io.calco.fs.btrfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.fs.DirectoryEntry;
import io.calco.fs.FileStatus;
import io.calco.fs.FileSystem;
import io.calco.fs.FileTree;
import io.calco.fs.InMemory;
import io.calco.fs.Mounted;
import io.calco.fs.SubvolumeFileSystem.Subvolume;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Subvolumes as roots, and as directories.
class SubvolumeTest {
  @TempDir(factory = InMemory.class)
  Path directory;

  private BtrfsImage image(String last) throws IOException {
    BtrfsImage image = BtrfsImage.make(directory, 200);
    try (Mounted mounted = image.mount("rw")) {
      mounted.shell(
          """
          btrfs -q subvolume create @; mkdir -p @/etc @/var/lib; echo root > @/etc/hostname
          btrfs -q subvolume create @home; echo home > @home/file
          btrfs -q subvolume create @/var/lib/machines; echo m > @/var/lib/machines/file
          mkdir -p .snapshots/1; btrfs -q subvolume snapshot -r @ .snapshots/1/snapshot
          ln @/etc/hostname @/etc/other
          """);
      mounted.shell(last);
    }
    return image;
  }

  @Test
  void anySubvolumeIsOpenedAsTheKernelMountsIt() throws IOException {
    BtrfsImage image = image(":");
    image.read(fs -> {
      assertThat(fs.shownSubvolume()).isEqualTo(5);
      assertThat(fs.subvolumes())
          .containsExactly(
              new Subvolume(5, "/", false),
              new Subvolume(256, "/@", false),
              new Subvolume(257, "/@home", false),
              new Subvolume(258, "/@/var/lib/machines", false),
              new Subvolume(259, "/.snapshots/1/snapshot", true));
      for (Subvolume subvolume : fs.subvolumes()) {
        FileSystem opened = fs.openSubvolume(subvolume.id());
        Map<String, String> ours = FileTree.of(opened);
        try (Mounted mounted = image.mount("ro,subvolid=" + subvolume.id())) {
          Map<String, String> theirs = FileTree.of(mounted.path());
          for (Map<String, String> tree : List.of(ours, theirs)) {
            tree.keySet()
                .removeIf(path -> path.matches(".*snapshot/var/lib/machines|/var/lib/m.*"));
          }
          FileTree.assertSame(ours, theirs);
        }
      }
      assertThatThrownBy(() -> fs.openSubvolume(300)).isInstanceOf(NoSuchFileException.class);
      assertThatThrownBy(() -> fs.openSubvolume(2)).isInstanceOf(NoSuchFileException.class);
    });
  }

  @Test
  void theDefaultSubvolumeIsTheRoot() throws IOException {
    image("btrfs subvolume set-default 256 .")
        .read(fs -> {
          assertThat(fs.shownSubvolume()).isEqualTo(256);
          assertThat(fs.find("/etc/hostname")).isPresent();
          assertThat(fs.find("/etc/hostname").orElseThrow().inode()).isLessThan(1000);
        });
  }

  @Test
  void everyFileHasItsOwnNumber() throws IOException {
    image(":")
        .read(fs -> {
          Map<Long, String> paths = new HashMap<>();
          number(fs, "/", paths);
          assertThat(paths).hasSize(FileTree.of(fs).size() - 1); // one has two names
        });
  }

  private static void number(FileSystem fs, String path, Map<Long, String> paths)
      throws IOException {
    FileStatus status = fs.find(path).orElseThrow();
    String other = paths.put(status.inode(), path);
    assertThat(other == null || other.contains("/etc/")).as(path + " " + other).isTrue();
    if (status.type() == io.calco.fs.FileType.DIRECTORY) {
      for (DirectoryEntry entry : fs.list(path)) {
        String child = (path.equals("/") ? "" : path) + "/" + entry.name();
        assertThat(fs.find(child).orElseThrow().inode()).isEqualTo(entry.inode());
        number(fs, child, paths);
      }
    }
  }
}
