package io.calco.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.server.Served;
import java.io.IOException;
import java.io.InputStream;
import java.net.CookieManager;
import java.net.HttpCookie;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What goes over the wire: headers, cookies, what is refused.
class PagesOverHttpTest {
  private static final Pattern TOKEN = Pattern.compile("name=\"csrf\" value=\"([^\"]+)\"");

  @TempDir private static Path home;
  private static Served served;

  private final CookieManager cookies = new CookieManager();
  private final HttpClient client = HttpClient.newBuilder().cookieHandler(cookies).build();

  @BeforeAll
  static void open() throws IOException {
    served = new Served(home);
  }

  @AfterAll
  static void close() throws IOException {
    served.close();
  }

  private HttpResponse<String> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(served.address() + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String path, Map<String, String> fields, String... headers)
      throws Exception {
    String body =
        fields.entrySet().stream()
            .map(field ->
                field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
            .collect(Collectors.joining("&"));
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(served.address() + path))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  private static String token(HttpResponse<String> page) {
    Matcher matcher = TOKEN.matcher(page.body());
    assertThat(matcher.find()).isTrue();
    return matcher.group(1);
  }

  private HttpResponse<String> login() throws Exception {
    String token = token(get("/ui/login"));
    return post("/ui/login", Map.of("csrf", token, "name", "admin", "password", Served.PASSWORD));
  }

  @Test
  void browsersAreLedToThePagesAndClientsAreNot() throws Exception {
    HttpResponse<String> browser =
        get("/", "Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
    assertThat(browser.statusCode()).isEqualTo(303);
    assertThat(browser.headers().firstValue("Location")).hasValue("/ui");
    for (String accepted : List.of("*/*", "application/json", "application/json, */*")) {
      assertThat(get("/", "Accept", accepted).statusCode()).as(accepted).isEqualTo(300);
    }
    assertThat(get("/").body()).contains("\"versions\"");
  }

  @Test
  void everyAnswerIsProtected() throws Exception {
    for (String path : List.of("/ui/login", "/ui/images", "/ui/nothing", "/ui/static/calco.css")) {
      HttpResponse<String> answer = get(path);
      assertThat(answer.headers().firstValue("Content-Security-Policy").orElse(""))
          .as(path)
          .contains("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'")
          .doesNotContain("unsafe");
      assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
      assertThat(answer.headers().firstValue("Referrer-Policy")).hasValue("same-origin");
    }
    assertThat(get("/ui/login").headers().firstValue("Cache-Control")).hasValue("no-store");
  }

  @Test
  void theSessionIsACookieForThePagesAlone() throws Exception {
    HttpResponse<String> answer = login();
    assertThat(answer.statusCode()).isEqualTo(303);
    assertThat(answer.headers().allValues("Set-Cookie"))
        .anyMatch(cookie ->
            cookie.startsWith("calco-session=")
                && cookie.contains("Path=/ui")
                && cookie.contains("HttpOnly")
                && cookie.contains("SameSite=Lax"));
    assertThat(get("/ui/images").statusCode()).isEqualTo(200);
    assertThat(get("/v2/images").statusCode()).as("it opens no interface").isEqualTo(401);

    HttpCookie session =
        cookies.getCookieStore().getCookies().stream()
            .filter(cookie -> cookie.getName().equals("calco-session"))
            .findFirst()
            .orElseThrow();
    String token = token(get("/ui/images"));
    assertThat(post("/ui/logout", Map.of("csrf", token)).statusCode()).isEqualTo(303);
    assertThat(served.send("GET", "/v2/images", session.getValue(), "").statusCode())
        .as("the token is not valid any more")
        .isEqualTo(401);
  }

  @Test
  void formsOfOthersAreRefused() throws Exception {
    assertThat(login().statusCode()).isEqualTo(303);
    String token = token(get("/ui/images"));
    for (Map<String, String> fields :
        List.of(Map.of("theme", "dark"), Map.of("theme", "dark", "csrf", token + "x"))) {
      assertThat(post("/ui/preferences", fields).statusCode()).isEqualTo(403);
    }
    Map<String, String> right = Map.of("theme", "dark", "csrf", token);
    assertThat(post("/ui/preferences", right, "Sec-Fetch-Site", "cross-site").statusCode())
        .isEqualTo(403);
    assertThat(post("/ui/preferences", right, "Sec-Fetch-Site", "same-origin").statusCode())
        .isEqualTo(303);
    String foreign = token(new PagesOverHttpTest().get("/ui/login"));
    assertThat(post("/ui/preferences", Map.of("theme", "dark", "csrf", foreign)).statusCode())
        .as("another browser's")
        .isEqualTo(403);
  }

  @Test
  void guessingIsSlow() throws Exception {
    String token = token(get("/ui/login"));
    HttpResponse<String> last = get("/ui/login");
    for (int i = 0; i < 60 && last.statusCode() != 429; i++) { // places come back meanwhile
      last = post("/ui/login", Map.of("csrf", token, "name", "nobody", "password", "x"));
    }
    assertThat(last.statusCode()).isEqualTo(429);
    assertThat(last.headers().firstValue("Retry-After")).isPresent();
  }

  @Test
  void filesAreKeptForGoodByTheirDigest() throws Exception {
    String page = get("/ui/login").body();
    Matcher sheet = Pattern.compile("/ui/static/calco\\.css\\?v=[0-9a-f]{12}").matcher(page);
    assertThat(sheet.find()).isTrue();
    HttpResponse<String> file = get(sheet.group());
    assertThat(file.headers().firstValue("Content-Type")).hasValue("text/css; charset=utf-8");
    assertThat(file.headers().firstValue("Cache-Control").orElse("")).contains("immutable");
    String tag = file.headers().firstValue("ETag").orElseThrow();
    assertThat(get("/ui/static/calco.css", "If-None-Match", tag).statusCode()).isEqualTo(304);
    for (String odd :
        List.of(
            "x.css",
            "../Answers.class",
            "%2e%2e/Answers.class",
            "text/login_en.properties",
            "vendor/manifest.tsv",
            "vendor/../calco.css",
            "")) {
      assertThat(get("/ui/static/" + odd).statusCode()).as(odd).isIn(400, 404);
    }
  }

  @Test
  void whatOthersWroteIsWhatTheManifestSays() throws Exception {
    try (InputStream in = StaticFiles.class.getResourceAsStream("static/vendor/manifest.tsv")) {
      assertThat(in).isNotNull();
      List<String> lines = new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
      assertThat(lines).hasSizeGreaterThan(3);
      for (String line : lines) {
        String[] fields = line.split("\t", -1);
        assertThat(fields).as(line).hasSize(7);
        try (InputStream file =
            StaticFiles.class.getResourceAsStream("static/vendor/" + fields[0])) {
          assertThat(file).as(line).isNotNull();
          byte[] digest = MessageDigest.getInstance("SHA-256").digest(file.readAllBytes());
          assertThat(HexFormat.of().formatHex(digest)).as(line).isEqualTo(fields[6]);
        }
        try (InputStream licence =
            StaticFiles.class.getResourceAsStream("static/vendor/" + fields[5])) {
          assertThat(licence).as(line).isNotNull();
        }
      }
    }
  }
}
