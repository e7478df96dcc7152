package io.calco.server.image;

import io.calco.engine.images.ImageService;
import io.calco.engine.images.Metadefs;
import io.calco.server.http.Authentication;
import io.calco.server.http.Routes;
import io.javalin.config.RoutesConfig;
import java.util.List;

/// All of the Image API v2.
public final class ImageApi implements Routes {
  /// The prefix of all paths but the versions'.
  static final String PREFIX = "/v2";

  private final List<Routes> parts;

  /// Serves these images.
  public ImageApi(ImageService service, Metadefs metadefs, Authentication authentication) {
    this.parts =
        List.of(
            new VersionRoutes(),
            new ImageRoutes(service, authentication),
            new DataRoutes(service, authentication),
            new LocationRoutes(service, authentication),
            new MemberRoutes(service, authentication),
            new TaskRoutes(service, authentication),
            new InfoRoutes(service, authentication),
            new CacheRoutes(service, authentication),
            new MetadefRoutes(metadefs, authentication),
            new SchemaRoutes(authentication));
  }

  @Override
  public void addTo(RoutesConfig routes) {
    parts.forEach(part -> part.addTo(routes));
  }
}
