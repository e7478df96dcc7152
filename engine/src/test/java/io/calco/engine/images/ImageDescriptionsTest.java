package io.calco.engine.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageEntry.Visibility;
import io.calco.catalog.ImageLocation;
import io.calco.catalog.ImageMember;
import io.calco.catalog.ImageOrigin;
import io.calco.catalog.ImageOrigin.Kind;
import io.calco.catalog.ImageOrigin.Verified;
import io.calco.catalog.Undescribed;
import io.calco.disk.JobContext;
import io.calco.engine.images.ImageNames.Reach;
import io.calco.engine.images.ImagePatch.Change;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the store notes beside content follows the catalogue, and makes it again.
class ImageDescriptionsTest {
  private static final Instant THEN = Instant.parse("2026-01-02T03:04:05.000006Z");

  @TempDir Path dir;

  private static void rename(Shelf shelf, ImageEntry image, String name) throws IOException {
    shelf
        .service
        .images()
        .patch(Shelf.ANA, image.id(), new ImagePatch(List.of(new Change.Add("name", name))));
  }

  private void loseTheCatalogue() throws IOException {
    for (String file : List.of("calco.db", "calco.db-wal", "calco.db-shm")) {
      Files.deleteIfExists(dir.resolve(file));
    }
  }

  @Test
  void aLostCatalogueComesBackAsItLastWas() throws IOException {
    String id;
    String set;
    ImageOrigin origin =
        new ImageOrigin(
            Kind.WEB,
            "https://example.org/d.qcow2",
            "ana",
            THEN,
            new Verified("sha256:00", "SHA256SUMS", "AB", "Debian", Optional.of(THEN)));
    try (Shelf shelf = new Shelf(dir)) {
      ImageEntry image = shelf.upload("debian:11", "raw", new byte[] {1, 2, 3});
      id = image.id();
      set = shelf.upload("aside", "raw", new byte[] {4}).id();
      shelf.service.images().deactivate(Shelf.ADMIN, set);
      rename(shelf, image, "debian:12");
      shelf
          .service
          .images()
          .patch(
              Shelf.ANA,
              id,
              new ImagePatch(
                  List.of(
                      new Change.Add("visibility", "shared"),
                      new Change.Add("os_distro", "debian"))));
      shelf.service.images().addTag(Shelf.ANA, id, "course");
      shelf.service.sharing().add(Shelf.ANA, id, "pb");
      shelf.service.sharing().update(Shelf.BEA, id, "pb", ImageMember.Status.ACCEPTED);
      shelf.service.sharing().add(Shelf.ANA, id, "pc");
      shelf.service.sharing().add(Shelf.ANA, id, "pd");
      shelf.service.sharing().delete(Shelf.ANA, id, "pd");
      shelf.service.names().putAlias(Shelf.ANA, "stable", "debian:12", Reach.PROJECT);
      shelf.service.names().putAlias(Shelf.ANA, "newest", "debian:latest", Reach.PROJECT);
      shelf.service.names().putAlias(Shelf.ANA, "gone", "debian", Reach.PROJECT);
      shelf.service.names().deleteAlias(Shelf.ANA, "gone");
      shelf.catalog.images().putOrigin(id, origin);
    }
    loseTheCatalogue();
    try (Shelf shelf = new Shelf(dir)) {
      assertThat(shelf.service.doctor().rebuild()).hasSize(2);
      ImageEntry image = shelf.service.names().get(Shelf.ANA, "stable");
      assertThat(image.id()).isEqualTo(id);
      assertThat(image.facts().name()).isEqualTo("debian:12");
      assertThat(image.facts().visibility()).isEqualTo(Visibility.SHARED);
      assertThat(image.tags()).containsExactly("course");
      assertThat(image.properties()).isEqualTo(Map.of("os_distro", "debian"));
      assertThat(shelf.service.names().aliases(Shelf.ANA))
          .extracting("name")
          .containsExactly("newest", "stable");
      assertThat(shelf.catalog.images().members(id))
          .extracting(ImageMember::member, ImageMember::status)
          .containsExactlyInAnyOrder(
              org.assertj.core.api.Assertions.tuple("pb", ImageMember.Status.ACCEPTED),
              org.assertj.core.api.Assertions.tuple("pc", ImageMember.Status.PENDING));
      assertThat(shelf.catalog.images().findOrigin(id)).contains(origin);
      assertThat(shelf.service.images().get(Shelf.ADMIN, set).status())
          .isEqualTo(ImageEntry.Status.DEACTIVATED);
    }
  }

  private static List<Undescribed> undescribed(Shelf shelf) throws IOException {
    return shelf.catalog.images().undescribed(Undescribed.NONE, 10);
  }

  @Test
  void aServerFollowsInTheBackground() throws Exception {
    try (Shelf shelf = new Shelf(dir)) {
      ImageEntry image = shelf.upload("one", "raw", new byte[] {1});
      for (int i = 0; i < 50; i++) {
        rename(shelf, image, "name" + i);
      }
      String place = image.data().orElseThrow().blob();
      String text = "";
      for (int i = 0; i < 6000 && !text.contains("\"name49\""); i++) {
        Thread.sleep(Duration.ofMillis(10));
        text = shelf.service.stores().descriptions().getOrDefault(place, "");
      }
      assertThat(text).contains("\"name49\"");
      for (int i = 0; i < 6000 && !undescribed(shelf).isEmpty(); i++) {
        Thread.sleep(Duration.ofMillis(10)); // it is noted a moment later
      }
      assertThat(undescribed(shelf)).isEmpty();
      shelf.service.images().delete(Shelf.ANA, image.id());
      assertThat(undescribed(shelf)).isEmpty();
      assertThat(shelf.service.stores().descriptions()).isEmpty();
    }
  }

  @Test
  void whatAKilledProcessLeftIsDoneByTheNext() throws IOException {
    String place;
    try (Shelf shelf = new Shelf(dir)) {
      place = shelf.upload("one", "raw", new byte[] {1}).data().orElseThrow().blob();
    }
    try (var catalog = io.calco.catalog.Catalog.open(dir)) { // changes, and tells nobody
      String id = catalog.images().blobUses().getFirst().imageId();
      catalog.images().update(id, image -> image.with(image.facts().withName("two")));
      assertThat(catalog.images().undescribed(Undescribed.NONE, 10)).hasSize(1);
    }
    try (Shelf shelf = new Shelf(dir)) {
      assertThat(shelf.catalog.images().usage().images()).isEqualTo(1);
    }
    try (Shelf shelf = new Shelf(dir)) {
      assertThat(shelf.service.stores().descriptions().get(place)).contains("\"two\"");
    }
  }

  @Test
  void copiesInSeveralPlacesComeBackAsOneImage() throws IOException {
    String id;
    try (Shelf shelf = new Shelf(dir)) {
      ImageEntry image = shelf.upload("one", "raw", new byte[] {1});
      id = image.id();
      try (ImageContents.Incoming copy = shelf.service.stores().receive()) {
        copy.write(new byte[] {1}, 1, () -> {});
        String place = copy.finish();
        shelf
            .catalog
            .images()
            .update(
                id,
                now ->
                    now.with(
                        now.status(), now.data().map(data -> data.and(ImageLocation.at(place)))));
      }
    }
    loseTheCatalogue();
    try (Shelf shelf = new Shelf(dir)) {
      assertThat(shelf.service.doctor().rebuild()).hasSize(1);
      ImageEntry image = shelf.service.images().get(Shelf.ANA, id);
      assertThat(image.data().orElseThrow().places()).hasSize(2).doesNotHaveDuplicates();
      assertThat(shelf.service.doctor().examine(JobContext.SILENT).findings()).isEmpty();
      assertThat(shelf.service.doctor().rebuild()).isEmpty();
    }
  }

  @Test
  void theFirstVersionIsStillRead() {
    String first =
        """
        {"image":{"id":"1f0c2f6e-2f9b-4a53-9c52-7a6c1a0e3a0b","owner":"p","name":"old","visibility":"private",\
        "protected":true,"hidden":false,"disk_format":"raw","container_format":"bare","min_disk":1,"min_ram":2,\
        "size":3,"virtual_size":-1,"md5":"a","sha256":"b","sha512":"c","source":"upload",\
        "created_at":"2026-01-02T03:04:05.000006Z","tags":["t"],"properties":{"k":"v"}}}\
        """;
    assertThat(ImageDescription.isOne(first)).isTrue();
    ImageDescription read = ImageDescription.parse(first, "image/x").orElseThrow();
    assertThat(read.image().status()).isEqualTo(ImageEntry.Status.ACTIVE);
    assertThat(read.image().facts().name()).isEqualTo("old");
    assertThat(read.image().createdAt()).isEqualTo(THEN);
    assertThat(read.members()).isEmpty();
    assertThat(read.aliases()).isEmpty();
    assertThat(read.origin()).isEmpty();
    ImageDescription again = ImageDescription.parse(read.text(), "image/x").orElseThrow();
    assertThat(again).isEqualTo(read);
    assertThat(ImageDescription.isOne(read.text())).isTrue();
  }

  @Test
  void whatIsNoDescriptionIsNone() {
    for (String text :
        List.of(
            "",
            "{\"image\":",
            "{\"image\":{}}",
            "{\"image\":[]}",
            "{\"image\":{\"id\":\"../../../../../etc/passwd\"}}",
            "[".repeat(5000))) {
      assertThat(ImageDescription.parse(text, "image/x")).isEmpty();
    }
  }
}
