package io.calco.engine;

import io.calco.catalog.Catalog;
import io.calco.catalog.ImageUsage;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.atomic.AtomicLong;

/// Whether a home can be worked with, and how large it is, for those who watch a server.
///
/// Thread rule: safe.
public final class HomeVitals {
  private final Catalog catalog;
  private final Home home;

  /// Of an open home.
  public HomeVitals(Calco calco) {
    this.catalog = calco.catalog();
    this.home = calco.home();
  }

  /// Asks the catalogue something small.
  ///
  /// @throws IOException when it does not answer
  public void requireCatalogue() throws IOException {
    catalog.jobs();
  }

  /// Reads the store's description, and asks whether the store may be written to.
  ///
  /// @throws IOException when it cannot be used
  public void requireStore() throws IOException {
    Path store = home.store();
    if (Files.size(store.resolve("config")) == 0 || !Files.isWritable(store)) {
      throw new IOException(store + ": cannot be written to");
    }
  }

  /// Room where the store is, in bytes, as far as this process may use it.
  public long freeBytes() throws IOException {
    Path there = Files.exists(home.store()) ? home.store() : home.directory();
    return Files.getFileStore(there).getUsableSpace();
  }

  /// What is in the catalogue, of all projects.
  public ImageUsage images() throws IOException {
    return catalog.images().usage();
  }

  /// How large the catalogue's file is, in bytes.
  public long catalogueBytes() throws IOException {
    return Files.size(home.directory().resolve(Catalog.FILE));
  }

  /// How large the store's packs are together, in bytes. It looks at every one: not to be asked
  /// often.
  public long storeBytes() throws IOException {
    AtomicLong bytes = new AtomicLong();
    Path packs = home.store().resolve("packs");
    if (!Files.isDirectory(packs)) {
      return 0;
    }
    Files.walkFileTree(
        packs,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            bytes.addAndGet(attributes.size());
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE; // a collection has just removed it
            }
            throw e;
          }
        });
    return bytes.get();
  }
}
