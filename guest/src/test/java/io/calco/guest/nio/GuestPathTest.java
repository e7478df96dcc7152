package io.calco.guest.nio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.fs.FileSystemFacts;
import io.calco.guest.GuestTree;
import io.calco.guest.GuestVolume;
import io.calco.guest.MemoryFileSystem;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Paths and patterns, held to the JDK's own for Unix.
class GuestPathTest {
  private static final FileSystem JDK = FileSystems.getDefault();
  private static final String[] PIECES = {"a", "b", "..", ".", "/", "/", "//", "", "ab", "a.b"};
  private static final String[] GLOB = {
    "a", "b", "*", "**", "?", "/", "[ab]", "[!a]", "[a-c]", "{a,b}", "{a*,.b}", ".", "\\*", "-",
    "[*-]", "]", "}", ",", "[", "{", "\\", "^", "$", "(", "|", "[^a]", "[a&&b]", "[-a]"
  };

  private static FileSystem guest() throws IOException {
    MemoryFileSystem files = new MemoryFileSystem();
    FileSystemFacts facts = files.facts();
    return GuestFileSystems.open(
        GuestTree.of(
            new GuestVolume(
                OptionalInt.empty(), Optional.empty(), Optional.empty(), Set.of(), files, facts)));
  }

  private static String random(Random random, String[] pieces) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(6); i > 0; i--) {
      text.append(pieces[random.nextInt(pieces.length)]);
    }
    return text.toString();
  }

  private static String told(Function<FileSystem, @Nullable Object> question, FileSystem files) {
    try {
      return String.valueOf(question.apply(files));
    } catch (PatternSyntaxException e) {
      return "PatternSyntaxException";
    } catch (IllegalArgumentException e) {
      return "IllegalArgumentException";
    }
  }

  private static void same(
      FileSystem guest, String what, Function<FileSystem, @Nullable Object> question) {
    assertThat(told(question, guest)).as(what).isEqualTo(told(question, JDK));
  }

  @Test
  void pathsAreAsTheJdkHasThem() throws IOException {
    FileSystem guest = guest();
    Seeds.run(
        2000,
        random -> {
          String one = random(random, PIECES);
          String two = random(random, PIECES);
          String both = "'%s' '%s'".formatted(one, two);
          same(guest, both, f -> f.getPath(one));
          same(guest, both, f -> f.getPath(one, two, ""));
          same(guest, both, f -> f.getPath(one).getParent());
          same(guest, both, f -> f.getPath(one).getRoot());
          same(guest, both, f -> f.getPath(one).getFileName());
          same(guest, both, f -> f.getPath(one).getNameCount());
          same(guest, both, f -> f.getPath(one).getName(0));
          same(guest, both, f -> f.getPath(one).subpath(1, 3));
          same(guest, both, f -> f.getPath(one).normalize());
          same(guest, both, f -> f.getPath(one).resolve(f.getPath(two)));
          same(guest, both, f -> f.getPath(one).resolveSibling(f.getPath(two)));
          same(guest, both, f -> f.getPath(one).startsWith(f.getPath(two)));
          same(guest, both, f -> f.getPath(one).endsWith(f.getPath(two)));
          same(guest, both, f -> f.getPath(one).equals(f.getPath(two)));
          same(guest, both, f -> Integer.signum(f.getPath(one).compareTo(f.getPath(two))));
          same(guest, both, f -> f.getPath(one).relativize(f.getPath(two)));
        });
  }

  @Test
  void patternsAreAsTheJdkHasThem() throws IOException {
    FileSystem guest = guest();
    Seeds.run(
        3000,
        random -> {
          String glob = random(random, GLOB);
          String path = random(random, PIECES) + random(random, new String[] {"*", "-", "c", "^"});
          same(
              guest,
              "glob '%s' on '%s'".formatted(glob, path),
              f -> f.getPathMatcher("glob:" + glob).matches(f.getPath(path)));
        });
    assertThat(guest.getPathMatcher("regex:/a+").matches(guest.getPath("/aaa"))).isTrue();
    assertThatThrownBy(() -> guest.getPathMatcher("grep:a"))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void pathsOfTwoFileSystemsAreStrangers() throws IOException {
    Path one = guest().getPath("/etc");
    assertThat(one).isNotEqualTo(guest().getPath("/etc"));
    assertThat(one.startsWith(guest().getPath("/"))).isFalse();
    assertThatThrownBy(() -> one.resolve(Path.of("fstab")))
        .isInstanceOf(java.nio.file.ProviderMismatchException.class);
  }
}
