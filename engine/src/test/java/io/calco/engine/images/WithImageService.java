package io.calco.engine.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.catalog.Catalog;
import io.calco.catalog.ImageEntry;
import io.calco.disk.CreateOptions;
import io.calco.disk.Image;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.AuditLog;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.ImagePatch.Change;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// A catalogue of images, contents in memory, and some who ask.
abstract class WithImageService {
  static final Caller ADMIN = caller("root", "admin", Set.of("admin", "member", "reader"));
  static final Caller ANA = caller("ana", "pa", Set.of("member", "reader"));
  static final Caller BEA = caller("bea", "pb", Set.of("member", "reader"));
  static final Caller LEA = caller("lea", "pa", Set.of("reader"));
  static final Caller NOBODY = caller("nobody", "pa", Set.of());
  private static final ImageLimits LIMITS =
      new ImageLimits(3, 3, 2, 3, 5 << 20, 20, 8 << 20, 6 << 20, 9);

  @TempDir Path dir;
  Catalog catalog;
  MemoryContents contents;
  ImageService service;

  static Caller caller(String user, String project, Set<String> roles) {
    return new Caller(user, user, Optional.of(new Caller.Scope(project, project)), roles);
  }

  @BeforeEach
  void open() throws IOException {
    catalog = Catalog.open(dir);
    contents = new MemoryContents(dir);
    service = service(ContentCheck.DECLARED);
  }

  ImageService service(ContentCheck check) throws IOException {
    return ImageService.openOwning(
        catalog.images(),
        contents,
        new AuditLog(catalog),
        new ImageService.Settings(LIMITS, check, new WebAddresses(Set.of("127.0.0.1"))));
  }

  @AfterEach
  void close() throws IOException {
    service.close();
    catalog.close();
  }

  ImageEntry add(Caller caller, String visibility) throws IOException {
    return service
        .images()
        .add(
            caller,
            Optional.empty(),
            Map.of(
                "name",
                "x",
                "visibility",
                visibility,
                "disk_format",
                "raw",
                "container_format",
                "bare"));
  }

  static AbstractThrowableAssert<?, ?> assertRefused(Kind kind, ThrowingCallable call) {
    return assertThatThrownBy(call)
        .isInstanceOf(OperationException.class)
        .satisfies(e -> assertThat(((OperationException) e).kind()).isEqualTo(kind));
  }

  ImageEntry upload(ImageEntry image, byte[] bytes) throws IOException {
    return service
        .transfers()
        .upload(ANA, image.id(), new ByteArrayInputStream(bytes), OptionalLong.empty());
  }

  ImageEntry patch(Caller caller, ImageEntry image, Change... changes) throws IOException {
    return service.images().patch(caller, image.id(), new ImagePatch(List.of(changes)));
  }

  byte[] qcow2(String... backing) throws IOException {
    Path file = dir.resolve("made.qcow2");
    Files.deleteIfExists(file);
    CreateOptions options =
        new CreateOptions(
            1 << 20,
            List.of(backing).stream()
                .findFirst()
                .map(name -> new io.calco.disk.BackingReference(name, Optional.of("raw"))),
            Map.of(),
            Optional.empty());
    Image.create(file, "qcow2", options);
    return Files.readAllBytes(file);
  }
}
