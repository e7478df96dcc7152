package io.calco.engine;

import io.calco.catalog.Catalog;
import io.calco.catalog.Name;
import io.calco.catalog.Template;
import io.calco.catalog.TemplateVersion;
import io.calco.disk.BesideFile;
import io.calco.disk.OpenPolicy;
import io.calco.engine.OperationException.Kind;
import io.calco.guest.identity.Hostname;
import io.calco.sys.NativeAccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/// Calco on this host: its home and its open catalogue. Confined to one thread; several processes
/// may have the same home.
public final class Calco implements AutoCloseable {
  /// First states hold private keys.
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private final Home home;
  private final Catalog catalog;

  private Calco(Home home, Catalog catalog) {
    this.home = home;
    this.catalog = catalog;
  }

  /// Begins, in the background, what the first file opened would wait for. For the start of a
  /// program that will work with disks; returns at once.
  public static void prepare() {
    NativeAccess.prepare();
  }

  /// Opens the home, made if it is not there, and clears away what killed processes left in it.
  public static Calco open(Home home) throws IOException {
    Files.createDirectories(home.pool());
    if (!Files.isDirectory(home.first())) {
      Files.createDirectory(home.first(), OWNER_ONLY);
    }
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

  Template getTemplate(String name) throws IOException {
    return catalog
        .findTemplate(name)
        .orElseThrow(() ->
            new OperationException(
                Kind.NOT_FOUND, "there is no template " + name, "see: calco template list"));
  }

  /// The version of that number, or the newest.
  TemplateVersion getVersion(Template template, Optional<Integer> number) throws IOException {
    return catalog.versions(template).stream()
        .filter(version -> number.isEmpty() || version.version() == number.get())
        .reduce((older, newer) -> newer)
        .orElseThrow(() ->
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

  /// Templates and clones may refer to each other wherever Calco put them.
  OpenPolicy policy() throws IOException {
    return widened(OpenPolicy.ownDirectory());
  }

  /// A policy that allows the pool and every template's disk as well.
  OpenPolicy widened(OpenPolicy narrow) throws IOException {
    OpenPolicy policy = narrow.allowing(home.pool());
    for (TemplateVersion version : catalog.allVersions()) {
      policy = policy.allowing(version.disk());
    }
    return policy;
  }

  /// True when a file belongs to a template or a clone that is recorded.
  boolean knows(Path file) throws IOException {
    Path name = file.getFileName();
    if (file.startsWith(home.first()) && name != null) {
      return catalog.findClone(name.toString().replaceFirst("\\.qcow2$", "")).isPresent();
    }
    return catalog.knowsDisk(file);
  }

  /// The first state of the clone of that name.
  Path firstOf(String clone) {
    return home.firstOf(clone);
  }

  /// Which disk rests on which.
  public Lineage lineage() throws IOException {
    return Lineage.of(this);
  }

  /// Refuses a name that no template can have.
  static void requireTemplateName(String name) throws IOException {
    Name.parse(name);
  }

  /// The host name of the clone of that name; refuses one that could not be a clone's, its
  /// machine's and its file's.
  static Hostname hostnameOf(String name) throws IOException {
    Name.parse(name);
    try {
      return new Hostname(name);
    } catch (IllegalArgumentException e) {
      throw new OperationException(
          Kind.USAGE,
          String.valueOf(e.getMessage()),
          "a clone's name is its machine's host name: letters, digits and -");
    }
  }

  @Override
  public void close() throws IOException {
    catalog.close();
  }
}
