package io.calco.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.backup.PackageList.Change;
import io.calco.backup.PackageList.Installed;
import io.calco.disk.CorruptImageException;
import io.calco.testkit.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PackageListTest {
  private static PackageList list(Installed... installed) {
    return new PackageList("dpkg", List.of(installed), false);
  }

  private static PackageList decoded(String text) throws CorruptImageException {
    return PackageList.decode("here", text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void itIsTextThatOthersCanRead() throws CorruptImageException {
    PackageList some =
        list(new Installed("bash", "5.2-1", "amd64"), new Installed("gpg-pubkey", "1", ""));
    String text = "calco-packages 1 dpkg\nbash\t5.2-1\tamd64\ngpg-pubkey\t1\t\n";
    assertThat(new String(some.encode(), StandardCharsets.UTF_8)).isEqualTo(text);
    assertThat(decoded(text)).isEqualTo(some);
    assertThat(decoded("calco-packages 1 rpm cut\n"))
        .isEqualTo(new PackageList("rpm", List.of(), true));
  }

  @Test
  void aGuestMaySayWhatItLikes() throws CorruptImageException {
    Installed wild = new Installed("a\tb\nc\u0085", "v".repeat(1000), "\uD800");
    assertThat(wild.name()).isEqualTo("a\uFFFDb\uFFFDc\uFFFD");
    assertThat(wild.version()).hasSize(PackageList.TEXT_MAX);
    assertThat(decoded(new String(list(wild, wild).encode(), StandardCharsets.UTF_8)).installed())
        .hasSize(2);
    PackageList many =
        new PackageList(
            "dpkg",
            IntStream.rangeClosed(0, PackageList.MAX)
                .mapToObj(i -> new Installed("p" + i, "1", "all"))
                .toList(),
            false);
    assertThat(many.installed()).hasSize(PackageList.MAX);
    assertThat(many.cut()).isTrue();
    Installed large = new Installed("\u4e00".repeat(200), "\u4e00".repeat(200), "all");
    PackageList larger =
        new PackageList("dpkg", IntStream.range(0, 50_000).mapToObj(_ -> large).toList(), false);
    assertThat(larger.cut()).isTrue();
    assertThat(larger.encode()).hasSizeLessThanOrEqualTo(PackageList.BYTES_MAX);
    assertThat(PackageList.decode("here", larger.encode())).isEqualTo(larger);
  }

  @Test
  void whatIsNoListIsRefused() {
    for (String text :
        List.of(
            "", "calco-packages 2 dpkg\n", "calco-packages 1 dpkg", "calco-packages 1 x\na\tb\n")) {
      assertThatThrownBy(() -> decoded(text))
          .as(text)
          .isInstanceOf(CorruptImageException.class)
          .hasMessageStartingWith("here: the list of packages");
    }
  }

  @Test
  void itIsToldWhatChanged() {
    PackageList before =
        list(
            new Installed("bash", "5.1", "amd64"),
            new Installed("gone", "1", "all"),
            new Installed("kernel", "1", "x86_64"),
            new Installed("kernel", "2", "x86_64"),
            new Installed("libc", "1", "amd64"),
            new Installed("libc", "1", "i386"));
    PackageList after =
        list(
            new Installed("bash", "5.2", "amd64"),
            new Installed("kernel", "2", "x86_64"),
            new Installed("kernel", "3", "x86_64"),
            new Installed("libc", "1", "amd64"),
            new Installed("libc", "2", "i386"),
            new Installed("new", "1", "all"));
    assertThat(before.changes(after))
        .containsExactly(
            new Change("bash", "amd64", Optional.of("5.1"), Optional.of("5.2")),
            new Change("gone", "all", Optional.of("1"), Optional.empty()),
            new Change("kernel", "x86_64", Optional.of("1"), Optional.of("3")),
            new Change("libc", "i386", Optional.of("1"), Optional.of("2")),
            new Change("new", "all", Optional.empty(), Optional.of("1")));
  }

  /// What the changes make of one list is the other.
  @Test
  void changesAreAllThereAre() {
    Seeds.run(
        200,
        random -> {
          List<Installed> one = some(random);
          List<Installed> two = some(random);
          List<Installed> made = new ArrayList<>(one);
          for (Change change :
              new PackageList("rpm", one, false).changes(new PackageList("rpm", two, false))) {
            change
                .before()
                .map(version -> new Installed(change.name(), version, change.architecture()))
                .ifPresent(gone -> assertThat(made.remove(gone)).isTrue());
            change
                .after()
                .map(version -> new Installed(change.name(), version, change.architecture()))
                .ifPresent(made::add);
          }
          assertThat(made).containsExactlyInAnyOrderElementsOf(two);
        });
  }

  private static List<Installed> some(Random random) {
    return random
        .ints(random.nextInt(12), 0, 27)
        .mapToObj(i -> new Installed("n" + i % 3, "v" + i / 3 % 3, "a" + i / 9))
        .toList();
  }
}
