package io.calco.cli;

import io.calco.engine.Calco;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.identity.HostCaller;
import io.calco.engine.identity.Identity;
import io.calco.engine.images.ImageService;
import io.calco.engine.images.ImageTemplates;
import java.io.IOException;
import java.util.Optional;

/// What clones are made of: a template, or an image of the catalogue that becomes one.
///
/// @param version the newest if empty
record CloneBase(String template, Optional<Integer> version) {

  /// @param given a template's name, or `image:NAME`
  static CloneBase of(CommandBase command, Calco calco, String given, Optional<Integer> version)
      throws IOException {
    if (!given.startsWith(ImageTemplates.PREFIX)) {
      return new CloneBase(given, version);
    }
    if (version.isPresent()) {
      throw new OperationException(
          Kind.USAGE, "an image has no template's versions: leave out --template-version");
    }
    String image = given.substring(ImageTemplates.PREFIX.length());
    try (ImageService images = ImagesCommand.open(calco);
        Progress progress = command.progress()) {
      ImageTemplates.Base made =
          images
              .templates(calco)
              .base(
                  HostCaller.of(new Identity(calco.catalog()), Optional.empty()), image, progress);
      return new CloneBase(made.template(), Optional.of(made.version()));
    }
  }
}
