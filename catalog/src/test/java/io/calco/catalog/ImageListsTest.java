package io.calco.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.catalog.ImageEntry.Status;
import io.calco.catalog.ImageEntry.Visibility;
import io.calco.catalog.ImageQuery.Comparison;
import io.calco.catalog.ImageQuery.Condition;
import io.calco.catalog.ImageQuery.Direction;
import io.calco.catalog.ImageQuery.Field;
import io.calco.catalog.ImageQuery.Order;
import io.calco.catalog.ImageQuery.Scope;
import io.calco.catalog.ImageQuery.Sight;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Lists of images, and what they cost.
class ImageListsTest extends WithImageCatalog {
  private static final List<String> PROJECTS = List.of("ana", "bea", "carla");

  /// Lists by SQL are the lists that a plain loop over all images makes.
  @Test
  void listsAsALoopWould() {
    Seeds.run(2, this::compareLists);
  }

  private void compareLists(Random random) throws IOException {
    for (ImageEntry old : images.list(everything())) {
      images.delete(old.id());
    }
    Map<String, Map<String, ImageMember.Status>> members = new HashMap<>();
    List<ImageEntry> all = new ArrayList<>();
    catalog.inTransaction(() -> {
      for (int i = 0; i < 150; i++) {
        all.add(images.add(anyImage(random)));
        for (String project : PROJECTS) {
          if (random.nextInt(3) == 0) {
            ImageMember.Status status = any(random, ImageMember.Status.values());
            images.addMember(all.getLast().id(), project);
            images.updateMember(all.getLast().id(), project, status);
            members.computeIfAbsent(all.getLast().id(), id -> new HashMap<>()).put(project, status);
          }
        }
      }
    });
    for (int i = 0; i < 200; i++) {
      ImageQuery query = anyQuery(random);
      List<ImageEntry> expected =
          all.stream()
              .filter(image -> sees(query, image, members.getOrDefault(image.id(), Map.of())))
              .filter(image -> query.conditions().stream().allMatch(c -> holds(c, image)))
              .sorted(comparator(ImageSelection.complete(query.order())))
              .toList();
      assertThat(pages(query)).as(query.toString()).isEqualTo(expected);
    }
  }

  private static ImageQuery everything() {
    return new ImageQuery(
        new Sight.All(""),
        new Scope.Everything(Optional.empty()),
        List.of(),
        List.of(),
        Optional.empty(),
        1000);
  }

  /// The whole list, page after page.
  private List<ImageEntry> pages(ImageQuery query) throws IOException {
    List<ImageEntry> all = new ArrayList<>();
    Optional<String> after = Optional.empty();
    while (true) {
      List<ImageEntry> page =
          images.list(
              new ImageQuery(
                  query.sight(),
                  query.scope(),
                  query.conditions(),
                  query.order(),
                  after,
                  query.limit()));
      all.addAll(page);
      if (page.size() < query.limit()) {
        return all;
      }
      after = Optional.of(page.getLast().id());
    }
  }

  @SafeVarargs
  private static <T> T any(Random random, T... values) {
    return values[random.nextInt(values.length)];
  }

  private static ImageEntry anyImage(Random random) {
    Instant created =
        Instant.parse("2026-01-01T00:00:00Z").plus(random.nextInt(90), ChronoUnit.MILLIS);
    Set<String> tags = new TreeSet<>();
    for (String tag : List.of("a", "b", "c")) {
      if (random.nextBoolean()) {
        tags.add(tag);
      }
    }
    ImageFacts facts =
        new ImageFacts(
            any(random, "", "debian", "alpine", "it's, \"quoted\""),
            any(random, Visibility.values()),
            random.nextBoolean(),
            random.nextInt(4) == 0,
            any(random, "raw", "qcow2"),
            "bare",
            random.nextInt(3),
            0);
    Status status = any(random, Status.QUEUED, Status.SAVING, Status.ACTIVE, Status.DEACTIVATED);
    boolean complete = status == Status.ACTIVE || status == Status.DEACTIVATED;
    return new ImageEntry(
        Catalog.newId(),
        any(random, "ana", "bea", "carla"),
        status,
        facts,
        complete ? Optional.of(Fixtures.data(random.nextInt(5))) : Optional.empty(),
        new TreeSet<>(tags),
        new TreeMap<>(Map.of("os", any(random, "x", "y"))),
        created,
        created.plus(random.nextInt(5), ChronoUnit.MICROS));
  }

  private static ImageQuery anyQuery(Random random) {
    String project = any(random, "ana", "bea", "none");
    Optional<ImageMember.Status> membership =
        random.nextBoolean()
            ? Optional.empty()
            : Optional.of(any(random, ImageMember.Status.values()));
    Scope scope =
        any(
            random,
            new Scope.Usual(membership),
            new Scope.Only(any(random, Visibility.values()), membership),
            new Scope.Everything(membership));
    List<Condition> conditions = new ArrayList<>();
    List<Condition> some =
        List.of(
            new Condition.Text(Field.NAME, List.of("debian", "it's, \"quoted\"")),
            new Condition.Text(Field.STATUS, List.of("active")),
            new Condition.Prefix(Field.NAME, "deb"),
            new Condition.Amount(Field.SIZE, Comparison.AT_LEAST, 2),
            new Condition.Amount(Field.HIDDEN, Comparison.EQUAL, 0),
            new Condition.Moment(
                Field.CREATED_AT, Comparison.LESS, Instant.parse("2026-01-01T00:00:00.04Z")),
            new Condition.Tag("a"),
            new Condition.Tag("b"),
            new Condition.Search("EB"),
            new Condition.Search("%"),
            new Condition.Search("S, \""),
            new Condition.Search("a"),
            new Condition.Property("os", "x"));
    for (Condition condition : some) {
      if (random.nextInt(8) == 0) {
        conditions.add(condition);
      }
    }
    List<Order> order = new ArrayList<>();
    Set<Field> used = new HashSet<>();
    while (random.nextInt(2) == 0 && used.size() < 5) {
      Field field =
          any(random, Field.NAME, Field.SIZE, Field.CREATED_AT, Field.UPDATED_AT, Field.ID);
      if (used.add(field)) {
        order.add(new Order(field, any(random, Direction.values())));
      }
    }
    return new ImageQuery(
        random.nextBoolean() ? new Sight.All(project) : new Sight.Project(project),
        scope,
        conditions,
        order,
        Optional.empty(),
        1 + random.nextInt(60));
  }

  private static boolean sees(
      ImageQuery query, ImageEntry image, Map<String, ImageMember.Status> members) {
    Visibility visibility = image.facts().visibility();
    boolean all = query.sight() instanceof Sight.All;
    String project =
        switch (query.sight()) {
          case Sight.All(String theirs) -> theirs;
          case Sight.Project(String theirs) -> theirs;
        };
    boolean own = image.owner().equals(project);
    boolean shared =
        visibility == Visibility.SHARED
            && members.containsKey(project)
            && query
                .scope()
                .membership()
                .map(status -> members.get(project) == status)
                .orElse(true);
    boolean visible =
        all
            || own
            || visibility == Visibility.PUBLIC
            || visibility == Visibility.COMMUNITY
            || shared;
    return visible
        && switch (query.scope()) {
          case Scope.Usual _ -> own || visibility != Visibility.COMMUNITY;
          case Scope.Only only -> visibility == only.visibility();
          case Scope.Everything _ -> true;
        };
  }

  private static boolean holds(Condition condition, ImageEntry image) {
    return switch (condition) {
      case Condition.Text text ->
          text.values()
              .contains(text.field() == Field.NAME ? image.facts().name() : image.status().text());
      case Condition.Prefix begun -> image.facts().name().startsWith(begun.prefix());
      case Condition.Amount amount ->
          amount.field() == Field.HIDDEN
              ? !image.facts().hidden()
              : image.data().map(ImageData::size).orElse(-1L) >= amount.value();
      case Condition.Moment moment -> image.createdAt().isBefore(moment.value());
      case Condition.Tag tag -> image.tags().contains(tag.tag());
      case Condition.Search(String text) -> {
        String sought = text.toLowerCase(Locale.ROOT);
        yield image.facts().name().toLowerCase(Locale.ROOT).contains(sought)
            || image.id().toLowerCase(Locale.ROOT).startsWith(sought)
            || image.tags().stream().anyMatch(tag -> tag.toLowerCase(Locale.ROOT).contains(sought));
      }
      case Condition.Property property ->
          property.value().equals(image.properties().get(property.name()));
    };
  }

  private static Comparator<ImageEntry> comparator(List<Order> order) {
    Comparator<ImageEntry> all = (_, _) -> 0;
    for (Order each : order) {
      Comparator<ImageEntry> one =
          switch (each.field()) {
            case NAME -> Comparator.comparing(image -> image.facts().name());
            case SIZE ->
                Comparator.comparing(image -> image.data().map(ImageData::size).orElse(-1L));
            case CREATED_AT -> Comparator.comparing(ImageEntry::createdAt);
            case UPDATED_AT -> Comparator.comparing(ImageEntry::updatedAt);
            default -> Comparator.comparing(ImageEntry::id);
          };
      all = all.thenComparing(each.direction() == Direction.ASCENDING ? one : one.reversed());
    }
    return all;
  }

  @Test
  void goesOnAfterNoImageThatIsGone() {
    assertThatThrownBy(() ->
            images.list(
                new ImageQuery(
                    new Sight.All(""),
                    new Scope.Usual(Optional.empty()),
                    List.of(),
                    List.of(),
                    Optional.of("none"),
                    5)))
        .isInstanceOf(CatalogException.Gone.class);
  }

  /// What is in no index is read by no list: each branch is a search, and sorts nothing.
  @Test
  void listsReadAnIndex() throws IOException {
    Database database = Database.open(dir.resolve(Catalog.FILE));
    try (database) {
      for (Field field :
          List.of(Field.CREATED_AT, Field.UPDATED_AT, Field.NAME, Field.SIZE, Field.STATUS)) {
        for (Sight sight : List.of(new Sight.All("ana"), new Sight.Project("ana"))) {
          List<Condition> conditions =
              new ArrayList<>(List.of(new Condition.Amount(Field.HIDDEN, Comparison.EQUAL, 0)));
          if (sight instanceof Sight.Project) {
            conditions.add(new Condition.Text(Field.STATUS, List.of("active")));
          }
          ImageQuery query =
              new ImageQuery(
                  sight,
                  new Scope.Usual(Optional.of(ImageMember.Status.ACCEPTED)),
                  conditions,
                  List.of(new Order(field, Direction.ASCENDING)),
                  Optional.empty(),
                  25);
          ImageSelection selection = new ImageSelection(query, List.of());
          String plan =
              String.join(
                  "\n",
                  database.read(() ->
                      database.list(
                          "explain query plan " + selection.sql(),
                          row -> row.getString("detail"),
                          selection.values())));
          assertThat(plan).as(selection.sql()).doesNotContain("SCAN image\n");
          if (sight instanceof Sight.All) {
            assertThat(plan).doesNotContain("TEMP B-TREE");
          } else {
            assertThat(plan)
                .as("what is shared with anybody is not read")
                .contains("image_member_images (member=? AND status=?)")
                .doesNotContain("AND visibility=?")
                .contains("SEARCH image USING INDEX sqlite_autoindex_image_1 (id=?)");
          }
        }
      }
    }
  }

  /// What few images are is found in an index, for each reason to see them.
  @Test
  void rareFiltersReadAnIndex() throws IOException {
    Map<Condition, String> expected =
        Map.of(
            new Condition.Text(Field.MD5, List.of("00")), "image_by_md5",
            new Condition.Text(Field.SHA512, List.of("00")), "image_by_sha512",
            new Condition.Text(Field.DISK_FORMAT, List.of("vhdx")), "_by_format",
            new Condition.Text(Field.CONTAINER_FORMAT, List.of("ova")), "_by_container",
            new Condition.Amount(Field.HIDDEN, Comparison.EQUAL, 1), "_hidden",
            new Condition.Amount(Field.PROTECTED, Comparison.EQUAL, 1), "_protected");
    try (Database database = Database.open(dir.resolve(Catalog.FILE))) {
      for (var each : expected.entrySet()) {
        for (Sight sight : List.of(new Sight.All("ana"), new Sight.Project("ana"))) {
          ImageQuery query =
              new ImageQuery(
                  sight,
                  new Scope.Usual(Optional.empty()),
                  List.of(each.getKey()),
                  List.of(new Order(Field.CREATED_AT, Direction.DESCENDING)),
                  Optional.empty(),
                  25);
          ImageSelection selection = new ImageSelection(query, List.of());
          List<String> plan =
              database.read(() ->
                  database.list(
                      "explain query plan " + selection.sql(),
                      row -> row.getString("detail"),
                      selection.values()));
          assertThat(plan)
              .as(selection.sql())
              .filteredOn(step -> step.contains(" image USING"))
              .filteredOn(step -> !step.contains("(id=?)"))
              .isNotEmpty()
              .allMatch(step -> step.contains(each.getValue()));
        }
      }
    }
  }

  /// Asked before each upload, it reads no image.
  @Test
  void usageReadsAnIndexAlone() throws IOException {
    Database database = Database.open(dir.resolve(Catalog.FILE));
    try (database) {
      List<String> plan =
          database.read(() ->
              database.list(
                  "explain query plan " + ImageTable.USAGE,
                  row -> row.getString("detail"),
                  "ana",
                  "ana"));
      assertThat(plan)
          .contains("SEARCH image USING COVERING INDEX image_of_owner_by_status (owner=?)")
          .contains("SCAN image_location");
    }
  }
}
