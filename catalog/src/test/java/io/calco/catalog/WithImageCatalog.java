package io.calco.catalog;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// Tests with a catalogue of their own, and its images.
abstract class WithImageCatalog {
  @TempDir Path dir;
  Catalog catalog;
  ImageCatalog images;

  @BeforeEach
  void open() throws IOException {
    catalog = Catalog.open(dir);
    images = catalog.images();
  }

  @AfterEach
  void close() throws IOException {
    catalog.close();
  }
}
