package io.calco.cli;

import io.calco.cli.Syntax.Value;
import io.calco.engine.Calco;
import io.calco.engine.identity.Caller;
import io.calco.engine.identity.HostCaller;
import io.calco.engine.identity.Identity;
import io.calco.engine.images.ImageService;
import io.calco.engine.images.StoredContents;
import io.calco.engine.store.StoreSecret;
import java.io.IOException;

/// A command on the images of the catalogue; works beside a running server.
abstract class ImagesCommand extends HomeCommand {
  private final Value<String> project =
      words.option("--project", "NAME", String.class, "The project to work in (default: admin).");

  ImagesCommand(String name, String... description) {
    super(name, description);
  }

  private final StoreKeyFile key = new StoreKeyFile(words);

  @Override
  final int run(Calco calco) throws IOException {
    Caller caller = HostCaller.of(new Identity(calco.catalog()), project.optional());
    try (ImageService images = openOwning(calco, key.read())) {
      return run(calco, images, caller);
    }
  }

  /// The images of a home whose store the environment's secret opens.
  static ImageService open(Calco calco) throws IOException {
    return openOwning(calco, StoreSecret.of(System.getenv()));
  }

  /// Likewise with a secret, which is closed.
  static ImageService openOwning(Calco calco, StoreSecret opened) throws IOException {
    try (StoreSecret secret = opened) {
      return ImageService.besideOwning(
          calco.catalog().images(),
          StoredContents.open(calco.home(), secret),
          calco.audit(),
          ImageService.Settings.defaults());
    }
  }

  /// Does the work; the exit code.
  abstract int run(Calco calco, ImageService images, Caller caller) throws IOException;
}
