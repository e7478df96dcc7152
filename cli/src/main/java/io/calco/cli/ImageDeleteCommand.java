package io.calco.cli;

import io.calco.catalog.ImageEntry;
import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Values;
import io.calco.engine.Calco;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.ImageService;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `calco image delete`.
final class ImageDeleteCommand extends ImagesCommand {
  private final Values<String> names =
      words.parameters(1, "IMAGE", String.class, "Names, aliases or ids; a name means its newest.");
  private final Flag dryRun =
      words.flag("--dry-run", "Say what would be deleted, and delete nothing.");
  private final Confirmation confirmation = new Confirmation(words);

  ImageDeleteCommand() {
    super(
        "delete",
        "Delete images with their content.",
        "One that is protected, or that templates are made from, stays.");
    words.examples("calco image delete debian:11 --dry-run");
  }

  @Override
  int run(Calco calco, ImageService images, Caller caller) throws IOException {
    Map<String, ImageEntry> all = new LinkedHashMap<>();
    for (String name : names.all()) {
      ImageEntry image = images.names().get(caller, name);
      images.images().requireDeletable(caller, image.id());
      all.put(image.id(), image);
    }
    List<String> shown =
        all.values().stream()
            .map(image ->
                "%s (%s, %s)".formatted(image.facts().name(), ImageText.size(image), image.id()))
            .toList();
    if (!dryRun.given()) {
      confirmation.require("Delete image %s?".formatted(String.join(", ", shown)));
      for (String id : all.keySet()) {
        images.images().delete(caller, id);
      }
    }
    if (json()) {
      Json.print(
          out(),
          all.values().stream()
              .map(image ->
                  Json.object()
                      .put("id", image.id())
                      .put("name", image.facts().name())
                      .put("deleted", !dryRun.given()))
              .toList());
    } else {
      String would = dryRun.given() ? "would be " : "";
      shown.forEach(image -> say(Text.safe(would + "deleted: " + image)));
    }
    return ExitCode.DONE;
  }
}
