package io.calco.catalog;

import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The tables of jobs and their files; called within transactions.
final class JobTable {
  private final Database database;

  JobTable(Database database) {
    this.database = database;
  }

  void insert(Job job) throws SQLException {
    database.update(
        "insert into job (id, what, process, begun_at) values (?, ?, ?, ?)",
        job.id(),
        job.what(),
        job.process(),
        job.begunAt());
    int position = 0;
    for (Path file : job.files()) {
      database.update(
          "insert into job_file (job_id, position, file) values (?, ?, ?)",
          job.id(),
          position++,
          file);
    }
  }

  void delete(Job job) throws SQLException {
    database.update("delete from job where id = ?", job.id());
  }

  List<Job> all() throws SQLException {
    Map<String, List<JobFile>> files =
        database
            .list(
                "select job_id, file from job_file order by position",
                row -> new JobFile(row.getString(1), Path.of(row.getString(2))))
            .stream()
            .collect(Collectors.groupingBy(JobFile::jobId));
    return database.list(
        "select id, what, process, begun_at from job order by begun_at, id",
        row -> job(row, files.getOrDefault(row.getString("id"), List.of())));
  }

  private record JobFile(String jobId, Path file) {}

  private static Job job(ResultSet row, List<JobFile> files) throws SQLException {
    return new Job(
        row.getString("id"),
        row.getString("what"),
        row.getString("process"),
        files.stream().map(JobFile::file).toList(),
        Instant.parse(row.getString("begun_at")));
  }
}
