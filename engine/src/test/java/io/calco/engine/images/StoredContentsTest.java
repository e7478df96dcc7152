package io.calco.engine.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.catalog.Catalog;
import io.calco.catalog.ImageEntry;
import io.calco.engine.Home;
import io.calco.engine.store.StoreSecret;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredContentsTest {
  @TempDir Path dir;

  private StoredContents open() throws IOException {
    return StoredContents.open(new Home(dir), StoreSecret.none());
  }

  private static String blob(ImageEntry image) {
    return image.data().orElseThrow().blob();
  }

  @Test
  void whatWasLetGoOfIsNotDescribed() throws IOException {
    try (Shelf shelf = new Shelf(dir)) {
      ImageEntry image = shelf.upload("one", "raw", new byte[] {1});
      shelf.service.images().delete(Shelf.ANA, image.id());
      try (StoredContents contents = open()) {
        contents.describe(blob(image), "{\"image\":{}}");
        assertThat(contents.descriptions()).isEmpty();
      }
    }
  }

  /// A kill came between the record and the content; and a catalogue of yesterday knows nothing of
  /// what came since.
  @Test
  void theNextStartLetsGoOfWhatWasDeletedAndOfNothingElse() throws IOException {
    ImageEntry deleted;
    ImageEntry unknown;
    try (Shelf shelf = new Shelf(dir)) {
      deleted = shelf.upload("deleted", "raw", new byte[] {1});
      unknown = shelf.upload("unknown", "raw", new byte[] {2});
    }
    try (Catalog catalog = Catalog.open(dir)) {
      catalog.images().delete(deleted.id());
      catalog.images().delete(unknown.id());
      catalog.images().forgetLeavings(List.of(blob(unknown)));
      assertThat(catalog.images().leavings()).containsExactly(blob(deleted));
    }
    new Shelf(dir).close();
    try (StoredContents contents = open();
        Catalog catalog = Catalog.open(dir)) {
      assertThat(contents.descriptions().keySet()).isEqualTo(Set.of(blob(unknown)));
      assertThat(catalog.images().leavings()).isEmpty();
    }
  }
}
