package io.calco.server.web.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.server.Served;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is in a point, as bytes over HTTP: names and contents of strangers.
class PointFilesTest {
  private static final String PAGE = "<img src=x onerror=alert(1)>.html";
  private static final String SCRIPT = "<script>alert(1)</script>\n";

  @TempDir private static Path directory;
  private static TestRepository repository;
  private static Served served;
  private static String session;

  private final HttpClient client = HttpClient.newHttpClient();

  @BeforeAll
  static void open() throws IOException {
    repository = new TestRepository(directory);
    Path odd = Files.createDirectories(directory.resolve("odd-tree").resolve("sub"));
    Files.writeString(odd.resolve(PAGE), SCRIPT);
    Files.writeString(odd.resolve("line\nbreak \u202Etxt.exe"), "x");
    Files.createSymbolicLink(odd.resolve("link"), Path.of("/etc/passwd"));
    Path image = directory.resolve("odd.img");
    Oracle.named("mke2fs")
        .run("-q", "-t", "ext4", "-d", directory.resolve("odd-tree"), image, "4M")
        .succeeds();
    repository.add(image, "odd");
    served = repository.serve();
    session = served.token("admin", Served.PASSWORD, "admin");
  }

  @AfterAll
  static void close() throws IOException {
    served.close();
  }

  private <T> HttpResponse<T> get(String path, HttpResponse.BodyHandler<T> body, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(served.address() + "/ui" + path))
            .header("Cookie", "calco-session=" + session);
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return client.send(request.build(), body);
  }

  private String text(String path) throws Exception {
    HttpResponse<String> answer = get(path, BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(path).isEqualTo(200);
    return answer.body();
  }

  private static String path(String point) {
    return "/backups/points/nas/" + point;
  }

  private static String coded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Test
  void strangersNamesAreTextAndTheirPagesAreSaved() throws Exception {
    String odd = path(repository.find("odd").id().toString());
    String page = text(odd + "/files?at=/sub");
    assertThat(page)
        .contains("&lt;img src=x onerror=alert(1)&gt;.html", "linebreak txt.exe", "→ /etc/passwd")
        .doesNotContain("<img", "\u202E");
    HttpResponse<String> file =
        get(odd + "/file?at=" + coded("/sub/" + PAGE), BodyHandlers.ofString());
    assertThat(file.body()).isEqualTo(SCRIPT);
    assertThat(file.headers().firstValue("Content-Type").orElse(""))
        .startsWith("application/octet-stream");
    assertThat(file.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(file.headers().firstValue("Content-Length")).hasValue("" + SCRIPT.length());
    assertThat(file.headers().firstValue("Content-Disposition").orElse(""))
        .startsWith("attachment; filename*=UTF-8''%3Cimg");
    for (String none :
        new String[] {
          "/sub/link", "/sub", "/none", "p7:/x", "../../etc/passwd", "/sub/../../etc"
        }) {
      assertThat(get(odd + "/file?at=" + coded(none), BodyHandlers.ofString()).statusCode())
          .as(none)
          .isIn(400, 404);
    }
  }

  @Test
  void aFileIsWhatTheGuestHas() throws Exception {
    String point = path(repository.last.id().toString());
    assertThat(text(point + "/files")).contains("etc/</a>", "p3", "ext4");
    assertThat(text(point + "/files?at=p3:/etc")).contains("os-release");
    assertThat(get(point + "/file?at=/etc/hostname", BodyHandlers.ofString()).body())
        .isEqualTo("maqueta\n");
  }

  @Test
  void whatChangedIsFoundByFile() throws Exception {
    String point = path(repository.last.id().toString());
    String same =
        text(point + "/compare?with=" + repository.first.id() + "&files=yes&contents=yes");
    assertThat(same).contains("No file differs.", "Outside partitions");
    Path tree = directory.resolve("odd-tree");
    Files.writeString(tree.resolve("new"), "y");
    Files.delete(tree.resolve("sub").resolve("link"));
    Path image = directory.resolve("odd2.img");
    Oracle.named("mke2fs").run("-q", "-t", "ext4", "-d", tree, image, "4M").succeeds();
    String before = repository.find("odd").id().toString();
    repository.add(image, "odd");
    String after = repository.find("odd").id().toString();
    assertThat(text(path(after) + "/compare?files=yes&with=" + before))
        .contains("/new", "added", "/sub/link", "removed")
        .doesNotContain("<img");
  }

  @Test
  void thePointIsADiskOfAnyFormat() throws Exception {
    String point = path(repository.last.id().toString());
    for (String format : new String[] {"qcow2", "vmdk", "raw"}) {
      Path file = directory.resolve("disk." + format);
      HttpResponse<Path> answer = get(point + "/disk?format=" + format, BodyHandlers.ofFile(file));
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("Content-Length")).hasValue("" + Files.size(file));
      Oracle.named("qemu-img")
          .run("compare", "-f", format, "-F", "qcow2", file, directory.resolve("vm.qcow2"))
          .succeeds();
    }
    HttpResponse<byte[]> part =
        get(point + "/disk?format=raw", BodyHandlers.ofByteArray(), "Range", "bytes=510-511");
    assertThat(part.statusCode()).isEqualTo(206);
    assertThat(part.body()).containsExactly(0x55, 0xAA);
    assertThat(get(point + "/disk?format=floppy", BodyHandlers.ofString()).statusCode())
        .isEqualTo(400);
  }
}
