package io.calco.catalog;

import io.calco.catalog.Classroom.Place;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/// The catalogue's record of classes. Every method that changes something is one transaction, on
/// the medium when it returns.
///
/// Thread rule: safe for several threads; readers do not wait for a writer.
public final class ClassRecords {
  private static final String SELECT =
      "select id, name, prefix, version_id, quota, pace_millis, created_at from class";

  private final Database database;
  private final CloneTable clones;

  ClassRecords(Database database, CloneTable clones) {
    this.database = database;
    this.clones = clones;
  }

  /// All classes by name.
  public List<Classroom> all() throws IOException {
    return database.read(() -> database.list(SELECT + " order by name", ClassRecords::classroom));
  }

  /// The class of that name.
  public Optional<Classroom> find(String name) throws IOException {
    return database.read(
        () -> database.find(SELECT + " where name = ?", ClassRecords::classroom, name));
  }

  /// Its clones, in the order of their seats.
  public List<Place> places(Classroom classroom) throws IOException {
    return database.read(() -> {
      Map<String, Clone> all =
          clones
              .select(
                  " where clone.id in (select clone_id from class_seat where class_id = ?)",
                  classroom.id())
              .stream()
              .collect(Collectors.toMap(Clone::id, clone -> clone));
      List<Place> places = new ArrayList<>();
      for (Seat seat :
          database.list(
              "select clone_id, number from class_seat where class_id = ? order by number",
              row -> new Seat(row.getString(1), row.getInt(2)),
              classroom.id())) {
        Clone clone = all.get(seat.cloneId());
        if (clone != null) {
          places.add(new Place(seat.number(), clone));
        }
      }
      return places;
    });
  }

  private record Seat(String cloneId, int number) {}

  /// Adds a class without clones.
  ///
  /// @throws CatalogException.Taken when another has the name
  public void add(Classroom classroom) throws IOException {
    Name.parse(classroom.name());
    database.write(() -> {
      try {
        return database.update(
            """
            insert into class (id, name, prefix, version_id, quota, pace_millis, created_at)
            values (?, ?, ?, nullif(?, ''), ?, ?, ?)
            """,
            classroom.id(),
            classroom.name(),
            classroom.prefix(),
            classroom.versionId().orElse(""),
            classroom.quota().orElse(0),
            classroom.pace().toMillis(),
            classroom.createdAt());
      } catch (SQLException e) {
        if (Database.takenColumn(e).equals("class.name")) {
          throw new CatalogException.Taken(
              "there is a class %s already".formatted(classroom.name()), e);
        }
        throw e;
      }
    });
  }

  /// Puts a clone, which is recorded, at a seat.
  public void seat(Classroom classroom, int number, Clone clone) throws IOException {
    database.write(() ->
        database.update(
            "insert into class_seat (clone_id, class_id, number) values (?, ?, ?)",
            clone.id(),
            classroom.id(),
            number));
  }

  /// Records another quota and pace.
  ///
  /// @throws CatalogException.Gone when it is deleted
  public void update(Classroom classroom) throws IOException {
    requireOne(
        classroom,
        database.write(() ->
            database.update(
                "update class set quota = ?, pace_millis = ? where id = ?",
                classroom.quota().orElse(0),
                classroom.pace().toMillis(),
                classroom.id())));
  }

  /// Forgets a class; its clones stay.
  ///
  /// @throws CatalogException.Gone when it is deleted already
  public void delete(Classroom classroom) throws IOException {
    requireOne(
        classroom,
        database.write(() -> database.update("delete from class where id = ?", classroom.id())));
  }

  private static void requireOne(Classroom classroom, int changed) throws CatalogException {
    if (changed == 0) {
      throw new CatalogException.Gone("there is no class %s any more".formatted(classroom.name()));
    }
  }

  private static Classroom classroom(ResultSet row) throws SQLException {
    long quota = row.getLong("quota");
    return new Classroom(
        row.getString("id"),
        row.getString("name"),
        row.getString("prefix"),
        Optional.ofNullable(row.getString("version_id")),
        quota == 0 ? OptionalLong.empty() : OptionalLong.of(quota),
        Duration.ofMillis(row.getLong("pace_millis")),
        Instant.parse(row.getString("created_at")));
  }
}
