package io.calco.cli;

import io.calco.catalog.ImageAlias;
import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Values;
import io.calco.engine.Calco;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.ImageNames.Reach;
import io.calco.engine.images.ImageService;
import java.io.IOException;
import java.util.List;

/// `calco image alias`.
final class ImageAliasCommand extends ImagesCommand {
  private final Values<String> names =
      words.parameters(
          0, "[ALIAS [IMAGE]]", String.class, "The other name, and the name or id it stands for.");
  private final Flag everybody =
      words.flag("--everybody", "All projects may use it, not this one alone.");
  private final Flag delete = words.flag("--delete", "Take the alias away.");

  ImageAliasCommand() {
    super(
        "alias",
        "Other names of images; without words, those that there are.",
        "An alias stands for a name, and so for the newest image of it.");
    words.examples(
        "calco image alias debian:stable debian:12",
        "calco image alias --delete debian:stable",
        "calco image alias");
  }

  @Override
  int run(Calco calco, ImageService images, Caller caller) throws IOException {
    List<String> given = names.all();
    if (given.isEmpty() && !delete.given()) {
      list(images.names().aliases(caller));
    } else if (given.size() == 1 && delete.given()) {
      images.names().deleteAlias(caller, given.getFirst());
      done(given.getFirst(), "is no alias any more");
    } else if (given.size() == 2 && !delete.given()) {
      Reach reach = everybody.given() ? Reach.EVERYBODY : Reach.PROJECT;
      ImageAlias alias = images.names().putAlias(caller, given.getFirst(), given.getLast(), reach);
      done(alias.name(), "stands for " + alias.target());
    } else {
      throw new OperationException(
          Kind.USAGE,
          "an alias and the name it stands for are needed",
          "see: calco image alias -h");
    }
    return ExitCode.DONE;
  }

  private void done(String alias, String what) {
    if (json()) {
      Json.print(out(), Json.object().put("name", alias).put("done", what));
    } else {
      say(Text.safe(alias + " " + what));
    }
  }

  private void list(List<ImageAlias> all) {
    if (json()) {
      Json.print(
          out(),
          all.stream()
              .map(alias ->
                  Json.object()
                      .put("name", alias.name())
                      .put("target", alias.target())
                      .put("everybody", alias.everybody())
                      .put("owner", alias.owner()))
              .toList());
      return;
    }
    if (all.isEmpty()) {
      say("No aliases.");
      return;
    }
    Table table = new Table("ALIAS", "STANDS FOR", "USED BY");
    for (ImageAlias alias : all) {
      table.add(alias.name(), alias.target(), alias.everybody() ? "everybody" : "its project");
    }
    table.print(out());
  }
}
