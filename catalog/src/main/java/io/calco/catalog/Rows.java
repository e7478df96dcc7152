package io.calco.catalog;

import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/// Rows as records.
final class Rows {
  private Rows() {}

  static Template template(ResultSet row, StatementContext context) throws SQLException {
    return new Template(
        row.getString("id"), row.getString("name"), Instant.parse(row.getString("created_at")));
  }

  static TemplateVersion version(ResultSet row, StatementContext context) throws SQLException {
    return new TemplateVersion(
        row.getString("id"),
        row.getString("template_id"),
        row.getInt("version"),
        Path.of(row.getString("disk")),
        row.getString("format"),
        row.getLong("virtual_size"),
        row.getLong("file_size"),
        row.getLong("modified_nanos"),
        row.getString("sha256"),
        Instant.parse(row.getString("sealed_at")),
        row.getString("source"),
        row.getString("os"));
  }

  static Clone clone(ResultSet row, Handle handle) throws SQLException {
    String id = row.getString("id");
    return new Clone(
        id,
        row.getString("name"),
        row.getString("template"),
        row.getInt("template_version"),
        Optional.ofNullable(row.getString("version_id")),
        Clone.Kind.valueOf(row.getString("kind")),
        Path.of(row.getString("disk")),
        row.getString("format"),
        row.getLong("virtual_size"),
        row.getString("hostname"),
        Optional.ofNullable(row.getString("machine_id")),
        hostKeys(handle, id),
        Instant.parse(row.getString("created_at")));
  }

  private static List<Clone.HostKey> hostKeys(Handle handle, String clone) {
    return handle
        .createQuery("select * from clone_host_key where clone_id = :id order by position")
        .bind("id", clone)
        .map((row, c) ->
            new Clone.HostKey(
                row.getString("type"), row.getString("fingerprint"), row.getString("public_key")))
        .list();
  }

  static Job job(ResultSet row, Handle handle) throws SQLException {
    String id = row.getString("id");
    List<Path> files =
        handle
            .createQuery("select file from job_file where job_id = :id order by position")
            .bind("id", id)
            .map((file, c) -> Path.of(file.getString("file")))
            .list();
    return new Job(
        id,
        row.getString("what"),
        row.getString("process"),
        files,
        Instant.parse(row.getString("begun_at")));
  }
}
