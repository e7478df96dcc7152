package io.calco.server.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.catalog.Catalog;
import io.calco.engine.Home;
import io.calco.engine.audit.AuditLog;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.ImageService;
import io.calco.engine.images.Metadefs;
import io.calco.engine.images.StoredContents;
import io.calco.engine.store.StoreSecret;
import io.calco.server.http.Authentication;
import io.calco.server.http.Json;
import io.calco.server.http.ListenAddress;
import io.calco.server.http.WebServer;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class ImageApiTest {
  private static final String PATCH = "application/openstack-images-v2.1-json-patch";
  private static final String BYTES = "application/octet-stream";
  private static final Map<String, Caller> CALLERS =
      Map.of(
          "ana", caller("pa", Set.of("member", "reader")),
          "bea", caller("pb", Set.of("member", "reader")),
          "root", caller("pr", Set.of("admin", "member", "reader")));

  @TempDir Path dir;
  private final HttpClient client = HttpClient.newHttpClient();
  private Catalog catalog;
  private ImageService service;
  private WebServer server;

  private static Caller caller(String project, Set<String> roles) {
    return new Caller("u", "u", Optional.of(new Caller.Scope(project, project)), roles);
  }

  @BeforeEach
  void start() throws IOException {
    catalog = Catalog.open(dir);
    service =
        ImageService.openOwning(
            catalog.images(),
            StoredContents.open(new Home(dir), StoreSecret.none()),
            new AuditLog(catalog),
            ImageService.Settings.defaults());
    Authentication authentication =
        new Authentication(token -> Optional.ofNullable(CALLERS.get(token)), Optional.empty());
    server =
        WebServer.start(
            new ListenAddress("127.0.0.1", 0),
            List.of(new ImageApi(service, new Metadefs(catalog.metadefs()), authentication)));
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    service.close();
    catalog.close();
  }

  private HttpResponse<byte[]> call(
      String token, String method, String path, String type, byte[] body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + server.address() + path))
            .header("X-Auth-Token", token)
            .method(method, BodyPublishers.ofByteArray(body));
    if (!type.isEmpty()) {
      request.header("Content-Type", type);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofByteArray());
  }

  private HttpResponse<byte[]> json(String token, String method, String path, String body)
      throws Exception {
    return call(token, method, path, "application/json", body.getBytes(StandardCharsets.UTF_8));
  }

  private HttpResponse<byte[]> get(String token, String path, String... headers) throws Exception {
    return call(token, "GET", path, "", new byte[0], headers);
  }

  private static JsonNode read(HttpResponse<byte[]> answer) {
    return Json.parse(new String(answer.body(), StandardCharsets.UTF_8));
  }

  private String create(String token, String attributes) throws Exception {
    HttpResponse<byte[]> made =
        json(
            token,
            "POST",
            "/v2/images",
            "{\"disk_format\": \"raw\", \"container_format\": \"bare\"" + attributes + "}");
    assertThat(made.statusCode()).isEqualTo(201);
    return read(made).get("id").stringValue();
  }

  @Test
  void tellsItsVersions() throws Exception {
    HttpResponse<byte[]> answer = get("", "/");
    assertThat(answer.statusCode()).isEqualTo(300);
    assertThat(read(answer).get("versions").get(0).get("status").stringValue())
        .isEqualTo("CURRENT");
    assertThat(get("", "/versions").statusCode()).isEqualTo(200);
    assertThat(get("", "/v2/images").statusCode()).isEqualTo(401);
  }

  @Test
  void givesBackTheBytesAndPartsOfThem() throws Exception {
    String image = "/v2/images/" + create("ana", ", \"name\": \"x\"");
    assertThat(get("ana", image + "/file").statusCode()).isEqualTo(204);
    byte[] bytes = new byte[700_001];
    new Random(3).nextBytes(bytes);
    assertThat(call("ana", "PUT", image + "/file", "text/plain", bytes).statusCode())
        .isEqualTo(415);
    assertThat(
            call("ana", "PUT", image + "/file", BYTES, bytes, "x-openstack-image-size", "700000")
                .statusCode())
        .isEqualTo(400);
    assertThat(call("bea", "PUT", image + "/file", BYTES, bytes).statusCode()).isEqualTo(404);
    assertThat(call("ana", "PUT", image + "/file", BYTES, bytes).statusCode()).isEqualTo(204);
    assertThat(call("ana", "PUT", image + "/file", BYTES, bytes).statusCode()).isEqualTo(409);
    JsonNode shown = read(get("ana", image));
    assertThat(shown.get("status").stringValue()).isEqualTo("active");
    assertThat(shown.get("size").longValue()).isEqualTo(bytes.length);
    assertThat(shown.get("os_hash_algo").stringValue()).isEqualTo("sha512");

    HttpResponse<byte[]> all = get("ana", image + "/file");
    assertThat(all.body()).isEqualTo(bytes);
    assertThat(all.headers().firstValue("Content-MD5"))
        .contains(shown.get("checksum").stringValue());
    HttpResponse<byte[]> part = get("ana", image + "/file", "Range", "bytes=1000-1999");
    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(part.headers().firstValue("Content-Range")).contains("bytes 1000-1999/700001");
    assertThat(part.body()).isEqualTo(java.util.Arrays.copyOfRange(bytes, 1000, 2000));
    assertThat(get("ana", image + "/file", "Range", "bytes=-5").body())
        .isEqualTo(java.util.Arrays.copyOfRange(bytes, 699_996, 700_001));
    assertThat(get("ana", image + "/file", "Range", "bytes=700001-").statusCode()).isEqualTo(416);
    assertThat(get("bea", image + "/file").statusCode()).isEqualTo(404);
    assertThat(json("ana", "DELETE", image, "").statusCode()).isEqualTo(204);
    assertThat(get("ana", image).statusCode()).isEqualTo(404);
  }

  @Test
  void patchesByItsOwnMediaTypeAlone() throws Exception {
    String image = "/v2/images/" + create("ana", "");
    byte[] patch =
        "[{\"op\": \"add\", \"path\": \"/a~1b\", \"value\": \"c\"}, {\"op\": \"replace\", \"path\": \"/name\", \"value\": \"n\"}]"
            .getBytes(StandardCharsets.UTF_8);
    HttpResponse<byte[]> other = call("ana", "PATCH", image, "application/json", patch);
    assertThat(other.statusCode()).isEqualTo(415);
    assertThat(other.headers().firstValue("Accept-Patch").orElseThrow()).contains(PATCH);
    JsonNode patched = read(call("ana", "PATCH", image, PATCH, patch));
    assertThat(patched.get("a/b").stringValue()).isEqualTo("c");
    assertThat(patched.get("name").stringValue()).isEqualTo("n");
    for (String wrong :
        List.of(
            "{}",
            "[1]",
            "[{\"op\": \"move\", \"path\": \"/a\"}]",
            "[{\"op\": \"add\", \"value\": 1}]",
            "[{\"op\": \"add\", \"path\": \"a\", \"value\": \"1\"}]",
            "[{\"op\": \"add\", \"path\": \"/a/b\", \"value\": \"1\"}]",
            "[{\"op\": \"add\", \"path\": \"/a~2\", \"value\": \"1\"}]",
            "[{\"op\": \"add\", \"path\": \"/a\", \"value\": {}}]",
            "[{\"op\": \"add\", \"path\": \"/a\"}]")) {
      assertThat(
              call("ana", "PATCH", image, PATCH, wrong.getBytes(StandardCharsets.UTF_8))
                  .statusCode())
          .as(wrong)
          .isEqualTo(400);
    }
  }

  @Test
  void listsPageByPageAndByFilters() throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      ids.add(
          create(
              "ana",
              ", \"name\": \"n%d\", \"os\": \"%s\", \"tags\": [\"t%d\"]"
                  .formatted(i % 3, i < 3 ? "a" : "b", i % 2)));
    }
    List<String> found = new ArrayList<>();
    String next = "/v2/images?limit=3&sort=created_at:asc";
    while (!next.isEmpty()) {
      JsonNode page = read(get("ana", next));
      page.get("images").forEach(image -> found.add(image.get("id").stringValue()));
      assertThat(page.get("first").stringValue())
          .isEqualTo("/v2/images?limit=3&sort=created_at%3Aasc");
      next = page.path("next").asString("");
    }
    assertThat(found).isEqualTo(ids);
    assertThat(count("ana", "?name=n0")).isEqualTo(3);
    assertThat(count("ana", "?name=in:n0,%22n1%22")).isEqualTo(5);
    assertThat(count("ana", "?os=a")).isEqualTo(3);
    assertThat(count("ana", "?tag=t0&tag=t1")).isZero();
    assertThat(count("ana", "?tag=t0")).isEqualTo(4);
    assertThat(count("ana", "?created_at=gt:2020-01-01T00:00:00Z")).isEqualTo(7);
    assertThat(count("ana", "?created_at=lt:2020-01-01")).isZero();
    assertThat(count("ana", "?size_min=1")).isZero();
    assertThat(count("ana", "?status=active")).isZero();
    assertThat(count("ana", "?visibility=public")).isZero();
    assertThat(count("ana", "?limit=0")).isZero();
    assertThat(count("bea", "")).isZero();
    assertThat(count("root", "")).isEqualTo(7);
    for (String wrong :
        List.of(
            "?limit=-1",
            "?limit=x",
            "?sort=x",
            "?sort_key=name&sort=name",
            "?sort_dir=up",
            "?visibility=x",
            "?member_status=x",
            "?size_min=x",
            "?created_at=xx:1",
            "?created_at=lt:yesterday",
            "?os_hidden=x",
            "?name=in:%22a",
            "?marker=none")) {
      assertThat(get("ana", "/v2/images" + wrong).statusCode()).as(wrong).isEqualTo(400);
    }
  }

  private int count(String token, String query) throws Exception {
    return read(get(token, "/v2/images" + query)).get("images").size();
  }

  @Test
  void sharesTagsAndActs() throws Exception {
    String image = "/v2/images/" + create("ana", ", \"visibility\": \"shared\"");
    assertThat(json("ana", "POST", image + "/members", "{\"member\": \"pb\"}").statusCode())
        .isEqualTo(200);
    assertThat(json("ana", "POST", image + "/members", "{}").statusCode()).isEqualTo(400);
    assertThat(json("bea", "PUT", image + "/members/pb", "{\"status\": \"accepted\"}").statusCode())
        .isEqualTo(200);
    assertThat(json("bea", "PUT", image + "/members/pb", "{\"status\": \"x\"}").statusCode())
        .isEqualTo(400);
    assertThat(count("bea", "")).isEqualTo(1);
    assertThat(json("ana", "PUT", image + "/tags/a", "").statusCode()).isEqualTo(204);
    assertThat(json("bea", "PUT", image + "/tags/a", "").statusCode()).isEqualTo(403);
    assertThat(json("ana", "DELETE", image + "/tags/none", "").statusCode()).isEqualTo(404);
    assertThat(json("ana", "POST", image + "/actions/deactivate", "").statusCode()).isEqualTo(403);
    assertThat(get("ana", "/v2/images/").statusCode()).isEqualTo(404);
    assertThat(
            json("ana", "POST", image + "/import", "{\"method\": {\"name\": \"glance-direct\"}}")
                .statusCode())
        .isEqualTo(409);
    assertThat(
            json(
                    "ana",
                    "POST",
                    image + "/import",
                    "{\"method\": {\"name\": \"web-download\", \"uri\": \"http://0x7f.1/\"}}")
                .statusCode())
        .isEqualTo(400);
    assertThat(
            json("ana", "POST", image + "/import", "{\"method\": {\"name\": \"x\"}}").statusCode())
        .isEqualTo(400);
  }

  @Test
  void describesItself() throws Exception {
    for (String name : List.of("image", "images", "member", "members", "task", "tasks")) {
      assertThat(read(get("ana", "/v2/schemas/" + name)).get("name").stringValue()).isEqualTo(name);
    }
    assertThat(read(get("ana", "/v2/info/stores")).get("stores").size()).isEqualTo(1);
    assertThat(get("ana", "/v2/info/stores/detail").statusCode()).isEqualTo(403);
    assertThat(get("root", "/v2/info/stores/detail").statusCode()).isEqualTo(200);
    assertThat(get("ana", "/v2/info/usage").statusCode()).isEqualTo(200);
    assertThat(get("ana", "/v2/tasks").statusCode()).isEqualTo(403);
    assertThat(get("root", "/v2/tasks").statusCode()).isEqualTo(200);
    String image = create("ana", "");
    assertThat(json("root", "DELETE", "/v2/stores/calco/" + image, "").statusCode()).isEqualTo(409);
  }

  @Test
  void definesMetadata() throws Exception {
    String namespaces = "/v2/metadefs/namespaces";
    String made =
        "{\"namespace\": \"n\", \"visibility\": \"public\", \"protected\": true, \"properties\": {\"p\": {\"title\": \"P\", \"type\": \"string\"}}}";
    assertThat(json("ana", "POST", namespaces, made).statusCode()).isEqualTo(403);
    assertThat(json("root", "POST", namespaces, made).statusCode()).isEqualTo(201);
    assertThat(json("root", "POST", namespaces, made).statusCode()).isEqualTo(409);
    JsonNode shown = read(get("ana", namespaces + "/n"));
    assertThat(shown.get("properties").get("p").get("title").stringValue()).isEqualTo("P");
    String one = namespaces + "/n";
    assertThat(
            json("root", "POST", one + "/objects", "{\"name\": \"o\", \"required\": []}")
                .statusCode())
        .isEqualTo(201);
    assertThat(json("root", "PUT", one + "/objects/o", "{\"name\": \"o2\"}").statusCode())
        .isEqualTo(200);
    assertThat(get("ana", one + "/objects/o").statusCode()).isEqualTo(404);
    assertThat(get("ana", one + "/objects/o2").statusCode()).isEqualTo(200);
    assertThat(json("root", "POST", one + "/tags", "{\"tags\": [{\"name\": \"a\"}]}").statusCode())
        .isEqualTo(201);
    assertThat(json("root", "DELETE", one, "").statusCode()).isEqualTo(403);
    assertThat(
            json("root", "PUT", one, "{\"namespace\": \"n\", \"visibility\": \"private\"}")
                .statusCode())
        .isEqualTo(200);
    assertThat(get("ana", one).statusCode()).isEqualTo(404);
    assertThat(json("root", "DELETE", one, "").statusCode()).isEqualTo(204);
    for (String name : List.of("namespace", "objects", "property", "tags", "resource_types")) {
      assertThat(get("ana", "/v2/schemas/metadefs/" + name).statusCode()).isEqualTo(200);
    }
  }
}
