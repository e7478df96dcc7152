package io.calco.engine;

import io.calco.catalog.Catalog;
import io.calco.catalog.Template;
import io.calco.catalog.TemplateVersion;
import io.calco.disk.BesideFile;
import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import io.calco.engine.OperationException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Calco on this host: its home and its open catalogue. Confined to one thread; several processes may have the same home.
public final class Calco implements AutoCloseable {
  private final Home home;
  private final Catalog catalog;

  private Calco(Home home, Catalog catalog) {
    this.home = home;
    this.catalog = catalog;
  }

  /// Opens the home, made if it is not there, and clears away what killed processes left in it.
  public static Calco open(Home home) throws IOException {
    Files.createDirectories(home.pool());
    Files.createDirectories(home.first());
    Calco calco = new Calco(home, Catalog.open(home.directory()));
    Making.sweep(calco);
    BesideFile.sweep(home.pool());
    BesideFile.sweep(home.first());
    return calco;
  }

  /// Where the state lies.
  public Home home() {
    return home;
  }

  /// Work on templates.
  public Templates templates() {
    return new Templates(this);
  }

  /// Work on clones.
  public Clones clones() {
    return new Clones(this);
  }

  /// Looks for what is broken.
  public Doctor doctor() {
    return new Doctor(this);
  }

  Catalog catalog() {
    return catalog;
  }

  Template getTemplate(String name) {
    return catalog
        .findTemplate(name)
        .orElseThrow(
            () ->
                new OperationException(
                    Kind.NOT_FOUND,
                    "there is no template " + name,
                    "see: calco template list"));
  }

  /// The version of that number, or the newest.
  TemplateVersion getVersion(Template template, Optional<Integer> number) {
    return catalog.versions(template).stream()
        .filter(version -> number.isEmpty() || version.version() == number.get())
        .reduce((older, newer) -> newer)
        .orElseThrow(
            () ->
                new OperationException(
                    Kind.NOT_FOUND,
                    "template %s has no version %s"
                        .formatted(template.name(), number.map(String::valueOf).orElse("")),
                    "see: calco template show " + template.name()));
  }

  /// A file in the pool that does not exist; `name.format`, or `name-2.format` …
  Path freePoolFile(String name, String format) {
    Path file = home.pool().resolve(name + "." + format);
    for (int i = 2; Files.exists(file); i++) {
      file = home.pool().resolve("%s-%d.%s".formatted(name, i, format));
    }
    return file;
  }

  /// Host blocks that a file takes, in bytes; 0 when it is not there.
  static long allocatedSize(Path file) throws IOException {
    if (!Files.exists(file)) {
      return 0;
    }
    ImageOptions raw = ImageOptions.reading().withFormat("raw").with(Access.METADATA);
    try (Image image = Image.open(file, raw)) {
      return image.allocatedSize();
    }
  }

  @Override
  public void close() throws IOException {
    catalog.close();
  }
}
