package io.calco.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.engine.Home;
import io.calco.server.http.ListenAddress;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The document says what is answered, and its examples are what it says.
class OpenApiTest {
  private static final Set<String> METHODS =
      Set.of("get", "head", "post", "put", "patch", "delete", "options");

  /// OpenStack's, and described there; and pages, which are for people.
  private static final List<String> NOT_OURS = List.of("/v2", "/identity", "/versions", "/ui");

  @TempDir private Path directory;

  private final JsonNode document = read();

  private static JsonNode read() {
    try (InputStream in = OpenApiTest.class.getResourceAsStream("openapi.json")) {
      return JsonMapper.shared().readTree(in);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean isOurs(String route) {
    String path = route.substring(route.indexOf(' ') + 1);
    return !path.equals("/") && NOT_OURS.stream().noneMatch(path::startsWith);
  }

  private Set<String> described() {
    Set<String> described = new TreeSet<>();
    for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
      for (String method : path.getValue().propertyNames()) {
        if (METHODS.contains(method)) { // and not what is said of all of them
          described.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey());
        }
      }
    }
    return described;
  }

  @Test
  void describesEachRouteOfOurs() throws IOException {
    try (CalcoServer server =
            CalcoServer.open(
                new Home(directory), ServerSettings.at(new ListenAddress("127.0.0.1", 0)));
        HttpClient client = HttpClient.newHttpClient()) {
      assertThat(described())
          .containsExactlyInAnyOrderElementsOf(
              server.routes().stream()
                  .filter(OpenApiTest::isOurs)
                  .map(route -> route.replace('<', '{').replace('>', '}')) // of several parts
                  .sorted()
                  .distinct()
                  .toList());
      var answer =
          client
              .sendAsync(
                  HttpRequest.newBuilder(URI.create(server.address() + "/openapi.json")).build(),
                  BodyHandlers.ofString())
              .join();
      assertThat(JsonMapper.shared().readTree(answer.body())).isEqualTo(document);
    }
  }

  @Test
  void examplesAreWhatTheSchemasSay() {
    List<String> complaints = new ArrayList<>();
    int examples = look(document, "", complaints);
    assertThat(complaints).isEmpty();
    assertThat(examples).isGreaterThan(5);
  }

  /// Wherever a schema and an example stand side by side; and every reference leads somewhere.
  private int look(JsonNode node, String at, List<String> complaints) {
    int examples = 0;
    if (node.has("$ref") && JsonSchema.resolve(document, node).isMissingNode()) {
      complaints.add(at + ": leads nowhere");
    }
    if (node.has("schema") && node.has("example")) {
      examples++;
      JsonSchema.complaints(document, node.get("schema"), node.get("example"))
          .forEach(complaint -> complaints.add(at + complaint));
    }
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      examples += look(field.getValue(), at + "/" + field.getKey(), complaints);
    }
    for (int i = 0; i < (node.isArray() ? node.size() : 0); i++) {
      examples += look(node.get(i), at + "/" + i, complaints);
    }
    return examples;
  }

  @Test
  void namesOperationsOnce() {
    List<String> names = document.findValuesAsString("operationId");
    assertThat(names).doesNotHaveDuplicates().hasSize(described().size());
  }
}
