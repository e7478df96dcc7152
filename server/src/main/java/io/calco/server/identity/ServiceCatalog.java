package io.calco.server.identity;

import io.calco.server.http.Addresses;
import io.calco.server.identity.Views.EndpointView;
import io.calco.server.identity.Views.ServiceView;
import io.javalin.http.Context;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Where the services are, as the client that asks can reach them: on this server, but for those of
/// other servers that the operator names.
///
/// @param others by their type, such as `volumev3`
record ServiceCatalog(Map<String, URI> others) {
  /// The one that clients assume.
  static final String REGION = "RegionOne";

  private static final List<String> INTERFACES = List.of("public", "internal", "admin");

  List<ServiceView> of(Context request) {
    List<ServiceView> all = new ArrayList<>();
    all.add(service("image", "glance", Addresses.base(request)));
    all.add(service("identity", "keystone", v3(request)));
    others.forEach((type, address) -> all.add(service(type, type, address.toString())));
    return all;
  }

  /// Where this API is.
  static String v3(Context request) {
    return Addresses.base(request) + IdentityRoutes.V3;
  }

  private static ServiceView service(String type, String name, String url) {
    return new ServiceView(
        type,
        type,
        name,
        INTERFACES.stream()
            .map(each -> new EndpointView(type + "-" + each, each, REGION, REGION, url))
            .toList());
  }
}
