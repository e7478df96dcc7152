package io.calco.server.web.image;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.server.Served;
import io.calco.server.http.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.net.CookieManager;
import java.net.Socket;
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
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What tus 1.0.0 asks of a server, over the wire.
class TusProtocolTest {
  private static final String CONTENT = "application/offset+octet-stream";
  private static final CookieManager COOKIES = new CookieManager();
  private static final HttpClient CLIENT = HttpClient.newBuilder().cookieHandler(COOKIES).build();

  @TempDir private static Path home;
  private static Served served;
  private static String csrf;

  @BeforeAll
  static void open() throws Exception {
    served = new Served(home);
    String body =
        "name=admin&password=%s&csrf=%s"
            .formatted(
                URLEncoder.encode(Served.PASSWORD, StandardCharsets.UTF_8), token("/ui/login"));
    CLIENT.send(
        request("/ui/login")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.discarding());
    csrf = token("/ui/images/new");
  }

  @AfterAll
  static void close() throws IOException {
    CLIENT.close();
    served.close();
  }

  private static HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(served.address() + path));
  }

  private static String token(String page) throws Exception {
    String html = CLIENT.send(request(page).build(), BodyHandlers.ofString()).body();
    Matcher matcher = Pattern.compile("name=\"csrf\" content=\"([^\"]+)\"").matcher(html);
    assertThat(matcher.find()).isTrue();
    return matcher.group(1);
  }

  private static HttpResponse<String> send(
      String method, String path, byte[] body, String... headers) throws Exception {
    HttpRequest.Builder request =
        request(path)
            .method(method, BodyPublishers.ofByteArray(body))
            .header("X-CSRF-Token", csrf)
            .header("Tus-Resumable", "1.0.0");
    if (headers.length > 0) {
      request.headers(headers);
    }
    return CLIENT.send(request.build(), BodyHandlers.ofString());
  }

  private static String begin(int length) throws Exception {
    String metadata =
        "filename %s,name %s,disk_format %s"
            .formatted(base64("ñ.img"), base64("ñandú"), base64("raw"));
    HttpResponse<String> made =
        send(
            "POST",
            "/ui/uploads",
            new byte[0],
            "Upload-Length",
            String.valueOf(length),
            "Upload-Metadata",
            metadata);
    assertThat(made.statusCode()).isEqualTo(201);
    assertThat(made.headers().firstValue("Upload-Expires")).isPresent();
    assertThat(made.headers().firstValue("Tus-Resumable")).hasValue("1.0.0");
    return made.headers().firstValue("Location").orElseThrow();
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private static HttpResponse<String> append(
      String upload, long offset, byte[] body, String... more) throws Exception {
    String[] headers = {"Content-Type", CONTENT, "Upload-Offset", String.valueOf(offset)};
    String[] all = Arrays.copyOf(headers, headers.length + more.length);
    System.arraycopy(more, 0, all, headers.length, more.length);
    return send("PATCH", upload, body, all);
  }

  private static String offset(String upload) throws Exception {
    return send("HEAD", upload, new byte[0]).headers().firstValue("Upload-Offset").orElse("");
  }

  @Test
  void saysWhatItCan() throws Exception {
    HttpResponse<String> answer = send("OPTIONS", "/ui/uploads", new byte[0]);
    assertThat(answer.statusCode()).isEqualTo(204);
    assertThat(answer.headers().firstValue("Tus-Version")).hasValue("1.0.0");
    assertThat(answer.headers().firstValue("Tus-Extension"))
        .hasValue("creation,termination,checksum,expiration");
    assertThat(answer.headers().firstValue("Tus-Checksum-Algorithm")).hasValue("sha1,sha256,md5");
  }

  @Test
  void partsBecomeAnImage() throws Exception {
    byte[] content = new byte[9000];
    new Random(4).nextBytes(content);
    String upload = begin(content.length);
    assertThat(append(upload, 0, Arrays.copyOf(content, 4000)).statusCode()).isEqualTo(204);
    assertThat(append(upload, 0, content).statusCode()).isEqualTo(409);
    byte[] rest = Arrays.copyOfRange(content, 4000, 9000);
    String sum =
        "sha256 "
            + Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(rest));
    assertThat(append(upload, 4000, content, "Upload-Checksum", sum).statusCode()).isIn(413, 460);
    assertThat(append(upload, 4000, new byte[5], "Upload-Checksum", sum).statusCode())
        .isEqualTo(460);
    assertThat(append(upload, 4000, new byte[5], "Upload-Checksum", "crc x").statusCode())
        .isEqualTo(400);
    assertThat(offset(upload)).isEqualTo("4000");
    assertThat(append(upload, 4000, rest, "Upload-Checksum", sum).statusCode()).isEqualTo(204);
    String id = upload.substring(upload.lastIndexOf('/') + 1);
    String token = served.token("admin", Served.PASSWORD, "admin");
    String status = "";
    for (int i = 0; i < 6000 && !status.equals("active"); i++) {
      Thread.sleep(10);
      String image = served.send("GET", "/v2/images/" + id, token, "").body();
      status = Json.parse(image).get("status").stringValue();
    }
    assertThat(status).isEqualTo("active");
  }

  @Test
  void whatCameBeforeACutIsKept() throws Exception {
    String upload = begin(5000);
    String cookies =
        COOKIES.getCookieStore().getCookies().stream()
            .map(cookie -> cookie.getName() + "=" + cookie.getValue())
            .collect(Collectors.joining("; "));
    URI address = URI.create(served.address());
    try (Socket socket = new Socket(address.getHost(), address.getPort())) {
      OutputStream out = socket.getOutputStream();
      out.write(
          "PATCH %s HTTP/1.1\r\nHost: x\r\nCookie: %s\r\nX-CSRF-Token: %s\r\nTus-Resumable: 1.0.0\r\nContent-Type: %s\r\nUpload-Offset: 0\r\nContent-Length: 5000\r\n\r\n"
              .formatted(upload, cookies, csrf, CONTENT)
              .getBytes(StandardCharsets.US_ASCII));
      out.write(new byte[1234]);
      out.flush();
      for (int i = 0; i < 6000 && !offset(upload).equals("1234"); i++) {
        Thread.sleep(10);
      }
    }
    assertThat(offset(upload)).isEqualTo("1234");
    assertThat(send("DELETE", upload, new byte[0]).statusCode()).isEqualTo(204);
    assertThat(send("HEAD", upload, new byte[0]).statusCode()).isEqualTo(404);
  }

  @Test
  void refusesWhatItDoesNotUnderstandOrTrust() throws Exception {
    HttpResponse<String> version =
        CLIENT.send(
            request("/ui/uploads")
                .header("X-CSRF-Token", csrf)
                .header("Upload-Length", "5")
                .POST(BodyPublishers.noBody())
                .build(),
            BodyHandlers.ofString());
    assertThat(version.statusCode()).isEqualTo(412);
    assertThat(version.headers().firstValue("Tus-Version")).hasValue("1.0.0");
    for (String length : new String[] {"-1", "x", "99999999999999999999", ""}) {
      assertThat(send("POST", "/ui/uploads", new byte[0], "Upload-Length", length).statusCode())
          .as(length)
          .isEqualTo(400);
    }
    assertThat(
            send("POST", "/ui/uploads", new byte[0], "Upload-Length", "999999999999999999")
                .statusCode())
        .isEqualTo(413);
    HttpResponse<String> stranger =
        HttpClient.newHttpClient()
            .send(
                request("/ui/uploads/x")
                    .header("Tus-Resumable", "1.0.0")
                    .method("HEAD", BodyPublishers.noBody())
                    .build(),
                BodyHandlers.ofString());
    assertThat(stranger.statusCode()).isEqualTo(401);
    HttpResponse<String> forged =
        CLIENT.send(
            request("/ui/uploads")
                .header("Tus-Resumable", "1.0.0")
                .header("Upload-Length", "5")
                .POST(BodyPublishers.noBody())
                .build(),
            BodyHandlers.ofString());
    assertThat(forged.statusCode()).isEqualTo(403);
  }
}
