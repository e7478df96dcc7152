package io.calco.server.web.image;

import io.calco.catalog.ImageEntry.Status;
import io.calco.catalog.ImageEntry.Visibility;
import io.calco.catalog.ImageMember;
import io.calco.catalog.ImageQuery;
import io.calco.catalog.ImageQuery.Comparison;
import io.calco.catalog.ImageQuery.Condition;
import io.calco.catalog.ImageQuery.Direction;
import io.calco.catalog.ImageQuery.Field;
import io.calco.catalog.ImageQuery.Order;
import io.calco.catalog.ImageQuery.Scope;
import io.calco.engine.images.ImageFormatNames;
import io.calco.server.web.Visit;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which images the catalogue page lists, as its address says: what is not understood is as if it
/// were not there.
///
/// @param search in names, tags and ids; empty for all
/// @param visibility `public`, `shared` …, `offered` for what others offer and nobody answered;
///   empty for all that is usual
/// @param format of the disk; empty for all
/// @param os the property `os_distro`; empty for all
/// @param tag that the image has; empty for all
/// @param status in life; empty for all
/// @param sort a key of [#SORTS]
/// @param descending the other way round
/// @param after the id of the image that the list goes on after; empty to begin at the beginning
record CatalogueFilter(
    String search,
    String visibility,
    String format,
    String os,
    String tag,
    String status,
    String sort,
    boolean descending,
    String after) {

  static final String OFFERED = "offered";
  static final int PAGE = 25;

  private static final int TEXT_MAX = 255;

  /// Of each there is an index.
  private static final Map<String, Field> SORTS =
      Map.of(
          "name", Field.NAME,
          "status", Field.STATUS,
          "size", Field.SIZE,
          "updated", Field.UPDATED_AT);

  private static final String USUAL_SORT = "updated";

  static CatalogueFilter of(Visit visit) {
    String visibility = visit.query("visibility");
    String sort = visit.query("sort");
    boolean known = SORTS.containsKey(sort);
    return new CatalogueFilter(
        text(visit, "q"),
        visibility.equals(OFFERED) || Visibility.of(visibility).isPresent() ? visibility : "",
        ImageFormatNames.DISK.contains(visit.query("format")) ? visit.query("format") : "",
        text(visit, "os"),
        text(visit, "tag"),
        Status.of(visit.query("status")).isPresent() ? visit.query("status") : "",
        known ? sort : USUAL_SORT,
        known ? visit.query("dir").equals("desc") : true,
        text(visit, "after"));
  }

  private static String text(Visit visit, String name) {
    String text = visit.query(name).strip();
    return text.substring(0, Math.min(text.length(), TEXT_MAX));
  }

  /// True when some images are left out.
  boolean isNarrow() {
    return !(search + visibility + format + os + tag + status).isEmpty();
  }

  ImageQuery query(ImageQuery.Sight sight) {
    List<Condition> conditions = new ArrayList<>();
    conditions.add(new Condition.Amount(Field.HIDDEN, Comparison.EQUAL, 0));
    if (!search.isEmpty()) {
      conditions.add(new Condition.Search(search));
    }
    if (!format.isEmpty()) {
      conditions.add(new Condition.Text(Field.DISK_FORMAT, List.of(format)));
    }
    if (!status.isEmpty()) {
      conditions.add(new Condition.Text(Field.STATUS, List.of(status)));
    }
    if (!tag.isEmpty()) {
      conditions.add(new Condition.Tag(tag));
    }
    if (!os.isEmpty()) {
      conditions.add(new Condition.Property("os_distro", os));
    }
    Field field = SORTS.getOrDefault(sort, Field.UPDATED_AT);
    Direction direction = descending ? Direction.DESCENDING : Direction.ASCENDING;
    return new ImageQuery(
        sight,
        scope(),
        conditions,
        List.of(new Order(field, direction)),
        after.isEmpty() ? Optional.empty() : Optional.of(after),
        PAGE + 1); // one more tells whether there is another page
  }

  private Scope scope() {
    Optional<ImageMember.Status> accepted = Optional.of(ImageMember.Status.ACCEPTED);
    if (visibility.equals(OFFERED)) {
      return new Scope.Only(Visibility.SHARED, Optional.of(ImageMember.Status.PENDING));
    }
    return Visibility.of(visibility)
        .<Scope>map(only -> new Scope.Only(only, accepted))
        .orElseGet(() -> new Scope.Usual(accepted));
  }

  /// The query of the same list from after an image.
  String next(String id) {
    return address(sort, descending, tag, id);
  }

  /// The query of the same list by another key, or by the same the other way round.
  String by(String key) {
    boolean down = key.equals(sort) ? !descending : key.equals("size") || key.equals("updated");
    return address(key, down, tag, "");
  }

  /// The query of the same list from its beginning.
  String first() {
    return address(sort, descending, tag, "");
  }

  /// As `aria-sort` has it; empty for what the list is not sorted by.
  String direction(String key) {
    return key.equals(sort) ? descending ? "descending" : "ascending" : "";
  }

  private String address(String by, boolean down, String withTag, String from) {
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("q", search);
    parts.put("visibility", visibility);
    parts.put("format", format);
    parts.put("os", os);
    parts.put("tag", withTag);
    parts.put("status", status);
    if (!by.equals(USUAL_SORT) || !down) {
      parts.put("sort", by);
      parts.put("dir", down ? "desc" : "asc");
    }
    parts.put("after", from);
    List<String> query = new ArrayList<>();
    parts.forEach((name, value) -> {
      if (!value.isEmpty()) {
        query.add(name + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8));
      }
    });
    return query.isEmpty() ? "" : "?" + String.join("&", query);
  }
}
