package io.calco.server.identity;

import io.calco.engine.identity.Identity;
import io.calco.server.http.Addresses;
import io.calco.server.http.Authentication;
import io.calco.server.http.Routes;
import io.javalin.config.RoutesConfig;
import java.net.URI;
import java.util.List;
import java.util.Map;

/// All of the Identity API.
public final class IdentityRoutes implements Routes {
  static final String V3 = Addresses.IDENTITY + "/v3";

  private final List<Routes> parts;

  /// The API over an identity.
  public IdentityRoutes(Identity identity, Authentication authentication) {
    this(identity, authentication, Map.of());
  }

  /// The API over an identity, whose catalogue names services of other servers too.
  ///
  /// @param services by their type, such as `volumev3`
  public IdentityRoutes(
      Identity identity, Authentication authentication, Map<String, URI> services) {
    ServiceCatalog catalog = new ServiceCatalog(Map.copyOf(services));
    Access access = new Access(authentication, identity.tokens());
    parts =
        List.of(
            new DiscoveryRoutes(access, catalog),
            new TokenRoutes(identity, access, catalog),
            new UserRoutes(identity, access),
            new ProjectRoutes(identity, access),
            new RoleRoutes(identity, access),
            new CredentialRoutes(identity, access));
  }

  @Override
  public void addTo(RoutesConfig routes) {
    // Answers hold tokens and secrets.
    routes.before(V3 + "/*", request -> request.header("Cache-Control", "no-store"));
    parts.forEach(part -> part.addTo(routes));
  }
}
