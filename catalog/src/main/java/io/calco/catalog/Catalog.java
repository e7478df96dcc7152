package io.calco.catalog;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import javax.sql.DataSource;

/// The open catalogue. Every method that changes something is one transaction, on the medium when
/// it returns; [#inTransaction] makes one of several.
///
/// Thread rule: safe for several threads; writers wait for each other, readers for nobody.
public final class Catalog implements AutoCloseable {
  /// The database's name in its directory.
  public static final String FILE = "calco.db";

  private final Database database;
  private final TemplateTable templates;
  private final CloneTable clones;
  private final JobTable jobs;
  private final ImageCatalog images;
  private final MetadefCatalog metadefs;
  private final Accounts accounts;
  private final BackgroundJobs backgroundJobs;
  private final AuditEvents audit;
  private final PlanRecords plans;
  private final ClassRecords classes;

  private Catalog(Database database) {
    this.database = database;
    this.templates = new TemplateTable(database);
    this.clones = new CloneTable(database);
    this.jobs = new JobTable(database);
    this.images = new ImageCatalog(database);
    this.metadefs = new MetadefCatalog(database);
    this.accounts = new Accounts(database);
    this.backgroundJobs = new BackgroundJobs(database);
    this.audit = new AuditEvents(database);
    this.plans = new PlanRecords(database);
    this.classes = new ClassRecords(database, clones);
  }

  /// Opens the catalogue in a directory; makes what is missing, directories with mode 0700, and
  /// brings its schema up to date.
  ///
  /// @throws CatalogException.Newer when it is a newer Calco's
  /// @throws CatalogException.Unusable when it is damaged, or no catalogue
  public static Catalog open(Path directory) throws IOException {
    Path home = directory.toAbsolutePath();
    Files.createDirectories(
        home, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Path file = home.resolve(FILE);
    try {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } catch (FileAlreadyExistsException there) {
      if (!Files.isRegularFile(file)) {
        throw new CatalogException.Unusable(file + ": is not a plain file", there);
      }
    }
    // SQLite refuses, without waiting, when several turn one new database to write-ahead logging.
    Database database =
        Files.size(file) == 0 ? Schema.alone(file, () -> Database.open(file)) : Database.open(file);
    try {
      Schema.bringUpToDate(file, database);
      return new Catalog(database);
    } catch (IOException | RuntimeException e) {
      try (database) {
        throw e;
      }
    }
  }

  /// Opens the catalogue in a directory if there is one; makes nothing.
  public static Optional<Catalog> find(Path directory) throws IOException {
    return Files.exists(directory.resolve(FILE), LinkOption.NOFOLLOW_LINKS)
        ? Optional.of(open(directory))
        : Optional.empty();
  }

  /// Definitions of metadata.
  public MetadefCatalog metadefs() {
    return metadefs;
  }

  /// The images that are served.
  public ImageCatalog images() {
    return images;
  }

  /// Users, projects, roles, credentials and tokens.
  public Accounts accounts() {
    return accounts;
  }

  /// Long work of servers.
  public BackgroundJobs backgroundJobs() {
    return backgroundJobs;
  }

  /// Who did what.
  public AuditEvents audit() {
    return audit;
  }

  /// Plans of backups, and their runs.
  public PlanRecords plans() {
    return plans;
  }

  /// Clones that are handled as one.
  public ClassRecords classes() {
    return classes;
  }

  /// The database, for a library that keeps a table of its own in it: each connection is as ours
  /// are, and its user's to close.
  public DataSource dataSource() {
    return database.dataSource();
  }

  /// Adds a version to a template; the first makes the template.
  ///
  /// @param template its name
  /// @return the version as recorded
  /// @throws CatalogException.Taken when the version or its disk is there already
  /// @throws CatalogException.Gone when the template is not there and the version is not the first
  public TemplateVersion addVersion(String template, NewVersion version) throws IOException {
    Name name = Name.parse(template);
    return database.write(() -> {
      Optional<Template> known = templates.find(name.value());
      if (known.isEmpty() && version.version() != 1) {
        throw new CatalogException.Gone("there is no template %s".formatted(name));
      }
      Instant now = Instant.now();
      Template owner = known.isPresent() ? known.get() : templates.insert(name.value(), now);
      return templates.insertVersion(owner, version, now);
    });
  }

  /// All templates by name.
  public List<Template> templates() throws IOException {
    return database.read(templates::all);
  }

  /// The template of that name.
  public Optional<Template> findTemplate(String name) throws IOException {
    return database.read(() -> templates.find(name));
  }

  /// A template's versions, oldest first.
  public List<TemplateVersion> versions(Template template) throws IOException {
    return database.read(() -> templates.versions(template));
  }

  /// Every template's versions, each template's oldest first.
  public List<TemplateVersion> allVersions() throws IOException {
    return database.read(templates::allVersions);
  }

  /// The version of that id.
  public Optional<TemplateVersion> findVersion(String id) throws IOException {
    return database.read(() -> templates.findVersion(id));
  }

  /// Gives a template another name; its versions' disks and its clones stay as they are.
  ///
  /// @throws CatalogException.Taken when another has it
  public void renameTemplate(Template template, String name) throws IOException {
    Name parsed = Name.parse(name);
    change(() -> templates.rename(templates.current(template), parsed.value()));
  }

  /// Forgets a template and its versions; its full clones stay.
  ///
  /// @throws CatalogException.InUse when linked clones rest on it; nothing was changed
  public void deleteTemplate(Template template) throws IOException {
    change(() -> templates.delete(templates.current(template)));
  }

  /// Records clones: all, or none.
  ///
  /// @throws CatalogException.Taken when a name or a disk is another clone's
  /// @throws CatalogException.Gone when the version is deleted
  public void addClones(List<Clone> added) throws IOException {
    for (Clone clone : added) {
      Name.parse(clone.name());
    }
    change(() -> {
      for (Clone clone : added) {
        clones.insert(clone);
      }
    });
  }

  /// All clones by name.
  public List<Clone> clones() throws IOException {
    return database.read(() -> clones.select(""));
  }

  /// The clone of that name.
  public Optional<Clone> findClone(String name) throws IOException {
    return database.read(() -> clones.select(" where clone.name = ?", name)).stream().findFirst();
  }

  /// The clones made from a version, by name.
  public List<Clone> clonesOf(TemplateVersion version) throws IOException {
    return database.read(() -> clones.select(" where clone.version_id = ?", version.id()));
  }

  /// Records that a clone no longer needs its template.
  ///
  /// @throws CatalogException.Gone when it is deleted
  public void markFull(Clone clone) throws IOException {
    change(() -> clones.markFull(clone));
  }

  /// Forgets a clone.
  ///
  /// @throws CatalogException.Gone when it is deleted already
  public void deleteClone(Clone clone) throws IOException {
    change(() -> clones.delete(clone));
  }

  /// True when a version's or a clone's disk is this file.
  public boolean knowsDisk(Path file) throws IOException {
    String path = file.toString();
    return database.read(() ->
        database
            .find(
                """
                select 1 from template_version where disk = ?
                union all select 1 from clone where disk = ?
                """,
                row -> true,
                path,
                path)
            .isPresent());
  }

  /// Notes files that are about to come or go.
  ///
  /// @param what in a few words, for a person
  /// @param process who does it, as the caller marks processes
  /// @param files absolute, under their temporary and final names alike
  public Job beginJob(String what, String process, List<Path> files) throws IOException {
    Job job = new Job(newId(), what, process, files, Instant.now());
    change(() -> jobs.insert(job));
    return job;
  }

  /// Forgets a job: what is there is recorded, and what is recorded is there.
  public void endJob(Job job) throws IOException {
    change(() -> jobs.delete(job));
  }

  /// Jobs that have not ended, oldest first.
  public List<Job> jobs() throws IOException {
    return database.read(jobs::all);
  }

  /// Changes that belong together.
  @FunctionalInterface
  public interface Changes {
    /// Makes them; an exception undoes them all.
    void make() throws IOException;
  }

  /// Makes changes happen together or not at all, also when this process is killed. Other writers
  /// wait meanwhile, so nothing slow belongs in here.
  public void inTransaction(Changes changes) throws IOException {
    change(changes::make);
  }

  private void change(Database.Change change) throws IOException {
    database.write(() -> {
      change.make();
      return true;
    });
  }

  /// An id for a record to be added.
  public static String newId() {
    return UUID.randomUUID().toString();
  }

  @Override
  public void close() throws IOException {
    database.close();
  }
}
