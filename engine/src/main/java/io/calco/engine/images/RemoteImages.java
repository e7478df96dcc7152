package io.calco.engine.images;

import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageEntry.Status;
import io.calco.catalog.ImageFacts;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.io.IOException;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Images of other regions' image services (`glance-download`), asked for with the caller's own
/// token. The operator says where they are; nobody else can name such an address.
///
/// Thread rule: safe for several threads.
final class RemoteImages {
  /// Glance's defaults for what comes along (`glance_download_properties`).
  private static final List<String> PREFIXES =
      List.of("hw_", "trait:", "os_distro", "os_secure_boot", "os_type");

  private static final Set<String> FACES = Set.of("public", "internal", "admin");

  /// Ours: an image's description with all properties that Glance allows has fewer.
  private static final int ANSWER_MAX_BYTES = 16 << 20;

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private final Images images;
  private final ImageTransfers transfers;
  private final Map<String, URI> regions;

  /// @param regions where the image service of each region is, without `/v2`
  RemoteImages(Images images, ImageTransfers transfers, Map<String, URI> regions) {
    this.images = images;
    this.transfers = transfers;
    this.regions = Map.copyOf(regions);
  }

  /// True when there is any other region.
  boolean available() {
    return !regions.isEmpty();
  }

  /// An image of another region.
  ///
  /// @param region its name
  /// @param id the image's there
  /// @param face which of the region's endpoints: `public`, `internal`, `admin`
  /// @param token the caller's
  record Wanted(String region, String id, String face, String token) {
    @Override
    public String toString() {
      return "Wanted[" + region + " " + id + "]"; // never the token
    }
  }

  /// What another region says of an image.
  private record Described(
      String diskFormat,
      String containerFormat,
      long size,
      String hashAlgorithm,
      String hash,
      Map<String, String> properties) {}

  /// Fills an importing image with what another region has.
  ///
  /// @param limit how long it may be, in bytes
  /// @param store where it goes first
  ImageEntry fetch(
      Fetches.Fetch fetch, Wanted wanted, long limit, String store, ImageTransfers.Spread spread)
      throws IOException {
    String id = fetch.imageId();
    ImageEntry before = images.find(id).orElseThrow(() -> Images.notFound(id));
    try {
      URI endpoint = endpoint(wanted);
      WebAddresses addresses = only(endpoint);
      URI image = URI.create("%s/v2/images/%s".formatted(endpoint, wanted.id()));
      Described described = describe(image, addresses, wanted);
      images.update(id, now -> adopted(now, described));
      WebSource.Ask ask = WebSource.Ask.as(wanted.token());
      try (WebSource source = WebSource.open(URI.create(image + "/file"), addresses, ask)) {
        OptionalLong size = OptionalLong.of(described.size());
        var coming =
            new ImageTransfers.Coming(fetch.of(source, size), size, limit, image.toString(), store);
        return transfers.fill(
            id,
            coming,
            Status.IMPORTING,
            data -> {
              requireHash(described, data.sha256(), data.sha512());
              return spread.over(data);
            });
      }
    } catch (IOException | RuntimeException e) {
      transfers.backToQueued(id, Status.IMPORTING, e);
      restore(id, before, e);
      throw e;
    }
  }

  private URI endpoint(Wanted wanted) {
    URI endpoint = regions.get(wanted.region());
    if (endpoint == null || !FACES.contains(wanted.face())) {
      throw new OperationException(
          Kind.NOT_FOUND,
          "No %s image service is known in region %s.".formatted(wanted.face(), wanted.region()));
    }
    return endpoint;
  }

  /// What the operator named may be anywhere; what it redirects to may not.
  private static WebAddresses only(URI endpoint) {
    boolean secure = "https".equalsIgnoreCase(endpoint.getScheme());
    int port = endpoint.getPort() >= 0 ? endpoint.getPort() : secure ? 443 : 80;
    return new WebAddresses(
        Set.of("%s:%d".formatted(endpoint.getHost().toLowerCase(Locale.ROOT), port)));
  }

  private static Described describe(URI image, WebAddresses addresses, Wanted wanted)
      throws IOException {
    JsonNode answer;
    try (WebSource source = WebSource.open(image, addresses, WebSource.Ask.as(wanted.token()))) {
      byte[] bytes = source.body().readNBytes(ANSWER_MAX_BYTES + 1);
      if (bytes.length > ANSWER_MAX_BYTES) {
        throw odd(image);
      }
      answer = MAPPER.readTree(bytes);
    } catch (JacksonException e) {
      throw odd(image);
    }
    if (!answer.path("status").asString("").equals("active")) {
      throw new OperationException(
          Kind.REFUSED, "Source image status should be active: %s".formatted(image));
    }
    if (!answer.path("size").canConvertToLong()) {
      throw odd(image);
    }
    Map<String, String> properties = new LinkedHashMap<>();
    for (var each : answer.properties()) {
      boolean comes = PREFIXES.stream().anyMatch(each.getKey()::startsWith);
      if (comes && each.getValue().isString()) {
        properties.put(each.getKey(), each.getValue().stringValue());
      }
    }
    return new Described(
        answer.path("disk_format").asString(""),
        answer.path("container_format").asString(""),
        answer.path("size").longValue(),
        answer.path("os_hash_algo").asString(""),
        answer.path("os_hash_value").asString(""),
        properties);
  }

  private static OperationException odd(URI image) {
    return new OperationException(
        Kind.CORRUPT, "%s does not answer as an image service does".formatted(image));
  }

  private ImageEntry adopted(ImageEntry image, Described described) {
    if (!ImageFormatNames.DISK.contains(described.diskFormat())
        || !ImageFormatNames.CONTAINER.contains(described.containerFormat())) {
      throw ImageAttributes.usage("The source image has formats that are not known here.");
    }
    ImageFacts facts =
        image
            .facts()
            .withDiskFormat(described.diskFormat())
            .withContainerFormat(described.containerFormat());
    Map<String, String> properties = new TreeMap<>(image.properties());
    properties.putAll(described.properties());
    ImageEntry adopted = image.with(facts).withProperties(properties);
    images.requireLimits(adopted);
    return adopted;
  }

  private static void requireHash(Described described, String sha256, String sha512) {
    String found =
        switch (described.hashAlgorithm()) {
          case "sha256" -> sha256;
          case "sha512" -> sha512;
          default -> described.hash();
        };
    if (!found.equals(described.hash())) {
      throw new OperationException(
          Kind.CORRUPT,
          "What came has another %s than the source image.".formatted(described.hashAlgorithm()));
    }
  }

  /// Gives the image back what it said before.
  private void restore(String id, ImageEntry before, Exception failure) {
    try {
      images.update(
          id,
          now -> {
            Map<String, String> properties = new TreeMap<>(before.properties());
            for (String told : List.of(ImageStates.FAILED_IMPORT, ImageStates.IMPORTING_TO)) {
              if (now.properties().containsKey(told)) {
                properties.put(told, now.properties().getOrDefault(told, ""));
              }
            }
            return now.status() == Status.QUEUED
                ? now.with(
                        now.facts()
                            .withDiskFormat(before.facts().diskFormat())
                            .withContainerFormat(before.facts().containerFormat()))
                    .withProperties(properties)
                : now;
          });
    } catch (IOException | RuntimeException e) { // deleted meanwhile, for one
      failure.addSuppressed(e);
    }
  }
}
