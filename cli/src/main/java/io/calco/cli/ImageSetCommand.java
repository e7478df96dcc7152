package io.calco.cli;

import io.calco.catalog.ImageEntry;
import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.cli.Syntax.Values;
import io.calco.engine.Calco;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.ImagePatch;
import io.calco.engine.images.ImagePatch.Change;
import io.calco.engine.images.ImageService;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// `calco image set`.
final class ImageSetCommand extends ImagesCommand {
  private final Value<String> image =
      words.parameter("IMAGE", String.class, "Its name, alias or id.");
  private final Value<String> name =
      words.option("--name", "NAME", String.class, "Another name, such as debian:12.");
  private final Value<ImageListCommand.VisibilityName> visibility =
      words.option(
          "--visibility",
          "WHO",
          ImageListCommand.VisibilityName.class,
          "Who sees it: ${COMPLETION-CANDIDATES}.");
  private final Values<String> properties =
      words.options("--property", "KEY=VALUE", String.class, "A property; may be repeated.");
  private final Values<String> removed =
      words.options("--remove-property", "KEY", String.class, "Take a property away.");
  private final Value<Integer> minDisk =
      words.option("--min-disk", "GIB", Integer.class, "What a disk made from it must have.");
  private final Value<Integer> minRam =
      words.option("--min-ram", "MIB", Integer.class, "What a machine made from it must have.");
  private final Flag protect = words.flag("--protect", "It cannot be deleted.");
  private final Flag unprotect = words.flag("--unprotect", "It can be deleted again.");
  private final Flag hide = words.flag("--hide", "Lists leave it out.");
  private final Flag unhide = words.flag("--unhide", "Lists have it again.");

  ImageSetCommand() {
    super("set", "Change what is said of an image: all of it, or nothing.");
    words.oneOf(protect, unprotect);
    words.oneOf(hide, unhide);
    words.examples("calco image set debian-12 --name debian:12 --visibility public --protect");
  }

  @Override
  int run(Calco calco, ImageService images, Caller caller) throws IOException {
    ImageEntry found = images.names().get(caller, image.get());
    List<Change> changes = changes();
    if (changes.isEmpty()) {
      throw new OperationException(
          Kind.USAGE, "nothing is to be changed", "see: calco image set -h");
    }
    ImageEntry changed = images.images().patch(caller, found.id(), new ImagePatch(changes));
    if (json()) {
      Json.print(out(), ImageText.json(changed));
    } else {
      say(Text.safe(changed.facts().name()) + ": changed");
    }
    return ExitCode.DONE;
  }

  private List<Change> changes() {
    List<Change> changes = new ArrayList<>();
    name.optional().ifPresent(text -> changes.add(new Change.Add("name", text)));
    visibility
        .optional()
        .ifPresent(who -> changes.add(new Change.Add("visibility", who.visibility().text())));
    Properties.parse(properties.all())
        .forEach((key, value) -> changes.add(new Change.Add(key, value)));
    removed.all().forEach(key -> changes.add(new Change.Remove(key)));
    minDisk.optional().ifPresent(size -> changes.add(new Change.Add("min_disk", size)));
    minRam.optional().ifPresent(size -> changes.add(new Change.Add("min_ram", size)));
    if (protect.given() || unprotect.given()) {
      changes.add(new Change.Add("protected", protect.given()));
    }
    if (hide.given() || unhide.given()) {
      changes.add(new Change.Add("os_hidden", hide.given()));
    }
    return changes;
  }
}
