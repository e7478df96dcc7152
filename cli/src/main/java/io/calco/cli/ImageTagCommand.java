package io.calco.cli;

import io.calco.catalog.ImageEntry;
import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.cli.Syntax.Values;
import io.calco.engine.Calco;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.ImageService;
import java.io.IOException;

/// `calco image tag`.
final class ImageTagCommand extends ImagesCommand {
  private final Value<String> image =
      words.parameter("IMAGE", String.class, "Its name, alias or id.");
  private final Values<String> tags = words.parameters(1, "TAG", String.class, "Words.");
  private final Flag remove = words.flag("--remove", "Take them away instead.");

  ImageTagCommand() {
    super("tag", "Give an image tags, by which lists find it.");
    words.examples("calco image tag debian:12 course-2026 web");
  }

  @Override
  int run(Calco calco, ImageService images, Caller caller) throws IOException {
    ImageEntry found = images.names().get(caller, image.get());
    for (String tag : tags.all()) {
      if (remove.given()) {
        images.images().deleteTag(caller, found.id(), tag);
      } else {
        images.images().addTag(caller, found.id(), tag);
      }
    }
    ImageEntry changed = images.images().get(caller, found.id());
    if (json()) {
      Json.print(out(), ImageText.json(changed));
    } else {
      say(
          Text.safe(
              "%s: %s"
                  .formatted(
                      changed.facts().name(),
                      changed.tags().isEmpty() ? "no tags" : String.join(", ", changed.tags()))));
    }
    return ExitCode.DONE;
  }
}
