package io.calco.cli;

import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageEntry.Visibility;
import io.calco.catalog.ImageInspection;
import io.calco.catalog.ImageQuery;
import io.calco.catalog.ImageQuery.Condition;
import io.calco.catalog.ImageQuery.Direction;
import io.calco.catalog.ImageQuery.Field;
import io.calco.catalog.ImageQuery.Order;
import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.cli.Syntax.Values;
import io.calco.engine.Calco;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.ImageService;
import io.calco.engine.images.Images;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `calco image list`.
final class ImageListCommand extends ImagesCommand {
  private static final int PAGE = 1000;

  private final Value<String> name =
      words.option("--name", "NAME", String.class, "Those of this name, or of this family.");
  private final Values<String> tags =
      words.options("--tag", "TAG", String.class, "Those with this tag; may be repeated.");
  private final Value<VisibilityName> visibility =
      words.option(
          "--visibility",
          "WHO",
          VisibilityName.class,
          "Those that these see: ${COMPLETION-CANDIDATES}.");
  private final Flag hidden = words.flag("--hidden", "Those that are hidden.");
  private final Value<Integer> limit =
      words.option("--limit", "N", Integer.class, "At most that many (default: all).");

  /// What `--visibility` takes.
  enum VisibilityName {
    PUBLIC,
    COMMUNITY,
    SHARED,
    PRIVATE;

    Visibility visibility() {
      return Visibility.valueOf(name());
    }

    @Override
    public String toString() {
      return visibility().text();
    }
  }

  ImageListCommand() {
    super("list", "The images of the catalogue, the newest first.");
    words.examples("calco image list", "calco image list --name debian --output json");
  }

  @Override
  int run(Calco calco, ImageService images, Caller caller) throws IOException {
    List<ImageEntry> all = list(images.images(), caller);
    Map<String, ImageInspection> found = images.inspections().of(all);
    if (json()) {
      Json.print(
          out(),
          all.stream()
              .map(image ->
                  ImageText.json(image)
                      .put(
                          "inspection",
                          Optional.ofNullable(found.get(image.id())).map(ImageText::json)))
              .toList());
      return ExitCode.DONE;
    }
    if (all.isEmpty()) {
      say("No images; begin with: calco image import FILE");
      return ExitCode.DONE;
    }
    Table table = new Table("NAME", "FORMAT", "SIZE", "STATUS", "SEEN BY", "SYSTEM", "ID");
    for (ImageEntry image : all) {
      table.add(
          image.facts().name().isEmpty() ? "-" : image.facts().name(),
          ImageText.format(image).isEmpty() ? "-" : ImageText.format(image),
          ImageText.size(image),
          image.status().text(),
          image.facts().visibility().text(),
          ImageText.system(Optional.ofNullable(found.get(image.id()))),
          image.id());
    }
    table.print(out());
    return ExitCode.DONE;
  }

  private List<ImageEntry> list(Images images, Caller caller) throws IOException {
    List<ImageEntry> all = new ArrayList<>();
    int most = limit.optional().orElse(Integer.MAX_VALUE);
    Optional<String> after = Optional.empty();
    while (all.size() < most) {
      int page = Math.min(PAGE, most - all.size());
      List<ImageEntry> next = images.list(caller, query(caller, after, page));
      all.addAll(next);
      if (next.size() < page) {
        break;
      }
      after = Optional.of(next.getLast().id());
    }
    if (name.given()) {
      String wanted = name.get();
      all.removeIf(image ->
          !image.facts().name().equals(wanted) && !image.facts().name().startsWith(wanted + ":"));
    }
    return all;
  }

  private ImageQuery query(Caller caller, Optional<String> after, int count) {
    List<Condition> conditions = new ArrayList<>();
    tags.all().forEach(tag -> conditions.add(new Condition.Tag(tag)));
    name.optional().ifPresent(text -> conditions.add(new Condition.Prefix(Field.NAME, text)));
    conditions.add(
        new Condition.Amount(Field.HIDDEN, ImageQuery.Comparison.EQUAL, hidden.given() ? 1 : 0));
    ImageQuery.Scope scope =
        visibility
            .optional()
            .<ImageQuery.Scope>map(
                only -> new ImageQuery.Scope.Only(only.visibility(), Optional.empty()))
            .orElseGet(() -> new ImageQuery.Scope.Everything(Optional.empty()));
    return new ImageQuery(
        Images.sight(caller),
        scope,
        conditions,
        List.of(new Order(Field.CREATED_AT, Direction.DESCENDING)),
        after,
        count);
  }
}
