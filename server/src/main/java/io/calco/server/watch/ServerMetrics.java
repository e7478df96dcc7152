package io.calco.server.watch;

import io.calco.catalog.ImageUsage;
import io.calco.engine.HomeVitals;
import io.calco.server.http.EndedExchange;
import io.calco.server.http.Exchange;
import io.calco.server.http.ExchangeObserver;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.ToDoubleFunction;

/// What is counted while the server runs, and what is asked of the home when it is read.
///
/// Thread rule: safe.
public final class ServerMetrics implements ExchangeObserver, AutoCloseable {
  private static final Logger LOG = System.getLogger(ServerMetrics.class.getName());
  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

  /// The store's packs are looked at one by one, the catalogue's rows too.
  private static final long SIZES_HOLD = TimeUnit.MINUTES.toNanos(1);

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final Map<Label, Timer> timers = new ConcurrentHashMap<>();
  private final AtomicInteger uploads = running("upload");
  private final AtomicInteger downloads = running("download");
  private final Counter bytesIn = bytes("in");
  private final Counter bytesOut = bytes("out");
  private final JvmGcMetrics collections = new JvmGcMetrics();
  private final HomeVitals vitals;
  private final ReentrantLock lock = new ReentrantLock();
  private Sizes sizes = new Sizes(new ImageUsage(0, 0, 0, 0), 0, 0, 0);
  private long sizesAt;
  private boolean sizesKnown;

  private record Label(String method, String route, int status) {}

  private record Sizes(ImageUsage images, long catalogue, long store, long free) {}

  /// Of a home.
  public ServerMetrics(HomeVitals vitals) {
    this.vitals = vitals;
    gauge("calco.images", "images in the catalogue", now -> now.images().images());
    gauge("calco.images.bytes", "what all images hold, as uploaded", now -> now.images().size());
    gauge("calco.images.incoming", "images being filled", now -> now.images().uploading());
    gauge("calco.catalogue.bytes", "the catalogue's file", Sizes::catalogue);
    gauge("calco.store.bytes", "the store's packs, deduplicated and compressed", Sizes::store);
    gauge("calco.store.free.bytes", "room where the store is", Sizes::free);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ClassLoaderMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    collections.bindTo(registry);
  }

  private AtomicInteger running(String what) {
    AtomicInteger count = new AtomicInteger();
    Gauge.builder("calco.transfers.running", count, AtomicInteger::doubleValue)
        .tag("direction", what)
        .description("images on their way")
        .register(registry);
    return count;
  }

  private Counter bytes(String direction) {
    return Counter.builder("calco.http.bytes")
        .tag("direction", direction)
        .description("bodies of requests and answers that have ended")
        .register(registry);
  }

  private void gauge(String name, String description, ToDoubleFunction<Sizes> value) {
    Gauge.builder(name, this, metrics -> value.applyAsDouble(metrics.sizes()))
        .description(description)
        .register(registry);
  }

  private Sizes sizes() {
    lock.lock();
    try {
      long now = System.nanoTime();
      if (!sizesKnown || now - sizesAt > SIZES_HOLD) {
        sizesKnown = true;
        sizesAt = now;
        sizes =
            new Sizes(
                vitals.images(), vitals.catalogueBytes(), vitals.storeBytes(), vitals.freeBytes());
      }
    } catch (IOException e) {
      LOG.log(Level.WARNING, "sizes for the metrics: {0}", e.getMessage());
    } finally {
      lock.unlock();
    }
    return sizes;
  }

  @Override
  public void began(Exchange exchange) {
    count(exchange.direction(), 1);
  }

  private void count(Exchange.Direction direction, int change) {
    switch (direction) {
      case UPLOAD -> uploads.addAndGet(change);
      case DOWNLOAD -> downloads.addAndGet(change);
      case NONE -> {}
    }
  }

  @Override
  public void ended(EndedExchange ended) {
    ended.exchange().ifPresent(exchange -> count(exchange.direction(), -1));
    bytesIn.increment((double) ended.bytesIn());
    bytesOut.increment((double) ended.bytesOut());
    String method = METHODS.contains(ended.method()) ? ended.method() : "other";
    String route = ended.route().isEmpty() ? "none" : ended.route();
    timers
        .computeIfAbsent(new Label(method, route, ended.status()), this::timer)
        .record(ended.took());
  }

  private Timer timer(Label label) {
    return Timer.builder("calco.http.requests")
        .description("requests that were answered")
        .tag("method", label.method())
        .tag("route", label.route())
        .tag("status", String.valueOf(label.status()))
        .serviceLevelObjectives(
            Duration.ofMillis(1),
            Duration.ofMillis(5),
            Duration.ofMillis(25),
            Duration.ofMillis(100),
            Duration.ofMillis(500),
            Duration.ofSeconds(2),
            Duration.ofSeconds(10),
            Duration.ofMinutes(1),
            Duration.ofMinutes(10))
        .register(registry);
  }

  /// All of it, in Prometheus' text format.
  String scrape() {
    return registry.scrape();
  }

  @Override
  public void close() {
    collections.close();
    registry.close();
  }
}
