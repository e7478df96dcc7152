package io.calco.cli;

import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageInspection;
import io.calco.catalog.ImageOrigin;
import io.calco.cli.Syntax.Value;
import io.calco.engine.Calco;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.ImageNames;
import io.calco.engine.images.ImageService;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `calco image history`.
final class ImageHistoryCommand extends ImagesCommand {
  private final Value<String> family =
      words.parameter("NAME", String.class, "A family (debian), or a version of it (debian:12).");

  ImageHistoryCommand() {
    super(
        "history",
        "The versions of a family, the highest first; of each the newest first, which its name means.");
    words.examples("calco image history debian");
  }

  @Override
  int run(Calco calco, ImageService images, Caller caller) throws IOException {
    int colon = family.get().lastIndexOf(':');
    String name = colon < 0 ? family.get() : family.get().substring(0, colon);
    List<ImageEntry> all = new ArrayList<>(images.names().versions(caller, name));
    if (colon >= 0) {
      all.removeIf(image -> !image.facts().name().equals(family.get()));
    }
    if (all.isEmpty()) {
      throw new OperationException(
          Kind.NOT_FOUND,
          "there are no versions of " + family.get(),
          "an image is a version of a family by its name, such as debian:12");
    }
    Map<String, ImageInspection> found = images.inspections().of(all);
    Table table = new Table("VERSION", "CREATED", "SIZE", "SYSTEM", "FROM", "ID");
    List<Json.Fields> fields = new ArrayList<>();
    for (ImageEntry image : all) {
      Optional<ImageOrigin> origin = images.origins().find(caller, image.id());
      Optional<ImageInspection> inside = Optional.ofNullable(found.get(image.id()));
      table.add(
          ImageNames.version(image),
          ImageText.moment(image.createdAt()),
          ImageText.size(image),
          ImageText.system(inside),
          origin
              .map(from -> from.place().isEmpty() ? from.kind().text() : from.place())
              .orElse("-"),
          image.id());
      fields.add(
          ImageText.json(image)
              .put("origin", origin.map(ImageText::json))
              .put("inspection", inside.map(ImageText::json)));
    }
    if (json()) {
      Json.print(out(), fields);
    } else {
      table.print(out());
    }
    return ExitCode.DONE;
  }
}
