package io.calco.catalog;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.StatementContext;

/// The open catalogue. Every method that changes something is one transaction, on the medium when
/// it returns.
public final class Catalog implements AutoCloseable {
  private final CatalogDatabase database;

  private Catalog(CatalogDatabase database) {
    this.database = database;
  }

  /// Opens the catalogue in a directory; makes it, or brings its schema up to date.
  ///
  /// @throws CatalogException when it is a newer Calco's, or no catalogue
  public static Catalog open(Path directory) throws IOException {
    return new Catalog(CatalogDatabase.open(directory.resolve("calco.db")));
  }

  /// Adds a version to a template; the first makes the template.
  ///
  /// @param template its name
  /// @throws CatalogException.Taken when the version or its disk is there already
  public void addVersion(String template, NewVersion version) throws IOException {
    database.change(
        "version %d of template %s, or its disk %s, is recorded already"
            .formatted(version.version(), template, version.disk()),
        handle -> {
          String id =
              handle
                  .createQuery("select id from template where name = :name")
                  .bind("name", template)
                  .mapTo(String.class)
                  .findOne()
                  .orElseGet(() -> insertTemplate(handle, template));
          handle
              .createUpdate(
                  """
                  insert into template_version (id, template_id, version, disk, format, virtual_size, file_size,
                    modified_nanos, sha256, sealed_at, source, os)
                  values (:id, :template, :version, :disk, :format, :virtualSize, :fileSize,
                    :modifiedNanos, :sha256, :sealedAt, :source, :os)
                  """)
              .bind("id", newId())
              .bind("template", id)
              .bind("version", version.version())
              .bind("disk", version.disk().toString())
              .bind("format", version.format())
              .bind("virtualSize", version.virtualSize())
              .bind("fileSize", version.fileSize())
              .bind("modifiedNanos", version.modifiedNanos())
              .bind("sha256", version.sha256())
              .bind("sealedAt", Instant.now().toString())
              .bind("source", version.source())
              .bind("os", version.os())
              .execute();
        });
  }

  private static String insertTemplate(Handle handle, String name) {
    String id = newId();
    handle
        .createUpdate("insert into template (id, name, created_at) values (:id, :name, :now)")
        .bind("id", id)
        .bind("name", name)
        .bind("now", Instant.now().toString())
        .execute();
    return id;
  }

  /// All templates by name.
  public List<Template> templates() throws IOException {
    return list("select * from template order by name", q -> q, Rows::template);
  }

  /// The template of that name.
  public Optional<Template> findTemplate(String name) throws IOException {
    return list(
            "select * from template where name = :name", q -> q.bind("name", name), Rows::template)
        .stream()
        .findFirst();
  }

  /// A template's versions, oldest first.
  public List<TemplateVersion> versions(Template template) throws IOException {
    return list(
        "select * from template_version where template_id = :id order by version",
        q -> q.bind("id", template.id()),
        Rows::version);
  }

  /// Every template's versions.
  public List<TemplateVersion> allVersions() throws IOException {
    return list("select * from template_version order by disk", q -> q, Rows::version);
  }

  /// The version of that id.
  public Optional<TemplateVersion> findVersion(String id) throws IOException {
    return list(
            "select * from template_version where id = :id", q -> q.bind("id", id), Rows::version)
        .stream()
        .findFirst();
  }

  /// Gives a template another name.
  ///
  /// @throws CatalogException.Taken when another has it
  public void renameTemplate(Template template, String name) throws IOException {
    database.change(
        "there is a template %s already".formatted(name),
        handle ->
            handle
                .createUpdate("update template set name = :name where id = :id")
                .bind("name", name)
                .bind("id", template.id())
                .execute());
  }

  /// Forgets a template and its versions; its full clones stay.
  ///
  /// @throws CatalogException.InUse when linked clones rest on it; nothing was changed
  public void deleteTemplate(Template template) throws IOException {
    List<String> linked =
        list(
            """
            select clone.name from clone join template_version on clone.version_id = template_version.id
            where clone.kind = 'LINKED' and template_version.template_id = :id order by clone.name
            """,
            q -> q.bind("id", template.id()),
            (row, context) -> row.getString("name"));
    if (!linked.isEmpty()) {
      throw new CatalogException.InUse(
          "linked clones rest on template %s: %s"
              .formatted(template.name(), String.join(", ", linked)));
    }
    database.change(
        "template %s cannot be deleted".formatted(template.name()),
        handle ->
            handle
                .createUpdate("delete from template where id = :id")
                .bind("id", template.id())
                .execute());
  }

  /// Records clones: all, or none.
  ///
  /// @throws CatalogException.Taken when a name or a disk is another clone's
  public void addClones(List<Clone> clones) throws IOException {
    database.change(
        "one of these clones, or its disk, is recorded already: "
            + String.join(", ", clones.stream().map(Clone::name).toList()),
        handle -> clones.forEach(clone -> insert(handle, clone)));
  }

  private static void insert(Handle handle, Clone clone) {
    handle
        .createUpdate(
            """
            insert into clone (id, name, template, template_version, version_id, kind, disk, format,
              virtual_size, hostname, machine_id, created_at)
            values (:id, :name, :template, :version, :versionId, :kind, :disk, :format,
              :virtualSize, :hostname, :machineId, :createdAt)
            """)
        .bind("id", clone.id())
        .bind("name", clone.name())
        .bind("template", clone.template())
        .bind("version", clone.templateVersion())
        .bind("versionId", clone.versionId())
        .bind("kind", clone.kind().name())
        .bind("disk", clone.disk().toString())
        .bind("format", clone.format())
        .bind("virtualSize", clone.virtualSize())
        .bind("hostname", clone.hostname())
        .bind("machineId", clone.machineId())
        .bind("createdAt", clone.createdAt().toString())
        .execute();
    int position = 0;
    for (Clone.HostKey key : clone.hostKeys()) {
      handle
          .createUpdate(
              """
              insert into clone_host_key (clone_id, position, type, fingerprint, public_key)
              values (:clone, :position, :type, :fingerprint, :publicKey)
              """)
          .bind("clone", clone.id())
          .bind("position", position++)
          .bind("type", key.type())
          .bind("fingerprint", key.fingerprint())
          .bind("publicKey", key.publicKey())
          .execute();
    }
  }

  /// All clones by name.
  public List<Clone> clones() throws IOException {
    return clones("select * from clone order by name", q -> q);
  }

  /// The clone of that name.
  public Optional<Clone> findClone(String name) throws IOException {
    return clones("select * from clone where name = :name", q -> q.bind("name", name)).stream()
        .findFirst();
  }

  /// The clones made from a version, by name.
  public List<Clone> clonesOf(TemplateVersion version) throws IOException {
    return clones(
        "select * from clone where version_id = :id order by name",
        q -> q.bind("id", version.id()));
  }

  private List<Clone> clones(String sql, Function<Query, Query> bindings) throws IOException {
    return database.read(handle ->
        bindings.apply(handle.createQuery(sql)).map((row, c) -> Rows.clone(row, handle)).list());
  }

  /// Records that a clone no longer needs its template.
  public void markFull(Clone clone) throws IOException {
    database.change(
        "clone %s cannot be changed".formatted(clone.name()),
        handle ->
            handle
                .createUpdate("update clone set kind = 'FULL' where id = :id")
                .bind("id", clone.id())
                .execute());
  }

  /// Forgets a clone.
  public void deleteClone(Clone clone) throws IOException {
    database.change(
        "clone %s cannot be deleted".formatted(clone.name()),
        handle ->
            handle
                .createUpdate("delete from clone where id = :id")
                .bind("id", clone.id())
                .execute());
  }

  /// True when a version's or a clone's disk is this file.
  public boolean knowsDisk(Path file) throws IOException {
    return database.read(handle ->
        handle
                .createQuery(
                    """
                    select count(*) from (select disk from template_version where disk = :file
                      union all select disk from clone where disk = :file) known
                    """)
                .bind("file", file.toString())
                .mapTo(Long.class)
                .one()
            > 0);
  }

  /// Notes files that are about to come or go.
  public Job beginJob(String what, String process, List<Path> files) throws IOException {
    Job job = new Job(newId(), what, process, files, Instant.now());
    database.change(
        "the job cannot be noted",
        handle -> {
          handle
              .createUpdate(
                  "insert into job (id, what, process, begun_at) values (:id, :what, :process, :begun)")
              .bind("id", job.id())
              .bind("what", what)
              .bind("process", process)
              .bind("begun", job.begunAt().toString())
              .execute();
          for (int i = 0; i < files.size(); i++) {
            handle
                .createUpdate(
                    "insert into job_file (job_id, position, file) values (:job, :position, :file)")
                .bind("job", job.id())
                .bind("position", i)
                .bind("file", files.get(i).toString())
                .execute();
          }
        });
    return job;
  }

  /// Forgets a job: what is there is recorded, and what is recorded is there.
  public void endJob(Job job) throws IOException {
    database.change(
        "the job cannot be ended",
        handle ->
            handle.createUpdate("delete from job where id = :id").bind("id", job.id()).execute());
  }

  /// Jobs that have not ended, oldest first.
  public List<Job> jobs() throws IOException {
    return database.read(handle ->
        handle
            .createQuery("select * from job order by begun_at")
            .map((row, c) -> Rows.job(row, handle))
            .list());
  }

  /// An id for a record to be added.
  public static String newId() {
    return UUID.randomUUID().toString();
  }

  private interface RowReader<T> {
    T read(java.sql.ResultSet row, StatementContext context) throws java.sql.SQLException;
  }

  private <T> List<T> list(String sql, Function<Query, Query> bindings, RowReader<T> reader)
      throws IOException {
    return database.read(
        handle -> bindings.apply(handle.createQuery(sql)).map(reader::read).list());
  }

  @Override
  public void close() throws IOException {
    database.close();
  }
}
