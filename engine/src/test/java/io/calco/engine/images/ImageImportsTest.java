package io.calco.engine.images;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageEntry.Status;
import io.calco.catalog.ImageTask;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.images.ImportRequest.Method;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Content that is taken in by a task: staged before, or fetched from the web.
class ImageImportsTest extends WithImageService {
  private ImageTask await(ImageEntry image) throws Exception {
    while (true) {
      ImageTask task = service.imports().tasksOf(ANA, image.id()).getLast();
      if (task.status() == ImageTask.Status.SUCCESS || task.status() == ImageTask.Status.FAILURE) {
        return task;
      }
      Thread.sleep(5);
    }
  }

  private void begin(ImageEntry image, Method method) throws IOException {
    service.imports().begin(ANA, image.id(), new ImportRequest(method, "req-1", "{}"));
  }

  @Test
  void importsWhatWasStaged() throws Exception {
    ImageEntry image = add(ANA, "private");
    assertRefused(Kind.REFUSED, () -> begin(image, new Method.Staged()));
    service
        .transfers()
        .stage(ANA, image.id(), new ByteArrayInputStream(qcow2()), OptionalLong.empty());
    assertThat(service.images().get(ANA, image.id()).status()).isEqualTo(Status.UPLOADING);
    begin(image, new Method.Staged());
    ImageTask failed = await(image);
    assertThat(failed.message()).contains("is qcow2, not raw as declared");
    ImageEntry queued = service.images().get(ANA, image.id());
    assertThat(queued.status()).isEqualTo(Status.QUEUED);
    assertThat(queued.properties()).containsEntry("os_glance_failed_import", "calco");
    assertThat(contents.blobs).isEmpty();

    service
        .transfers()
        .stage(ANA, image.id(), new ByteArrayInputStream(new byte[100]), OptionalLong.empty());
    begin(image, new Method.Staged());
    assertThat(await(image).status()).isEqualTo(ImageTask.Status.SUCCESS);
    ImageEntry active = service.images().get(ANA, image.id());
    assertThat(active.status()).isEqualTo(Status.ACTIVE);
    assertThat(active.properties())
        .isEqualTo(Map.of("os_glance_failed_import", "", "os_glance_importing_to_stores", ""));
    assertRefused(Kind.REFUSED, () -> begin(active, new Method.Staged()));
  }

  @Test
  void fetchesFromTheWeb() throws Exception {
    byte[] bytes = new byte[400_000];
    new Random(2).nextBytes(bytes);
    HttpServer web =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    web.createContext(
        "/plain",
        exchange -> {
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    web.createContext(
        "/chunked",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    web.createContext(
        "/away",
        exchange -> {
          exchange.getResponseHeaders().add("Location", exchange.getRequestURI().getQuery());
          exchange.sendResponseHeaders(302, -1);
          exchange.close();
        });
    web.start();
    try {
      String base = "http://127.0.0.1:" + web.getAddress().getPort();
      for (String path : List.of("/plain", "/chunked", "/away?/plain")) {
        ImageEntry image = add(ANA, "private");
        begin(image, new Method.Web(base + path));
        ImageTask task = await(image);
        assertThat(task.message()).isEmpty();
        var data = service.images().get(ANA, image.id()).data().orElseThrow();
        assertThat(contents.blobs.get(data.blob())).isEqualTo(bytes);
        assertThat(data.source()).isEqualTo(base + path);
      }
      for (String path :
          List.of(
              "/none", "/away?http://localhost:1/", "/away?/away?/", "/away?file:///etc/passwd")) {
        ImageEntry image = add(ANA, "private");
        begin(image, new Method.Web(base + path));
        assertThat(await(image).status()).as(path).isEqualTo(ImageTask.Status.FAILURE);
        assertThat(service.images().get(ANA, image.id()).status()).isEqualTo(Status.QUEUED);
      }
    } finally {
      web.stop(0);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "file:///etc/passwd",
        "ftp://example.com/x",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://user:pw@example.com/",
        "http:///x",
        "//example.com/",
        "http://exa mple.com/",
        ""
      })
  void fetchesFromNoSuchAddress(String uri) throws IOException {
    ImageEntry image = add(ANA, "private");
    assertRefused(Kind.USAGE, () -> begin(image, new Method.Web(uri)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.2",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:db8::1",
        "ff02::1"
      })
  void privateAddressesAreNotPublic(String address) throws IOException {
    assertThat(WebAddresses.isPublic(InetAddress.getByName(address))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.1.1.1", "151.101.2.132", "100.128.0.1", "2a04:4e42::644"})
  void otherAddressesArePublic(String address) throws IOException {
    assertThat(WebAddresses.isPublic(InetAddress.getByName(address))).isTrue();
  }
}
