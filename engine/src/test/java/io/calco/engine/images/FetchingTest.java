package io.calco.engine.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageEntry.Status;
import io.calco.catalog.ImageTask;
import io.calco.engine.OperationException;
import io.calco.engine.images.ImportRequest.Method;
import io.calco.engine.jobs.JobProgress;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Fetching from the web tells how far it is, and stops when somebody wants it.
class FetchingTest {
  private static final int SENT = 3 << 20;
  private static final int LENGTH = 8 << 20;

  @TempDir Path dir;
  private Shelf shelf;
  private HttpServer web;
  private final CountDownLatch goOn = new CountDownLatch(1);

  @BeforeEach
  void open() throws IOException {
    shelf = new Shelf(dir);
    web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    web.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    serve("/known", LENGTH);
    serve("/unknown", 0);
    web.start();
  }

  /// Sends some, and the rest when the test lets it.
  private void serve(String path, int announced) {
    web.createContext(
        path,
        exchange -> {
          exchange.sendResponseHeaders(200, announced);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(new byte[SENT]);
            out.flush();
            goOn.await();
            out.write(new byte[LENGTH - SENT]);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  @AfterEach
  void close() throws IOException {
    goOn.countDown();
    shelf.close();
    web.stop(0);
  }

  private ImageEntry begun(String path) throws IOException {
    ImageEntry image =
        shelf
            .service
            .images()
            .add(
                Shelf.ANA,
                Optional.empty(),
                Map.of("name", "web", "disk_format", "raw", "container_format", "bare"));
    String address = "http://127.0.0.1:%d%s".formatted(web.getAddress().getPort(), path);
    shelf
        .service
        .imports()
        .begin(Shelf.ANA, image.id(), new ImportRequest(new Method.Web(address), "req", "{}"));
    return image;
  }

  private Optional<JobProgress> progress(ImageEntry image) throws IOException {
    return shelf.service.imports().progress(Shelf.ANA, image.id());
  }

  private Status status(ImageEntry image) throws IOException {
    return shelf.service.images().get(Shelf.ANA, image.id()).status();
  }

  private interface Asked {
    boolean holds() throws IOException;
  }

  private static void await(Asked asked) throws Exception {
    BooleanSupplier quietly =
        () -> {
          try {
            return asked.holds();
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        };
    for (int i = 0; i < 1000 && !quietly.getAsBoolean(); i++) {
      Thread.sleep(Duration.ofMillis(10));
    }
    assertThat(quietly.getAsBoolean()).isTrue();
  }

  @Test
  void tellsHowFarItIs() throws Exception {
    ImageEntry known = begun("/known");
    await(() -> progress(known).map(JobProgress::done).orElse(0L) == SENT);
    assertThat(progress(known).orElseThrow().total()).isEqualTo(LENGTH);
    assertThat(progress(known).orElseThrow().percent()).hasValue(37);
    ImageEntry unknown = begun("/unknown");
    await(() -> progress(unknown).map(JobProgress::done).orElse(0L) == SENT);
    assertThat(progress(unknown).orElseThrow().percent()).isEmpty();
    assertThat(shelf.service.imports().fetched(Shelf.ANA))
        .extracting(fetched -> fetched.image().id())
        .containsExactly(known.id(), unknown.id());
    assertThat(shelf.service.imports().fetched(Shelf.ADMIN)).hasSize(2);
    assertThat(shelf.service.imports().fetched(Shelf.BEA)).isEmpty();
    goOn.countDown();
    await(() -> status(known) == Status.ACTIVE && status(unknown) == Status.ACTIVE);
    assertThat(progress(known)).isEmpty();
    assertThat(shelf.service.imports().fetched(Shelf.ADMIN)).isEmpty();
  }

  @Test
  void stopsAlsoWhenTheOtherSideIsSilent() throws Exception {
    ImageEntry image = begun("/known");
    await(() -> progress(image).map(JobProgress::done).orElse(0L) == SENT);
    assertThatThrownBy(() -> shelf.service.imports().stop(Shelf.BEA, image.id()))
        .isInstanceOf(OperationException.class);
    shelf.service.imports().stop(Shelf.ANA, image.id());
    await(() -> status(image) == Status.QUEUED);
    await(() -> progress(image).isEmpty());
    await(() ->
        shelf.service.imports().tasksOf(Shelf.ANA, image.id()).getLast().status()
            == ImageTask.Status.FAILURE);
    assertThat(shelf.service.imports().tasksOf(Shelf.ANA, image.id()).getLast().message())
        .isEqualTo("Stopped by ana.");
    assertThatThrownBy(() -> shelf.service.imports().stop(Shelf.ANA, image.id()))
        .hasMessageContaining("Nothing is being fetched");
    assertThat(shelf.catalog.images().blobs()).isEmpty();
  }
}
