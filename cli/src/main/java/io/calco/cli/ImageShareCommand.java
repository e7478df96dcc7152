package io.calco.cli;

import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageMember;
import io.calco.catalog.Project;
import io.calco.cli.Syntax.Flag;
import io.calco.cli.Syntax.Value;
import io.calco.cli.Syntax.Values;
import io.calco.engine.Calco;
import io.calco.engine.identity.Caller;
import io.calco.engine.identity.HostCaller;
import io.calco.engine.identity.Identity;
import io.calco.engine.images.ImageService;
import java.io.IOException;
import java.util.Optional;

/// `calco image share` and `unshare`.
abstract class ImageShareCommand extends ImagesCommand {
  private final Value<String> image =
      words.parameter("IMAGE", String.class, "Its name, alias or id; its visibility is shared.");
  private final Values<String> projects =
      words.parameters(1, "PROJECT", String.class, "Names of projects.");

  ImageShareCommand(String name, String... description) {
    super(name, description);
  }

  @Override
  final int run(Calco calco, ImageService images, Caller caller) throws IOException {
    ImageEntry found = images.names().get(caller, image.get());
    Identity identity = new Identity(calco.catalog());
    for (String name : projects.all()) {
      Project project = identity.projects().getNamed(name);
      String what = change(identity, images, caller, found, project);
      if (!json()) {
        say(Text.safe("%s: %s %s".formatted(found.facts().name(), what, name)));
      }
    }
    if (json()) {
      Json.print(
          out(),
          images.sharing().list(caller, found.id()).stream()
              .map(member ->
                  Json.object()
                      .put("project", member.member())
                      .put("status", member.status().text()))
              .toList());
    }
    return ExitCode.DONE;
  }

  abstract String change(
      Identity identity, ImageService images, Caller caller, ImageEntry image, Project project)
      throws IOException;

  /// `calco image share`.
  static final class Share extends ImageShareCommand {
    private final Flag accept =
        words.flag("--accept", "Accept in their name: their lists have it at once.");

    Share() {
      super(
          "share",
          "Let other projects use an image.",
          "It is in their lists once they have accepted it.");
      words.examples("calco image share debian:12 class-a class-b --accept");
    }

    @Override
    String change(
        Identity identity, ImageService images, Caller caller, ImageEntry image, Project project)
        throws IOException {
      images.sharing().add(caller, image.id(), project.id());
      if (!accept.given()) {
        return "offered to";
      }
      images
          .sharing()
          .update(
              HostCaller.of(identity, Optional.of(project.name())),
              image.id(),
              project.id(),
              ImageMember.Status.ACCEPTED);
      return "shared with";
    }
  }

  /// `calco image unshare`.
  static final class Unshare extends ImageShareCommand {
    Unshare() {
      super("unshare", "Take an image back from other projects.");
    }

    @Override
    String change(
        Identity identity, ImageService images, Caller caller, ImageEntry image, Project project)
        throws IOException {
      images.sharing().delete(caller, image.id(), project.id());
      return "no longer shared with";
    }
  }
}
