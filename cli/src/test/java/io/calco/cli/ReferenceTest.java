package io.calco.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a package installs beside the program, as mandoc, man and bash read it.
class ReferenceTest {
  @TempDir private static Path directory;

  @BeforeAll
  static void write() throws IOException {
    Reference.main(new String[] {directory.toString(), "2026-11-01"});
  }

  private static List<Path> pages() throws IOException {
    try (Stream<Path> files = Files.walk(directory.resolve("man"))) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  @Test
  void everyCommandHasAPageThatMandocLikes() throws IOException {
    assertThat(pages())
        .hasSizeGreaterThan(50)
        .contains(
            directory.resolve("man/man1/calco.1"),
            directory.resolve("man/man1/calco-disk-convert.1"),
            directory.resolve("man/man5/calco.properties.5"));
    Stream<Object> words = Stream.of("-Tlint", "-Wwarning");
    Oracle.Run lint = Oracle.named("mandoc").run(Stream.concat(words, pages().stream()).toArray());
    assertThat(lint.out()).isEmpty();
    assertThat(lint.exit()).isZero();
  }

  @Test
  void manShowsThemWithoutWarnings() {
    for (String page : List.of("man1/calco-serve.1", "man5/calco.properties.5")) {
      Oracle.Run man =
          Oracle.named("env")
              .run("MANWIDTH=80", "man", "--warnings", "-l", directory.resolve("man/" + page))
              .succeeds();
      assertThat(man.err()).isEmpty();
      assertThat(man.out()).contains("NAME", "SEE ALSO");
    }
  }

  @Test
  void bashCompletesCommandsAndOptions() {
    assertThat(complete("calco", "di")).isEqualTo("disk");
    assertThat(complete("calco", "disk", "conv")).isEqualTo("convert");
    assertThat(complete("calco", "serve", "--print")).isEqualTo("--print-config");
    assertThat(complete("calco", "disk", "info", "--output", "")).isEqualTo("human json");
  }

  private static String complete(String... words) {
    String script =
        """
        compopt() { :; } # only while bash itself completes
        source %s
        COMP_WORDS=(%s) COMP_CWORD=%d
        _complete_calco
        echo "${COMPREPLY[@]}"
        """
            .formatted(
                directory.resolve("completions/calco"),
                String.join(" ", Stream.of(words).map(word -> "'" + word + "'").toList()),
                words.length - 1);
    Oracle.Run bash = Oracle.named("bash").run("--norc", "-c", script).succeeds();
    assertThat(bash.err()).isEmpty();
    return bash.out().strip();
  }
}
