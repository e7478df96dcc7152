package io.calco.server.identity;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.calco.server.http.Addresses;
import io.calco.server.http.Json;
import io.calco.server.http.Routes;
import io.calco.server.identity.Views.DomainView;
import io.calco.server.identity.Views.EndpointView;
import io.calco.server.identity.Views.ServiceView;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What does not change: versions, the domain, services and where they are.
final class DiscoveryRoutes implements Routes {
  private final Access access;
  private final ServiceCatalog catalog;

  DiscoveryRoutes(Access access, ServiceCatalog catalog) {
    this.access = access;
    this.catalog = catalog;
  }

  @Override
  public void addTo(RoutesConfig routes) {
    String v3 = IdentityRoutes.V3;
    routes.get(Addresses.IDENTITY, DiscoveryRoutes::versions);
    routes.get(v3, DiscoveryRoutes::version);
    routes.get(v3 + "/domains", this::domains);
    routes.get(v3 + "/domains/{domain}", this::domain);
    routes.get(v3 + "/regions", this::regions);
    routes.get(v3 + "/services", this::services);
    routes.get(v3 + "/endpoints", this::endpoints);
  }

  private static void versions(Context request) {
    Json.answer(
        request,
        HttpStatus.MULTIPLE_CHOICES,
        Map.of("versions", Map.of("values", List.of(about(request)))));
  }

  private static void version(Context request) {
    Json.answer(request, HttpStatus.OK, Map.of("version", about(request)));
  }

  private static Map<String, Object> about(Context request) {
    Map<String, Object> version = new LinkedHashMap<>();
    version.put("id", "v3.14");
    version.put("status", "stable");
    version.put("updated", "2020-04-07T00:00:00Z");
    version.put("links", List.of(Map.of("rel", "self", "href", ServiceCatalog.v3(request) + "/")));
    version.put(
        "media-types",
        List.of(
            Map.of(
                "base", "application/json", "type", "application/vnd.openstack.identity-v3+json")));
    return version;
  }

  private void domains(Context request) throws IOException {
    access.anyone(request);
    boolean asked =
        Lists.asked(request, "name", Domain.DEFAULT.name())
            && Lists.asked(request, "enabled", true);
    Lists.answer(
        request, "domains", asked ? List.of(DomainView.of(ServiceCatalog.v3(request))) : List.of());
  }

  private void domain(Context request) throws IOException {
    access.anyone(request);
    String id = request.pathParam("domain");
    if (!id.equals(Domain.ID)) {
      throw Access.notFound("domain", id);
    }
    Json.answer(
        request, HttpStatus.OK, Map.of("domain", DomainView.of(ServiceCatalog.v3(request))));
  }

  private void regions(Context request) throws IOException {
    access.anyone(request);
    Lists.answer(
        request, "regions", List.of(Map.of("id", ServiceCatalog.REGION, "description", "")));
  }

  private void services(Context request) throws IOException {
    access.admin(request);
    Lists.answer(
        request,
        "services",
        catalog.of(request).stream()
            .filter(service -> Lists.asked(request, "type", service.type()))
            .filter(service -> Lists.asked(request, "name", service.name()))
            .map(service ->
                Map.of(
                    "id", service.id(),
                    "type", service.type(),
                    "name", service.name(),
                    "enabled", true))
            .toList());
  }

  /// An endpoint and whose it is.
  private record PlacedEndpoint(
      @JsonUnwrapped EndpointView endpoint, String serviceId, boolean enabled) {}

  private void endpoints(Context request) throws IOException {
    access.admin(request);
    List<PlacedEndpoint> all = new ArrayList<>();
    for (ServiceView service : catalog.of(request)) {
      for (EndpointView endpoint : service.endpoints()) {
        all.add(new PlacedEndpoint(endpoint, service.id(), true));
      }
    }
    Lists.answer(
        request,
        "endpoints",
        all.stream()
            .filter(each -> Lists.asked(request, "service_id", each.serviceId()))
            .filter(each -> Lists.asked(request, "interface", each.endpoint().face()))
            .toList());
  }
}
