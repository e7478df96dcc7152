package io.calco.server.web.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.calco.server.Served;
import io.calco.testkit.Oracle;
import java.io.RandomAccessFile;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A restore to a disk of the host: a loop device, which takes root.
class RestoreDeviceTest {
  private static final Pattern CSRF = Pattern.compile("name=\"csrf\" value=\"([^\"]+)\"");

  @TempDir private Path directory;

  private final HttpClient client = HttpClient.newHttpClient();

  private HttpResponse<String> send(Served served, String session, String path, String form)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(served.address() + "/ui" + path))
            .header("Cookie", "calco-session=" + session);
    if (!form.isEmpty()) {
      request
          .header("Content-Type", "application/x-www-form-urlencoded")
          .POST(BodyPublishers.ofString(form));
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  @Test
  void aDiskIsOverwrittenOnceItsNameIsTyped() throws Exception {
    Path file = directory.resolve("loop.img");
    try (RandomAccessFile empty = new RandomAccessFile(file.toFile(), "rw")) {
      empty.setLength(160L << 20);
    }
    Oracle.Run attached = Oracle.named("losetup").run("--find", "--show", file);
    assumeTrue(attached.exit() == 0, "no loop device can be attached here");
    String device = attached.out().strip();
    try {
      restore(device);
    } finally {
      Oracle.named("losetup").run("--detach", device).succeeds();
    }
    Oracle.named("sgdisk").run("--verify", file).succeeds();
    Path part = directory.resolve("p3");
    Oracle.named("dd")
        .run("if=" + file, "of=" + part, "bs=1M", "skip=18", "count=109", "status=none")
        .succeeds();
    Oracle.named("e2fsck").run("-fn", part).succeeds();
  }

  private void restore(String device) throws Exception {
    TestRepository repository = new TestRepository(directory);
    try (Served served = repository.serveWithDevices()) {
      String session = served.token("admin", Served.PASSWORD, "admin");
      String point = "/backups/points/nas/" + repository.last.id();
      String page = send(served, session, point + "/restore", "").body();
      assertThat(page).contains("value=\"" + device + "\"");
      Matcher csrf = CSRF.matcher(page);
      assertThat(csrf.find()).isTrue();
      String order =
          "format=raw&layout=as-saved&to=" + URLEncoder.encode(device, StandardCharsets.UTF_8);
      String plan = send(served, session, point + "/restore/plan?" + order, "").body();
      String word = device.substring(device.lastIndexOf('/') + 1);
      assertThat(plan).contains("Type " + word, device + " is overwritten");
      String form = order + "&csrf=" + csrf.group(1) + "&word=";
      assertThat(send(served, session, point + "/restore", form + "loop").statusCode())
          .as("another word")
          .isEqualTo(409);
      String elsewhere =
          form.replace(URLEncoder.encode(device, StandardCharsets.UTF_8), "%2Fdev%2Fnull");
      assertThat(send(served, session, point + "/restore", elsewhere + "null").statusCode())
          .as("no disk")
          .isEqualTo(409);
      HttpResponse<String> begun = send(served, session, point + "/restore", form + word);
      assertThat(begun.statusCode()).as(begun.body()).isEqualTo(303);
      String job = begun.headers().firstValue("Location").orElseThrow().replaceFirst("/ui", "");
      String status = send(served, session, job, "").body();
      for (int i = 0; i < 600 && !status.contains("See the result"); i++) {
        assertThat(status).doesNotContain("class=\"problem\"");
        Thread.sleep(50);
        status = send(served, session, job, "").body();
      }
      assertThat(status).contains("is written and compared");
    }
  }
}
