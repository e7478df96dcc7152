package io.calco.catalog;

import io.calco.catalog.ImageEntry.Status;
import io.calco.catalog.ImageEntry.Visibility;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// The tables of images, their tags and properties; called within transactions.
final class ImageTable {
  static final String COLUMNS =
      """
      id, owner, name, status, visibility, protected, hidden, disk_format, container_format, min_disk, min_ram,
        size, virtual_size, md5, sha256, sha512, blob, source, created_at, updated_at
      """;

  /// What a project has, but for what was killed. The cross join begins with the locations, of
  /// which there are few.
  static final String USAGE =
      """
      select count(*), coalesce(sum(case when status in ('saving', 'uploading', 'importing') then 1 else 0 end), 0),
        coalesce(sum(case when size > 0 and status not in ('uploading', 'importing')
          and blob not like 'http%' then size else 0 end), 0)
        + (select coalesce(sum(image.size), 0) from image_location
            cross join image on image.id = image_location.image_id
            where image.owner = ? and position > 0 and place not like 'http%'),
        coalesce(sum(case when size > 0 and status in ('uploading', 'importing') then size else 0 end), 0)
      from image where owner = ? and status <> 'killed'
      """;

  /// Questions that are alike are prepared once: the ids are filled up to a power of two.
  private static final int IDS_AT_ONCE = 256;

  private static final ImageData NO_DATA =
      new ImageData("", -1, OptionalLong.empty(), "", "", "", "");

  private final Database database;
  private final ImageLocationTable locations;

  ImageTable(Database database) {
    this.database = database;
    this.locations = new ImageLocationTable(database);
  }

  Optional<ImageEntry> find(String id) throws SQLException {
    return complete(
            database.list("select " + COLUMNS + " from image where id = ?", ImageTable::image, id))
        .stream()
        .findFirst();
  }

  List<ImageEntry> list(ImageQuery query) throws SQLException, CatalogException {
    List<Object> marker =
        query.after().isPresent() ? marker(query, query.after().get()) : List.of();
    ImageSelection selection = new ImageSelection(query, marker);
    List<ImageEntry> found = database.list(selection.sql(), ImageTable::image, selection.values());
    return complete(found.subList(0, Math.min(query.limit(), found.size())));
  }

  private List<Object> marker(ImageQuery query, String id) throws SQLException, CatalogException {
    List<String> columns =
        ImageSelection.complete(query.order()).stream().map(each -> each.field().column()).toList();
    return database
        .find(
            "select " + String.join(", ", columns) + " from image where id = ?",
            row -> {
              List<Object> all = new ArrayList<>();
              for (int i = 1; i <= columns.size(); i++) {
                all.add(row.getObject(i));
              }
              return all;
            },
            id)
        .orElseThrow(() -> gone(id));
  }

  static CatalogException.Gone gone(String id) {
    return new CatalogException.Gone("there is no image %s".formatted(id));
  }

  void insert(ImageEntry image) throws SQLException, CatalogException {
    try {
      database.update(
          """
          insert into image (owner, name, status, visibility, protected, hidden, disk_format, container_format,
            min_disk, min_ram, size, virtual_size, md5, sha256, sha512, blob, source, updated_at, id, created_at)
          values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
          with(values(image), image.id(), Moments.text(image.createdAt())));
    } catch (SQLException e) {
      if (Database.takenColumn(e).equals("image.id")) {
        throw new CatalogException.Taken("there is an image %s already".formatted(image.id()), e);
      }
      throw e;
    }
    locations.update(image.id(), Optional.empty(), image.data());
    for (String tag : image.tags()) {
      addTag(image.id(), tag);
    }
    for (var property : image.properties().entrySet()) {
      addProperty(image.id(), property.getKey(), property.getValue());
    }
  }

  void update(ImageEntry before, ImageEntry after) throws SQLException {
    database.update(
        """
        update image set owner = ?, name = ?, status = ?, visibility = ?, protected = ?, hidden = ?, disk_format = ?,
          container_format = ?, min_disk = ?, min_ram = ?, size = ?, virtual_size = ?, md5 = ?, sha256 = ?,
          sha512 = ?, blob = ?, source = ?, updated_at = ?
        where id = ?
        """,
        with(values(after), after.id()));
    locations.update(after.id(), before.data(), after.data());
    leave(before.data(), after.data());
    for (String tag : before.tags()) {
      if (!after.tags().contains(tag)) {
        database.update("delete from image_tag where image_id = ? and tag = ?", after.id(), tag);
      }
    }
    for (String tag : after.tags()) {
      if (!before.tags().contains(tag)) {
        addTag(after.id(), tag);
      }
    }
    for (var property : before.properties().entrySet()) {
      if (!property.getValue().equals(after.properties().get(property.getKey()))) {
        database.update(
            "delete from image_property where image_id = ? and name = ?",
            after.id(),
            property.getKey());
      }
    }
    for (var property : after.properties().entrySet()) {
      if (!property.getValue().equals(before.properties().get(property.getKey()))) {
        addProperty(after.id(), property.getKey(), property.getValue());
      }
    }
  }

  boolean delete(String id) throws SQLException {
    Optional<ImageEntry> image = find(id);
    if (image.isPresent()) {
      leave(image.get().data(), Optional.empty());
    }
    return database.update("delete from image where id = ?", id) == 1;
  }

  ImageUsage usage(String owner) throws SQLException {
    return database.find(USAGE, ImageTable::usage, owner, owner).orElseThrow();
  }

  ImageUsage usage() throws SQLException {
    return database
        .find(
            """
            select count(*), coalesce(sum(case when status in ('saving', 'uploading', 'importing') then 1 else 0 end), 0),
              coalesce(sum(case when size > 0 and status not in ('uploading', 'importing') then size else 0 end), 0),
              coalesce(sum(case when size > 0 and status in ('uploading', 'importing') then size else 0 end), 0)
            from image where status <> 'killed'
            """,
            ImageTable::usage)
        .orElseThrow();
  }

  private static ImageUsage usage(ResultSet row) throws SQLException {
    return new ImageUsage(row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4));
  }

  List<String> blobs() throws SQLException {
    return database.list(
        """
        select blob from image where blob <> ''
        union select place from image_location
        union select blob from image_cache where blob <> ''
        """,
        row -> row.getString(1));
  }

  List<String> leavings() throws SQLException {
    return database.list(
        """
        select place from image_leaving where place not in (
          select blob from image
          union select place from image_location
          union select blob from image_cache)
        """,
        row -> row.getString(1));
  }

  void forgetLeavings(List<String> places) throws SQLException {
    for (String place : places) {
      database.update("delete from image_leaving where place = ?", place);
    }
  }

  private void leave(Optional<ImageData> before, Optional<ImageData> after) throws SQLException {
    Set<String> left = new LinkedHashSet<>(before.map(ImageData::places).orElse(List.of()));
    after.map(ImageData::places).ifPresent(left::removeAll);
    for (String place : left) {
      database.update(
          """
          insert into image_leaving (place)
            select ? where not exists (select 1 from image_leaving where place = ?)
          """,
          place,
          place);
    }
  }

  List<BlobUse> blobUses() throws SQLException {
    return database.list(
        """
        select blob, id, name, owner from image where blob <> ''
        union select place, id, name, owner from image_location join image on image.id = image_id
        order by 2, 1
        """,
        row -> new BlobUse(row.getString(1), row.getString(2), row.getString(3), row.getString(4)));
  }

  private void addTag(String id, String tag) throws SQLException {
    database.update("insert into image_tag (image_id, tag) values (?, ?)", id, tag);
  }

  private void addProperty(String id, String name, String value) throws SQLException {
    database.update(
        "insert into image_property (image_id, name, value) values (?, ?, ?)", id, name, value);
  }

  private static Object[] values(ImageEntry image) {
    ImageFacts facts = image.facts();
    ImageData data = image.data().orElse(NO_DATA);
    return new Object[] {
      image.owner(),
      facts.name(),
      image.status().text(),
      facts.visibility().text(),
      facts.isProtected(),
      facts.hidden(),
      facts.diskFormat(),
      facts.containerFormat(),
      facts.minDisk(),
      facts.minRam(),
      data.size(),
      data.virtualSize().orElse(-1),
      data.md5(),
      data.sha256(),
      data.sha512(),
      data.blob(),
      data.source(),
      Moments.text(image.updatedAt())
    };
  }

  private static Object[] with(Object[] values, Object... more) {
    List<Object> all = new ArrayList<>(List.of(values));
    all.addAll(List.of(more));
    return all.toArray();
  }

  /// A row, without tags and properties.
  private static ImageEntry image(ResultSet row) throws SQLException {
    return new ImageEntry(
        row.getString(1),
        row.getString(2),
        Status.of(row.getString(4)).orElseThrow(),
        new ImageFacts(
            row.getString(3),
            Visibility.of(row.getString(5)).orElseThrow(),
            row.getInt(6) != 0,
            row.getInt(7) != 0,
            row.getString(8),
            row.getString(9),
            row.getInt(10),
            row.getInt(11)),
        data(row),
        new TreeSet<>(),
        new TreeMap<>(),
        Instant.parse(row.getString(19)),
        Instant.parse(row.getString(20)));
  }

  private static Optional<ImageData> data(ResultSet row) throws SQLException {
    String blob = row.getString(17);
    if (blob.isEmpty()) {
      return Optional.empty();
    }
    long virtualSize = row.getLong(13);
    return Optional.of(
        new ImageData(
            blob,
            row.getLong(12),
            virtualSize < 0 ? OptionalLong.empty() : OptionalLong.of(virtualSize),
            row.getString(14),
            row.getString(15),
            row.getString(16),
            row.getString(18)));
  }

  /// The images with their tags and properties.
  private List<ImageEntry> complete(List<ImageEntry> bare) throws SQLException {
    List<ImageEntry> all = new ArrayList<>(bare.size());
    for (int at = 0; at < bare.size(); at += IDS_AT_ONCE) {
      List<ImageEntry> some = bare.subList(at, Math.min(at + IDS_AT_ONCE, bare.size()));
      Object[] ids = filledUp(some.stream().map(ImageEntry::id).toList());
      String marks = "?" + ", ?".repeat(ids.length - 1);
      Map<String, SortedSet<String>> tags = new HashMap<>();
      database.list(
          "select image_id, tag from image_tag where image_id in (" + marks + ")",
          row ->
              tags.computeIfAbsent(row.getString(1), id -> new TreeSet<>()).add(row.getString(2)),
          ids);
      Map<String, SortedMap<String, String>> properties = new HashMap<>();
      database.list(
          "select image_id, name, value from image_property where image_id in (" + marks + ")",
          row ->
              properties
                      .computeIfAbsent(row.getString(1), id -> new TreeMap<>())
                      .put(row.getString(2), row.getString(3))
                  == null,
          ids);
      Map<String, List<ImageLocation>> places = locations.of(marks, ids);
      for (ImageEntry image : some) {
        all.add(
            located(image, places)
                .withTags(tags.getOrDefault(image.id(), new TreeSet<>()))
                .withProperties(properties.getOrDefault(image.id(), new TreeMap<>())));
      }
    }
    return all;
  }

  private static ImageEntry located(ImageEntry image, Map<String, List<ImageLocation>> places) {
    List<ImageLocation> all = places.get(image.id());
    return all == null
        ? image
        : image.with(image.status(), image.data().map(data -> data.with(all)));
  }

  /// As many as the next power of two, the last one again and again.
  static Object[] filledUp(List<String> ids) {
    int length = ids.size() == 1 ? 1 : Integer.highestOneBit(ids.size() - 1) << 1;
    Object[] all = new Object[length];
    for (int i = 0; i < length; i++) {
      all[i] = ids.get(Math.min(i, ids.size() - 1));
    }
    return all;
  }
}
