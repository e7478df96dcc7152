package io.calco.server.image;

import io.calco.engine.images.ImagePatch.Change;
import io.calco.engine.images.NewLocation;
import io.calco.engine.images.NewLocation.Claims;
import io.calco.server.http.ApiException;
import io.calco.server.http.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Locations as clients write them: `{"url", "metadata", "validation_data"}`.
final class LocationText {
  private static final String ALL = "/locations";
  private static final Pattern POSITION = Pattern.compile("-|[0-9]{1,6}");
  private static final Set<String> CLAIMS = Set.of("checksum", "os_hash_algo", "os_hash_value");

  /// The metadata's member that says which store a location is in, which we say ourselves.
  private static final String STORE = "store";

  private LocationText() {}

  /// True for a pointer to the locations, or to one of them.
  static boolean isLocation(String pointer) {
    return pointer.equals(ALL) || pointer.startsWith(ALL + "/");
  }

  /// The change that an operation of a patch asks for.
  ///
  /// @param operation `add`, `replace` or `remove`
  /// @throws ApiException 400 when there is no such change
  static Change change(String operation, String pointer, JsonNode value) {
    if (operation.equals("replace")) {
      if (!pointer.equals(ALL) || !(value instanceof ArrayNode array)) {
        throw wrongPointer(pointer);
      }
      List<NewLocation> all = new ArrayList<>();
      array.forEach(each -> all.add(location(each)));
      return new Change.ReplaceLocations(all);
    }
    String position = pointer.equals(ALL) ? "" : pointer.substring(ALL.length() + 1);
    if (position.isEmpty() || position.indexOf('/') >= 0) {
      throw wrongPointer(pointer);
    }
    if (!POSITION.matcher(position).matches()) {
      throw PatchText.wrong("Invalid position for a location.");
    }
    OptionalInt at =
        position.equals("-") ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(position));
    return operation.equals("add")
        ? new Change.AddLocation(at, location(value))
        : new Change.RemoveLocation(at);
  }

  private static ApiException wrongPointer(String pointer) {
    return PatchText.wrong("Invalid JSON pointer for this resource: '%s'".formatted(pointer));
  }

  private static NewLocation location(JsonNode value) {
    if (!value.path("url").isString() || !(value.path("metadata") instanceof ObjectNode said)) {
      throw PatchText.wrong("A location has a url and metadata.");
    }
    ObjectNode metadata = said.deepCopy();
    metadata.remove(STORE);
    return new NewLocation(value.path("url").stringValue(), Json.text(metadata), claims(value));
  }

  /// What a location's content is said to be.
  ///
  /// @throws ApiException 400 when a hash is without its algorithm, or the other way round
  static Optional<Claims> claims(JsonNode location) {
    JsonNode claims = location.path("validation_data");
    if (claims.isMissingNode() || claims.isNull() || claims.isObject() && claims.isEmpty()) {
      return Optional.empty();
    }
    boolean odd =
        !claims.isObject()
            || claims.properties().stream()
                .anyMatch(each -> !CLAIMS.contains(each.getKey()) || !each.getValue().isString());
    if (odd || !claims.has("os_hash_algo") || !claims.has("os_hash_value")) {
      throw PatchText.wrong("validation_data has os_hash_algo and os_hash_value, and checksum.");
    }
    return Optional.of(
        new Claims(
            claims.path("checksum").asString(""),
            claims.path("os_hash_algo").stringValue(),
            claims.path("os_hash_value").stringValue()));
  }
}
