package io.calco.server.image;

import io.calco.catalog.ImageEntry.Visibility;
import io.calco.catalog.ImageMember;
import io.calco.catalog.ImageQuery;
import io.calco.catalog.ImageQuery.Comparison;
import io.calco.catalog.ImageQuery.Condition;
import io.calco.catalog.ImageQuery.Direction;
import io.calco.catalog.ImageQuery.Field;
import io.calco.catalog.ImageQuery.Order;
import io.calco.catalog.ImageQuery.Scope;
import io.calco.server.http.ApiException;
import io.javalin.http.HttpStatus;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The query string of a list: filters, order, page.
final class ListRequest {
  private static final int LIMIT_DEFAULT = 25;
  private static final int LIMIT_MAX = 1000;
  private static final String HASH = "sha512";

  private static final Map<String, Field> SORT_KEYS =
      Map.of(
          "name",
          Field.NAME,
          "status",
          Field.STATUS,
          "container_format",
          Field.CONTAINER_FORMAT,
          "disk_format",
          Field.DISK_FORMAT,
          "size",
          Field.SIZE,
          "id",
          Field.ID,
          "created_at",
          Field.CREATED_AT,
          "updated_at",
          Field.UPDATED_AT);

  private static final Map<String, Field> TEXTS =
      Map.of(
          "id",
          Field.ID,
          "name",
          Field.NAME,
          "status",
          Field.STATUS,
          "container_format",
          Field.CONTAINER_FORMAT,
          "disk_format",
          Field.DISK_FORMAT,
          "owner",
          Field.OWNER,
          "checksum",
          Field.MD5,
          "os_hash_value",
          Field.SHA512);

  /// Those of which several values may be asked for.
  private static final Set<String> LISTED =
      Set.of("id", "name", "status", "container_format", "disk_format");

  private static final Map<String, Field> AMOUNTS =
      Map.of(
          "size",
          Field.SIZE,
          "virtual_size",
          Field.VIRTUAL_SIZE,
          "min_disk",
          Field.MIN_DISK,
          "min_ram",
          Field.MIN_RAM);

  /// Not filters.
  private static final Set<String> OTHERS =
      Set.of("limit", "marker", "sort", "sort_key", "sort_dir", "visibility", "member_status");

  private final Map<String, List<String>> parameters;
  private final List<Condition> conditions = new ArrayList<>();

  private ListRequest(Map<String, List<String>> parameters) {
    this.parameters = parameters;
  }

  /// What is asked for.
  ///
  /// @throws ApiException 400 when that cannot be meant
  static ImageQuery read(Map<String, List<String>> parameters, ImageQuery.Sight sight) {
    return new ListRequest(parameters).query(sight);
  }

  private ImageQuery query(ImageQuery.Sight sight) {
    if (!parameters.containsKey("os_hidden")) {
      addTruth(Field.HIDDEN, "os_hidden", "false");
    }
    parameters.forEach((name, values) -> {
      if (!OTHERS.contains(name)) {
        values.forEach(value -> addFilter(name, value));
      }
    });
    return new ImageQuery(sight, scope(), conditions, order(), find("marker"), limit());
  }

  private Optional<String> find(String name) {
    List<String> values = parameters.getOrDefault(name, List.of());
    return values.isEmpty() ? Optional.empty() : Optional.of(values.getLast());
  }

  private static ApiException wrong(String message) {
    return new ApiException(HttpStatus.BAD_REQUEST, message);
  }

  private int limit() {
    String text = find("limit").orElse(String.valueOf(LIMIT_DEFAULT));
    try {
      long limit = Long.parseLong(text);
      if (limit < 0) {
        throw wrong("limit param must be positive");
      }
      return Math.toIntExact(Math.min(limit, LIMIT_MAX));
    } catch (NumberFormatException e) {
      throw wrong("limit param must be an integer");
    }
  }

  private Scope scope() {
    String status = find("member_status").orElse("accepted");
    Optional<ImageMember.Status> membership = ImageMember.Status.of(status);
    if (membership.isEmpty() && !status.equals("all")) {
      throw wrong("Invalid status: " + status);
    }
    Optional<String> visibility = find("visibility");
    if (visibility.isEmpty()) {
      return new Scope.Usual(membership);
    }
    if (visibility.get().equals("all")) {
      return new Scope.Everything(membership);
    }
    return new Scope.Only(
        Visibility.of(visibility.get())
            .orElseThrow(() -> wrong("Invalid visibility value: " + visibility.get())),
        membership);
  }

  private List<Order> order() {
    Optional<String> sort = find("sort");
    List<String> keys = parameters.getOrDefault("sort_key", List.of());
    List<String> directions = parameters.getOrDefault("sort_dir", List.of());
    List<Order> order = new ArrayList<>();
    if (sort.isPresent()) {
      if (!keys.isEmpty() || !directions.isEmpty()) {
        throw wrong("Old and new sorting syntax cannot be combined");
      }
      for (String each : sort.get().strip().split(",", -1)) {
        String[] parts = each.split(":", 2);
        add(order, parts[0].strip(), parts.length == 2 ? parts[1].strip() : "desc");
      }
      return order;
    }
    List<String> all = keys.isEmpty() ? List.of("created_at") : keys;
    if (directions.size() > 1 && directions.size() != all.size()) {
      throw wrong("Number of sort dirs does not match the number of sort keys");
    }
    for (int i = 0; i < all.size(); i++) {
      String direction =
          directions.isEmpty() ? "desc" : directions.get(Math.min(i, directions.size() - 1));
      add(order, all.get(i), direction);
    }
    return order;
  }

  private static void add(List<Order> order, String key, String direction) {
    Field field = SORT_KEYS.get(key);
    if (field == null) {
      throw wrong(
          "Invalid sort key: %s. It must be one of the following: %s."
              .formatted(key, String.join(", ", SORT_KEYS.keySet().stream().sorted().toList())));
    }
    if (order.stream().anyMatch(each -> each.field() == field)) {
      return;
    }
    order.add(
        new Order(
            field,
            switch (direction) {
              case "asc" -> Direction.ASCENDING;
              case "desc" -> Direction.DESCENDING;
              default -> throw wrong("Invalid sort direction: " + direction);
            }));
  }

  private void addFilter(String name, String value) {
    Field text = TEXTS.get(name);
    Field amount = AMOUNTS.get(name);
    if (text != null) {
      boolean several = LISTED.contains(name) && value.startsWith("in:");
      conditions.add(
          new Condition.Text(text, several ? split(value.substring(3)) : List.of(value)));
    } else if (amount != null) {
      conditions.add(new Condition.Amount(amount, Comparison.EQUAL, number(name, value)));
    } else {
      switch (name) {
        case "size_min" -> addSize(Comparison.AT_LEAST, name, value);
        case "size_max" -> addSize(Comparison.AT_MOST, name, value);
        case "created_at" -> addMoment(Field.CREATED_AT, value);
        case "updated_at" -> addMoment(Field.UPDATED_AT, value);
        case "protected" -> addTruth(Field.PROTECTED, name, value);
        case "os_hidden" -> addTruth(Field.HIDDEN, name, value.toLowerCase(java.util.Locale.ROOT));
        case "tag" -> conditions.add(new Condition.Tag(value));
        case "os_hash_algo" -> {
          if (!value.equals(HASH)) {
            conditions.add(new Condition.Text(Field.ID, List.of("")));
          }
        }
        case "changes-since" ->
            throw wrong("The \"changes-since\" filter is no longer available on v2.");
        default -> conditions.add(new Condition.Property(name, value));
      }
    }
  }

  /// An image without content has no size to compare.
  private void addSize(Comparison comparison, String name, String value) {
    conditions.add(new Condition.Amount(Field.SIZE, comparison, number(name, value)));
    conditions.add(new Condition.Amount(Field.SIZE, Comparison.AT_LEAST, 0));
  }

  private static long number(String name, String value) {
    try {
      long number = Long.parseLong(value);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw wrong("Filter %s must be a whole number, and not negative: %s".formatted(name, value));
  }

  private void addTruth(Field field, String name, String value) {
    if (!value.equals("true") && !value.equals("false")) {
      throw wrong(
          "Invalid value '%s' for '%s' filter. Valid values are 'true' or 'false'."
              .formatted(value, name));
    }
    conditions.add(new Condition.Amount(field, Comparison.EQUAL, value.equals("true") ? 1 : 0));
  }

  /// `a,"b,c"`: commas part, quotes hold together.
  private static List<String> split(String text) {
    List<String> values = new ArrayList<>();
    int at = 0;
    while (at <= text.length()) {
      int end;
      if (at < text.length() && text.charAt(at) == '"') {
        end = text.indexOf('"', at + 1);
        if (end < 0 || end + 1 < text.length() && text.charAt(end + 1) != ',') {
          throw wrong("Invalid filter value %s: the quote is not closed.".formatted(text));
        }
        values.add(text.substring(at + 1, end));
        end++;
      } else {
        end = text.indexOf(',', at) < 0 ? text.length() : text.indexOf(',', at);
        if (text.substring(at, end).indexOf('"') >= 0) {
          throw wrong(
              "Invalid filter value %s. There is no comma before opening quotation mark."
                  .formatted(text));
        }
        values.add(text.substring(at, end));
      }
      at = end + 1;
    }
    return values;
  }

  /// Moments are shown to the second, so they are compared by the second.
  private void addMoment(Field field, String value) {
    int colon = value.indexOf(':');
    String operator = colon < 0 ? "" : value.substring(0, colon);
    boolean stated = Set.of("gt", "gte", "eq", "neq", "lt", "lte").contains(operator);
    if (!stated && operator.matches("[a-z]+")) {
      throw wrong("Unable to filter by unknown operator '%s'.".formatted(operator));
    }
    Instant second =
        moment(stated ? value.substring(colon + 1) : value).truncatedTo(ChronoUnit.SECONDS);
    Instant next = second.plusSeconds(1);
    switch (stated ? operator : "eq") {
      case "gt" -> conditions.add(new Condition.Moment(field, Comparison.AT_LEAST, next));
      case "gte" -> conditions.add(new Condition.Moment(field, Comparison.AT_LEAST, second));
      case "lt" -> conditions.add(new Condition.Moment(field, Comparison.LESS, second));
      case "lte" -> conditions.add(new Condition.Moment(field, Comparison.LESS, next));
      case "neq" -> conditions.add(new Condition.Moment(field, Comparison.NOT_EQUAL, second));
      default -> {
        conditions.add(new Condition.Moment(field, Comparison.AT_LEAST, second));
        conditions.add(new Condition.Moment(field, Comparison.LESS, next));
      }
    }
  }

  private static Instant moment(String text) {
    try {
      if (!text.contains("T")) {
        return LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC);
      }
      boolean zoned = text.matches(".*T.*(?:Z|[+-][0-9]{2}:?[0-9]{2})");
      return zoned
          ? OffsetDateTime.parse(text.replaceFirst("([+-][0-9]{2})([0-9]{2})$", "$1:$2"))
              .toInstant()
          : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
    } catch (DateTimeException e) {
      throw wrong("Bad \"moment\" filter: %s is no time of ISO 8601.".formatted(text));
    }
  }
}
