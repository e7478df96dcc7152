package io.calco.engine.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageQuery;
import io.calco.engine.OperationException;
import io.calco.engine.images.ImageNames.Reach;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageNamesTest {
  @TempDir Path dir;
  private Shelf shelf;
  private ImageNames names;

  @BeforeEach
  void open() throws IOException {
    shelf = new Shelf(dir);
    names = shelf.service.names();
  }

  @AfterEach
  void close() throws IOException {
    shelf.close();
  }

  static ImageQuery everything() {
    return new ImageQuery(
        Images.sight(Shelf.ANA),
        new ImageQuery.Scope.Everything(Optional.empty()),
        List.of(),
        List.of(),
        Optional.empty(),
        1000);
  }

  private ImageEntry made(String name) throws IOException {
    return shelf.upload(name, "raw", new byte[] {1});
  }

  private String meant(String reference) throws IOException {
    return names.get(Shelf.ANA, reference).id();
  }

  @Test
  void versionsAndLatest() throws IOException {
    ImageEntry nine = made("debian:9");
    ImageEntry twelve = made("debian:12");
    made("debian:bookworm");
    assertThat(meant("debian:9")).isEqualTo(nine.id());
    assertThat(meant(nine.id())).isEqualTo(nine.id());
    assertThat(meant("debian:latest")).isEqualTo(twelve.id());
    assertThat(meant("debian")).isEqualTo(twelve.id());
    ImageEntry again = made("debian:12");
    assertThat(meant("debian:12")).isEqualTo(again.id());
    assertThat(meant("debian")).isEqualTo(again.id());
    ImageEntry queued =
        shelf.service.images().add(Shelf.ANA, Optional.empty(), Map.of("name", "debian:13"));
    assertThat(meant("debian:latest")).as("without content").isEqualTo(again.id());
    assertThat(meant("debian:13")).isEqualTo(queued.id());
    assertThat(names.versions(Shelf.ANA, "debian"))
        .extracting(ImageNames::version)
        .containsExactly("13", "12", "12", "9", "bookworm");
    ImageEntry literal = made("debian:latest");
    assertThat(meant("debian:latest")).isEqualTo(literal.id());
    for (String none :
        List.of("debian:8", "deb", "", "debian:", "x".repeat(10_000), "ubuntu:latest")) {
      assertThatThrownBy(() -> meant(none)).isInstanceOf(OperationException.class);
    }
    assertThatThrownBy(() -> names.get(Shelf.BEA, "debian:12"))
        .isInstanceOf(OperationException.class);
  }

  @Test
  void aliases() throws IOException {
    made("debian:12");
    names.putAlias(Shelf.ANA, "debian:stable", "debian:12", Reach.PROJECT);
    ImageEntry newest = made("debian:12");
    assertThat(meant("debian:stable")).isEqualTo(newest.id());
    assertThatThrownBy(() -> names.get(Shelf.BEA, "debian:stable"))
        .isInstanceOf(OperationException.class);
    ImageEntry open =
        shelf
            .service
            .images()
            .add(
                Shelf.ADMIN,
                Optional.empty(),
                Map.of(
                    "name",
                    "base:1",
                    "visibility",
                    "public",
                    "disk_format",
                    "raw",
                    "container_format",
                    "bare"));
    shelf
        .service
        .transfers()
        .upload(
            Shelf.ADMIN,
            open.id(),
            new ByteArrayInputStream(new byte[] {1}),
            java.util.OptionalLong.empty());
    names.putAlias(Shelf.ADMIN, "default", "base:latest", Reach.EVERYBODY);
    assertThat(names.get(Shelf.BEA, "default").id()).isEqualTo(open.id());
    names.putAlias(Shelf.ANA, "default", newest.id(), Reach.PROJECT);
    assertThat(meant("default")).isEqualTo(newest.id());
    assertThat(names.get(Shelf.BEA, "default").id()).isEqualTo(open.id());
    assertThat(names.aliases(Shelf.BEA)).hasSize(1);
    assertThat(names.aliases(Shelf.ANA)).hasSize(3);
    names.deleteAlias(Shelf.ANA, "default");
    assertThat(meant("default")).isEqualTo(open.id());
    assertThatThrownBy(() -> names.deleteAlias(Shelf.ANA, "default"))
        .isInstanceOf(OperationException.class);
    assertThatThrownBy(() -> names.putAlias(Shelf.ANA, "x", "none", Reach.PROJECT))
        .isInstanceOf(OperationException.class);
    assertThatThrownBy(() -> names.putAlias(Shelf.ANA, "x", "base:1", Reach.EVERYBODY))
        .isInstanceOf(OperationException.class);
    assertThatThrownBy(() -> names.putAlias(Shelf.ANA, newest.id(), "base:1", Reach.PROJECT))
        .isInstanceOf(OperationException.class);
  }

  @Test
  void aFamilyKnowsWhatItsNamesMean() throws IOException {
    ImageEntry nine = made("debian:9");
    ImageEntry old = made("debian:12");
    ImageEntry twelve = made("debian:12");
    names.putAlias(Shelf.ANA, "stable", "debian:12", Reach.PROJECT);
    names.putAlias(Shelf.ANA, "newest", "debian", Reach.PROJECT);
    names.putAlias(Shelf.ANA, "first", nine.id(), Reach.PROJECT);
    names.putAlias(Shelf.ADMIN, "stable", nine.id(), Reach.EVERYBODY);
    ImageFamily family = names.family(Shelf.ANA, old);
    assertThat(family.name()).isEqualTo("debian");
    assertThat(family.members())
        .extracting(
            member -> member.image().id(),
            ImageFamily.Member::latest,
            ImageFamily.Member::meant,
            ImageFamily.Member::aliases)
        .containsExactly(
            org.assertj.core.api.Assertions.tuple(
                twelve.id(), true, true, List.of("newest", "stable")),
            org.assertj.core.api.Assertions.tuple(old.id(), false, false, List.of()),
            org.assertj.core.api.Assertions.tuple(nine.id(), false, true, List.of("first")));
    ImageEntry alone = made("alone");
    assertThat(names.family(Shelf.ANA, alone).tells()).isFalse();
    ImageEntry nameless = made("");
    assertThat(names.family(Shelf.ANA, nameless).members()).hasSize(1);
  }

  @Test
  void versionsCompareAsPeopleReadThem() {
    List<String> order =
        List.of(
            "",
            "a",
            "bookworm",
            "1",
            "2",
            "9",
            "9-rc1",
            "09.1",
            "10",
            "12",
            "12.5",
            "12.10",
            "24.04",
            "24.10");
    assertThat(
            Stream.of(
                    "12",
                    "9-rc1",
                    "24.10",
                    "a",
                    "12.10",
                    "1",
                    "24.04",
                    "2",
                    "",
                    "10",
                    "bookworm",
                    "09.1",
                    "12.5",
                    "9")
                .sorted(ImageNames::compare))
        .containsExactlyElementsOf(order);
  }
}
