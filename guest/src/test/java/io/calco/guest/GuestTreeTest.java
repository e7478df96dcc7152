package io.calco.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.LimitExceededException;
import io.calco.fs.FileType;
import io.calco.testkit.Seeds;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GuestTreeTest {

  @Test
  void linksAreFollowedInsideTheGuest() throws Exception {
    GuestTree tree =
        new MemoryFileSystem()
            .file("/data/real.txt", "here")
            .symlink("/a", "data")
            .symlink("/b", "/a/../../../a/./real.txt")
            .symlink("/data/up", "../b")
            .tree();
    assertThat(tree.readText("/a/up")).contains("here");
    assertThat(tree.readText("/../../a/real.txt")).contains("here");
    assertThat(tree.realPath("/b")).contains("/data/real.txt");
    assertThat(tree.find("/b").orElseThrow().type()).isEqualTo(FileType.SYMBOLIC_LINK);
    assertThat(tree.readLink("/b")).contains("/a/../../../a/./real.txt");
  }

  @Test
  void loopsAndDeadEndsAreAbsent() throws Exception {
    GuestTree tree =
        new MemoryFileSystem()
            .symlink("/x", "y")
            .symlink("/y", "x")
            .symlink("/self", "self/self/self")
            .symlink("/dangling", "/nowhere/at/all")
            .file("/file", "")
            .symlink("/through", "/file/x")
            .tree();
    for (String path : List.of("/x", "/self", "/dangling", "/through", "/file/..", "/file/x")) {
      assertThat(tree.readText(path)).as(path).isEmpty();
      assertThat(tree.isDirectory(path)).as(path).isFalse();
    }
  }

  @Test
  void fortyLinksAreFollowedAndNoMore() throws Exception {
    MemoryFileSystem fs = new MemoryFileSystem().file("/0", "end");
    for (int i = 1; i <= 41; i++) {
      fs.symlink("/" + i, "/" + (i - 1));
    }
    assertThat(fs.tree().readText("/40")).contains("end");
    assertThat(fs.tree().readText("/41")).isEmpty();
  }

  @Test
  void hostileFilesAreNotRead() throws Exception {
    GuestTree tree =
        new MemoryFileSystem()
            .file("/etc/os-release", "ID=x")
            .claimSize("/etc/os-release", 10L << 30)
            .special("/etc/passwd", FileType.CHARACTER_DEVICE)
            .dir("/etc/hostname")
            .tree();
    assertThatThrownBy(() -> tree.readText("/etc/os-release"))
        .isInstanceOf(LimitExceededException.class)
        .hasMessageContaining("/etc/os-release")
        .hasMessageContaining("10737418240");
    assertThat(tree.readText("/etc/passwd")).isEmpty();
    assertThat(tree.readText("/etc/hostname")).isEmpty();
  }

  @Test
  void globsAreAShells() throws Exception {
    GuestTree tree =
        new MemoryFileSystem()
            .file("/var/log/a.log", "")
            .file("/var/log/a.log.1", "")
            .file("/var/log/.hidden.log", "")
            .file("/var/log/sub/deep/b.log", "")
            .symlink("/log", "/var/log")
            .tree();
    assertThat(tree.glob("/var/log/*.log")).containsExactly("/var/log/a.log");
    assertThat(tree.glob("/log/*.log*")).containsExactly("/var/log/a.log", "/var/log/a.log.1");
    assertThat(tree.glob("/var/log/.*")).containsExactly("/var/log/.hidden.log");
    assertThat(tree.glob("/var/**/b.log")).containsExactly("/var/log/sub/deep/b.log");
    assertThat(tree.glob("/lo[a-h]")).containsExactly("/log");
    assertThat(tree.glob("/none/*")).isEmpty();
  }

  @Test
  void aPatternsStarsTakeNoLongTime() {
    PathPattern pattern = PathPattern.of("/" + "a*".repeat(500) + "b");
    assertThat(pattern.matches("/" + "a".repeat(4000))).isFalse();
    PathPattern deep = PathPattern.of("/**/a".repeat(300));
    assertThat(deep.matches("/a".repeat(1000) + "/b")).isFalse();
  }

  @Test
  void patternsMatchWholePaths() {
    assertThat(PathPattern.of("/var/**").matches("/var/a/b")).isTrue();
    assertThat(PathPattern.of("/var/**").matches("/var")).isTrue();
    assertThat(PathPattern.of("/var/*").matches("/var/a/b")).isFalse();
    assertThat(PathPattern.of("/var/[!a]b").matches("/var/cb")).isTrue();
    assertThat(PathPattern.of("/var/[!a]b").matches("/var/ab")).isFalse();
    assertThat(PathPattern.of("/var/[").matches("/var/[")).isTrue();
    assertThatThrownBy(() -> PathPattern.of("var")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PathPattern.of("/a/../b"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void fstabMountsOthersByEveryName() throws Exception {
    MemoryFileSystem root =
        new MemoryFileSystem()
            .file(
                "/etc/fstab",
                """
                # comment
                UUID=AAAA-1111 /home ext4 defaults 0 2
                /dev/vda3 /var ext4
                PARTUUID=dead-02 /srv\\040x ext4 defaults
                UUID=none /mnt ext4 defaults
                tmpfs /tmp tmpfs defaults
                /dev/sdb1 /other ext4 defaults
                UUID=efi /boot/efi vfat umask=0077
                """)
            .file("/usr/lib/os-release", "ID=debian\n")
            .dir("/home")
            .dir("/var")
            .dir("/mnt")
            .dir("/srv x");
    MemoryFileSystem home = new MemoryFileSystem("aaaa-1111").file("/ana/f", "in home");
    MemoryFileSystem variable = new MemoryFileSystem().file("/log/syslog", "in var");
    MemoryFileSystem data = new MemoryFileSystem().file("/d", "in srv");
    GuestVolume served =
        new GuestVolume(
            java.util.OptionalInt.of(4),
            java.util.Optional.of("DEAD-02"),
            java.util.Optional.empty(),
            java.util.Set.of(),
            data,
            data.facts());
    GuestTree tree =
        GuestTree.assemble(
                List.of(data.volume(9), home.volume(1), root.volume(2), variable.volume(3), served))
            .orElseThrow();
    assertThat(tree.mounts().keySet()).containsExactly("/", "/home", "/srv x", "/var");
    assertThat(tree.readText("/home/ana/f")).contains("in home");
    assertThat(tree.glob("/*/log/*")).containsExactly("/var/log/syslog");
    assertThat(tree.unmounted())
        .extracting(UnmountedVolume::mountPoint)
        .containsExactlyInAnyOrder("/mnt", "/other", "/boot/efi");

    Draft draft = new Draft(tree, List.of(), java.time.Instant.EPOCH);
    draft.remove("/home");
    draft.putText("/var/new/x", "made", 0600);
    new ChangeApplier(tree, io.calco.disk.JobContext.SILENT).apply(draft.takeSection().changes());
    assertThat(home.paths()).isEmpty();
    assertThat(root.has("/home")).isTrue();
    assertThat(variable.text("/new/x")).isEqualTo("made");
  }

  @Test
  void aWalkIsBounded() {
    MemoryFileSystem fs = new MemoryFileSystem().file("/d" + "/d".repeat(250) + "/f", "");
    assertThatThrownBy(() -> fs.tree().walk("/", (_, _) -> {}))
        .isInstanceOf(LimitExceededException.class);
  }

  @Test
  void aWalkVisitsDirectoriesLast() throws Exception {
    List<String> seen = new ArrayList<>();
    new MemoryFileSystem()
        .file("/a/b/c", "")
        .symlink("/a/link", "/")
        .tree()
        .walk("/", (path, _) -> seen.add(path));
    assertThat(seen).containsExactly("/a/b/c", "/a/b", "/a/link", "/a");
  }

  @Test
  void printableTextHidesNothingAndMovesNoCursor() {
    assertThat(PrintableText.of("/home/ñandú")).isEqualTo("/home/ñandú");
    assertThat(PrintableText.of("a\u001b[31m\n\u202ex\\\udc80"))
        .isEqualTo("a\\x1b[31m\\x0a\\x{202e}x\\\\\\x80");
  }

  @Test
  void oneNameMatchesAsTheJdkSays() {
    Seeds.run(
        2000,
        random -> {
          String pattern = text(random, "ab*?[", 6).replace("[", RANGES.get(random.nextInt(4)));
          String name = text(random, "abc", 7);
          if (!name.isEmpty() && !pattern.isEmpty()) {
            boolean jdk =
                FileSystems.getDefault().getPathMatcher("glob:" + pattern).matches(Path.of(name));
            assertThat(PathPattern.nameMatches(pattern, name))
                .as(pattern + " " + name)
                .isEqualTo(jdk);
          }
        });
  }

  private static final List<String> RANGES = List.of("[ab]", "[!a]", "[a-b]", "[!b-c]");

  private static String text(Random random, String letters, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(length + 1); i > 0; i--) {
      text.append(letters.charAt(random.nextInt(letters.length())));
    }
    return text.toString();
  }
}
