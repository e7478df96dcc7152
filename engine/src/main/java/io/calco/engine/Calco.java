package io.calco.engine;

import io.calco.catalog.Catalog;
import io.calco.catalog.Clone;
import io.calco.catalog.Name;
import io.calco.catalog.Template;
import io.calco.catalog.TemplateVersion;
import io.calco.disk.BesideFile;
import io.calco.disk.OpenPolicy;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.Action;
import io.calco.engine.audit.Actor;
import io.calco.engine.audit.AuditLog;
import io.calco.engine.audit.Deed;
import io.calco.engine.audit.Target;
import io.calco.guest.identity.Hostname;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/// Calco on this host: its home and its open catalogue.
///
/// Thread rule: safe for several threads, which stay out of each other's way as several processes
/// with the same home do: by what each notes in the catalogue before it makes a file.
public final class Calco implements AutoCloseable {
  /// This program's version.
  public static final String VERSION = "0.1.0-SNAPSHOT";

  /// First states hold private keys.
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private final Home home;
  private final Catalog catalog;

  private final AuditLog audit;

  private Calco(Home home, Catalog catalog) {
    this.home = home;
    this.catalog = catalog;
    this.audit = new AuditLog(catalog);
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

  /// Work on templates, for a command on this host.
  public Templates templates() {
    return templates(Actor.command());
  }

  /// Work on templates, for somebody.
  public Templates templates(Actor actor) {
    return new Templates(this, actor);
  }

  /// Work on clones, for a command on this host.
  public Clones clones() {
    return clones(Actor.command());
  }

  /// Work on clones, for somebody.
  public Clones clones(Actor actor) {
    return new Clones(this, actor);
  }

  /// Work on what clones hold beyond their template, for somebody.
  public CloneDeltas deltas(Actor actor) {
    return new CloneDeltas(this, actor);
  }

  /// Who did what.
  public AuditLog audit() {
    return audit;
  }

  /// Records what somebody did to a template or a clone.
  ///
  /// @param change the entry's part of it: both are made, or none
  void record(Actor by, Action action, String name, String detail, Catalog.Changes change)
      throws IOException {
    catalog.inTransaction(() -> {
      change.make();
      audit.done(new Deed(by, action, Target.named(name), detail));
    });
  }

  /// Looks for what is broken.
  public Doctor doctor() {
    return new Doctor(this);
  }

  /// The records, for the use cases that have packages of their own.
  public Catalog catalog() {
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
  public OpenPolicy widened(OpenPolicy narrow) throws IOException {
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
    return catalog.knowsDisk(file) || isSeed(file);
  }

  private boolean isSeed(Path file) throws IOException {
    for (Clone clone : catalog.clones()) {
      if (CloneSeed.beside(clone.disk(), clone.name()).equals(file)) {
        return true;
      }
    }
    return false;
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
  public static void requireTemplateName(String name) throws IOException {
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
