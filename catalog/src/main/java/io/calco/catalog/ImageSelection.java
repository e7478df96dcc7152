package io.calco.catalog;

import io.calco.catalog.ImageQuery.Condition;
import io.calco.catalog.ImageQuery.Direction;
import io.calco.catalog.ImageQuery.Field;
import io.calco.catalog.ImageQuery.Order;
import io.calco.catalog.ImageQuery.Scope;
import io.calco.catalog.ImageQuery.Sight;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The SQL of a list. For each reason to see an image there is a branch, which reads no more rows
/// than the list is long, from an index that has its order; the branches are merged.
final class ImageSelection {
  /// What nearly all images are; those that are not have an index.
  private static final String USUAL = "bare";

  /// Stand in the question as numbers: the index of those that are set serves no other question.
  private static final Set<Field> FLAGS = EnumSet.of(Field.PROTECTED, Field.HIDDEN);

  private static final Set<Field> HASHES = EnumSet.of(Field.MD5, Field.SHA512);

  private final StringBuilder sql = new StringBuilder();
  private final List<Object> values = new ArrayList<>();
  private final ImageQuery query;
  private final List<Order> order;

  /// @param marker the values of the order's fields in the image that the list goes on after; empty
  ///   to begin at the beginning
  ImageSelection(ImageQuery query, List<Object> marker) {
    this.query = query;
    this.order = complete(query.order());
    List<Branch> branches = branches();
    if (branches.size() == 1) {
      addBranch("select " + ImageTable.COLUMNS, branches.getFirst(), marker);
    } else {
      sql.append("select ").append(ImageTable.COLUMNS).append(" from image where id in (");
      for (int i = 0; i < branches.size(); i++) {
        sql.append(i == 0 ? "" : " union ").append("select id from (");
        addBranch("select id", branches.get(i), marker);
        sql.append(") branch").append(i);
      }
      sql.append(")");
      addOrder();
    }
  }

  /// Two images never are equal: what was created last comes first, or last where the list is
  /// ascending.
  static List<Order> complete(List<Order> stated) {
    List<Order> all = new ArrayList<>(stated);
    Direction direction = stated.isEmpty() ? Direction.DESCENDING : stated.getLast().direction();
    for (Field field : List.of(Field.CREATED_AT, Field.ID)) {
      if (stated.stream().noneMatch(each -> each.field() == field)) {
        all.add(new Order(field, direction));
      }
    }
    return all;
  }

  String sql() {
    return sql.toString();
  }

  Object[] values() {
    return values.toArray();
  }

  /// A reason to see an image.
  private record Branch(String from, String where, List<Object> values) {
    Branch(String where, List<Object> values) {
      this("image", where, values);
    }
  }

  private List<Branch> branches() {
    return switch (query.sight()) {
      case Sight.All all -> List.of(ofAll(all.project()));
      case Sight.Project project -> ofProject(project.project());
    };
  }

  private Branch ofAll(String project) {
    return switch (query.scope()) {
      case Scope.Usual _ ->
          new Branch("(visibility <> 'community' or owner = ?)", List.of(project));
      case Scope.Only only -> seenBy(only.visibility());
      case Scope.Everything _ -> new Branch("1 = 1", List.of());
    };
  }

  private List<Branch> ofProject(String project) {
    Branch own = new Branch("owner = ?", List.of(project));
    return switch (query.scope()) {
      case Scope.Usual _ -> List.of(own, seenBy(ImageEntry.Visibility.PUBLIC), shared(project));
      case Scope.Everything _ ->
          List.of(
              own,
              seenBy(ImageEntry.Visibility.PUBLIC),
              seenBy(ImageEntry.Visibility.COMMUNITY),
              shared(project));
      case Scope.Only only ->
          switch (only.visibility()) {
            case PUBLIC, COMMUNITY -> List.of(seenBy(only.visibility()));
            case PRIVATE -> List.of(own(project, ImageEntry.Visibility.PRIVATE));
            case SHARED -> List.of(own(project, ImageEntry.Visibility.SHARED), shared(project));
          };
    };
  }

  private static Branch seenBy(ImageEntry.Visibility visibility) {
    return new Branch("visibility = ?", List.of(visibility.text()));
  }

  private static Branch own(String project, ImageEntry.Visibility visibility) {
    return new Branch("owner = ? and visibility = ?", List.of(project, visibility.text()));
  }

  /// The cross join begins with the memberships, which are fewer than what is shared with anybody.
  private Branch shared(String project) {
    Optional<String> membership = query.scope().membership().map(ImageMember.Status::text);
    String from =
        "(select image_id from image_member where member = ?%s) membership"
                .formatted(membership.isPresent() ? " and status = ?" : "")
            + " cross join image on image.id = membership.image_id";
    List<Object> values = new ArrayList<>(List.of(project));
    membership.ifPresent(values::add);
    return new Branch(from, "visibility = 'shared'", values);
  }

  private void addBranch(String select, Branch branch, List<Object> marker) {
    sql.append(select)
        .append(" from ")
        .append(branch.from())
        .append(" where ")
        .append(
            isOfFew()
                ? branch.where().replaceAll("\\b(owner|visibility) =", "coalesce($1, '') =")
                : branch.where());
    values.addAll(branch.values());
    for (Condition condition : query.conditions()) {
      sql.append(" and ");
      addCondition(condition);
    }
    if (!marker.isEmpty()) {
      addAfter(marker);
    }
    addOrder();
    sql.append(" limit ?");
    values.add(query.limit());
  }

  /// Whether few images can be meant: then only the index that knows them is good. No index has
  /// what comes of a function.
  private boolean isOfFew() {
    return query.conditions().stream()
        .anyMatch(condition ->
            condition instanceof Condition.Text text
                && HASHES.contains(text.field())
                && !text.values().contains(""));
  }

  private void addCondition(Condition condition) {
    switch (condition) {
      case Condition.Text text -> {
        sql.append(partial(text))
            .append(text.field().column())
            .append(
                text.values().stream()
                    .map(v -> "?")
                    .collect(Collectors.joining(", ", " in (", ")")));
        values.addAll(text.values());
      }
      case Condition.Prefix begun -> {
        String column = begun.field().column();
        sql.append("%s >= ? and %s < ?".formatted(column, column));
        values.add(begun.prefix());
        values.add(begun.end());
      }
      case Condition.Amount amount -> {
        String column = amount.field().column();
        String sign = amount.comparison().sql();
        if (FLAGS.contains(amount.field())) {
          sql.append("%s %s %d".formatted(column, sign, amount.value()));
        } else {
          sql.append("%s %s ?".formatted(column, sign));
          values.add(amount.value());
        }
      }
      case Condition.Moment moment -> {
        sql.append("%s %s ?".formatted(moment.field().column(), moment.comparison().sql()));
        values.add(Moments.text(moment.value()));
      }
      case Condition.Tag tag -> {
        sql.append("id in (select image_id from image_tag where tag = ?)");
        values.add(tag.tag());
      }
      case Condition.Search search -> {
        String text = search.text().replaceAll("[\\\\%_]", "\\\\$0");
        sql.append(
            """
            (name like ? escape '\\' or id like ? escape '\\'
              or id in (select image_id from image_tag where tag like ? escape '\\'))
            """);
        values.addAll(List.of("%" + text + "%", text + "%", "%" + text + "%"));
      }
      case Condition.Property property -> {
        sql.append("id in (select image_id from image_property where name = ? and value = ?)");
        values.add(property.name());
        values.add(property.value());
      }
    }
  }

  /// What the condition of an index is, where it follows from the values: for SQLite it does not.
  private static String partial(Condition.Text text) {
    return switch (text.field()) {
      case MD5, SHA512 -> text.values().contains("") ? "" : text.field().column() + " <> '' and ";
      case CONTAINER_FORMAT ->
          text.values().contains(USUAL) ? "" : "container_format <> '" + USUAL + "' and ";
      default -> "";
    };
  }

  /// `a > ? or a = ? and (b > ? or …)`; one comparison of rows where all go the same way, which an
  /// index serves. The first field's bound stands apart for the index in the other case.
  private void addAfter(List<Object> marker) {
    Direction first = order.getFirst().direction();
    String beyond = first == Direction.ASCENDING ? ">" : "<";
    if (order.stream().allMatch(each -> each.direction() == first)) {
      sql.append(
          order.stream()
              .map(each -> each.field().column())
              .collect(Collectors.joining(", ", " and (", ") ")));
      sql.append(beyond);
      sql.append(marker.stream().map(v -> "?").collect(Collectors.joining(", ", " (", ")")));
      values.addAll(marker);
      return;
    }
    sql.append(" and %s %s= ? and (".formatted(order.getFirst().field().column(), beyond));
    values.add(marker.getFirst());
    for (int i = 0; i < order.size(); i++) {
      String column = order.get(i).field().column();
      boolean up = order.get(i).direction() == Direction.ASCENDING;
      sql.append("%s %s ?".formatted(column, up ? ">" : "<"));
      values.add(marker.get(i));
      if (i < order.size() - 1) {
        sql.append(" or %s = ? and (".formatted(column));
        values.add(marker.get(i));
      }
    }
    sql.repeat(")", order.size());
  }

  private void addOrder() {
    sql.append(
        order.stream()
            .map(each -> each.field().column() + " " + each.direction().sql())
            .collect(Collectors.joining(", ", " order by ", "")));
  }
}
