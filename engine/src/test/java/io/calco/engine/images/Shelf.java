package io.calco.engine.images;

import io.calco.catalog.Catalog;
import io.calco.catalog.ImageEntry;
import io.calco.engine.Home;
import io.calco.engine.audit.AuditLog;
import io.calco.engine.identity.Caller;
import io.calco.engine.store.StoreSecret;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// A home's images with a real store, for a test.
final class Shelf implements AutoCloseable {
  static final Caller ADMIN = caller("root", "admin", "admin", "member", "reader");
  static final Caller ANA = caller("ana", "pa", "member", "reader");
  static final Caller BEA = caller("bea", "pb", "member", "reader");

  final Catalog catalog;
  final ImageService service;

  Shelf(Path directory) throws IOException {
    catalog = Catalog.open(directory);
    service =
        ImageService.openOwning(
            catalog.images(),
            StoredContents.open(new Home(directory), StoreSecret.none()),
            new AuditLog(catalog),
            new ImageService.Settings(
                ImageLimits.defaults(),
                ContentCheck.DECLARED,
                new WebAddresses(Set.of("127.0.0.1"))));
  }

  private static Caller caller(String user, String project, String... roles) {
    return new Caller(user, user, Optional.of(new Caller.Scope(project, project)), Set.of(roles));
  }

  /// An image of Ana's.
  ImageEntry upload(String name, String format, byte[] content) throws IOException {
    return upload(ANA, name, format, new ByteArrayInputStream(content));
  }

  ImageEntry upload(String name, String format, Path file) throws IOException {
    try (InputStream content = Files.newInputStream(file)) {
      return upload(ANA, name, format, content);
    }
  }

  ImageEntry upload(Caller caller, String name, String format, InputStream content)
      throws IOException {
    ImageEntry image =
        service
            .images()
            .add(
                caller,
                Optional.empty(),
                Map.of(
                    "name",
                    name,
                    "visibility",
                    "private",
                    "disk_format",
                    format,
                    "container_format",
                    "bare"));
    return service.transfers().upload(caller, image.id(), content, OptionalLong.empty());
  }

  @Override
  public void close() throws IOException {
    try (catalog) {
      service.close();
    }
  }
}
