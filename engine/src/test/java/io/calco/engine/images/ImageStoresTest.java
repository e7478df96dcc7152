package io.calco.engine.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.calco.catalog.CachedImage;
import io.calco.catalog.Catalog;
import io.calco.catalog.ImageData;
import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageEntry.Status;
import io.calco.catalog.ImageTask;
import io.calco.catalog.ImageTaskQuery;
import io.calco.catalog.ProjectQuota;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.Actor;
import io.calco.engine.audit.AuditLog;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.ImagePatch.Change;
import io.calco.engine.images.ImportRequest.Demand;
import io.calco.engine.images.ImportRequest.Method;
import io.calco.engine.images.ImportRequest.Reach;
import io.calco.engine.images.ImportRequest.Targets;
import io.calco.engine.images.NewLocation.Claims;
import io.calco.engine.store.StoreSettings;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Content in several stores, on the web, and in another region.
class ImageStoresTest {
  private static final Set<ImageTask.Status> ENDED =
      Set.of(ImageTask.Status.SUCCESS, ImageTask.Status.FAILURE);
  private static final Caller ADMIN = caller("admin", Set.of("admin", "member", "reader"));
  private static final Caller ANA = caller("pa", Set.of("member", "reader"));
  private static final Caller BEA = caller("pb", Set.of("member", "reader"));
  private static final Caller LEA = caller("pa", Set.of("reader"));

  @TempDir Path dir;
  private final byte[] bytes = new byte[300_000];
  private final AtomicInteger fetched = new AtomicInteger();
  private Catalog catalog;
  private MemoryContents home;
  private ImageService service;
  private HttpServer web;
  private String base = "";

  private static Caller caller(String project, Set<String> roles) {
    return new Caller("u", "u", Optional.of(new Caller.Scope(project, project)), roles);
  }

  @BeforeEach
  void open() throws IOException {
    new Random(5).nextBytes(bytes);
    web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    web.createContext("/content", this::send);
    web.createContext("/plain", exchange -> answer(exchange, 200, bytes));
    web.createContext("/none", exchange -> answer(exchange, 200, new byte[0]));
    web.createContext("/v2/images/", this::remote);
    web.start();
    base = "http://127.0.0.1:" + web.getAddress().getPort();
    catalog = Catalog.open(dir.resolve("home"));
    home = new MemoryContents(dir);
    service =
        ImageService.openOwning(
            catalog.images(),
            home,
            new AuditLog(catalog),
            new ImageService.Settings(
                    ImageLimits.defaults(),
                    ContentCheck.DECLARED,
                    new WebAddresses(Set.of("127.0.0.1")))
                .with(
                    new ContentStores.Settings(
                        Map.of("archive", dir.resolve("archive")),
                        ContentStores.HOME,
                        StoreSettings.defaults()))
                .with(ImageLocations.Shown.YES)
                .withRegions(Map.of("Sur", URI.create(base))));
  }

  @AfterEach
  void close() throws IOException {
    service.close();
    catalog.close();
    web.stop(0);
  }

  private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private void send(HttpExchange exchange) throws IOException {
    fetched.incrementAndGet();
    String range = exchange.getRequestHeaders().getFirst("Range");
    if (range == null) {
      answer(exchange, 200, bytes);
      return;
    }
    int from = Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
    exchange
        .getResponseHeaders()
        .add("Content-Range", "bytes %d-%d/%d".formatted(from, bytes.length - 1, bytes.length));
    answer(exchange, 206, Arrays.copyOfRange(bytes, from, bytes.length));
  }

  /// The image service of another region: one image, for one token.
  private void remote(HttpExchange exchange) throws IOException {
    if (!"mine".equals(exchange.getRequestHeaders().getFirst("X-Auth-Token"))) {
      answer(exchange, 401, new byte[0]);
    } else if (exchange.getRequestURI().getPath().endsWith("/file")) {
      answer(exchange, 200, bytes);
    } else if (exchange.getRequestURI().getPath().contains("00000000")) {
      answer(exchange, 404, new byte[0]);
    } else {
      String told =
          """
          {"status": "active", "size": %d, "disk_format": "raw", "container_format": "bare",
           "hw_cpu_cores": "5", "os_distro": "rhel", "speed": "88mph", "os_hash_algo": "sha512",
           "os_hash_value": "%s"}
          """
              .formatted(bytes.length, sha("SHA-512"));
      answer(exchange, 200, told.getBytes(StandardCharsets.UTF_8));
    }
  }

  private String sha(String name) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(name).digest(bytes));
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private ImageEntry add() throws IOException {
    return service
        .images()
        .add(ANA, Optional.empty(), Map.of("disk_format", "raw", "container_format", "bare"));
  }

  private ImageEntry get(ImageEntry image) throws IOException {
    return service.images().get(ANA, image.id());
  }

  private ImageEntry uploaded() throws IOException {
    return service
        .transfers()
        .upload(ANA, add().id(), new ByteArrayInputStream(bytes), OptionalLong.empty());
  }

  private byte[] download(ImageEntry image) throws IOException {
    var download = service.transfers().open(ANA, image.id()).orElseThrow();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    download.writeTo(Channels.newChannel(out), 0, download.data().size());
    return out.toByteArray();
  }

  private static void assertRefused(Kind kind, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(OperationException.class)
        .satisfies(e -> assertThat(((OperationException) e).kind()).isEqualTo(kind));
  }

  private ImageTask begin(Caller caller, ImageEntry image, Method method, Targets targets)
      throws Exception {
    service.imports().begin(caller, image.id(), new ImportRequest(method, targets, "req", "{}"));
    return await(image);
  }

  private ImageTask await(ImageEntry image) throws Exception {
    while (true) {
      ImageTask task = service.imports().tasksOf(ANA, image.id()).getLast();
      if (ENDED.contains(task.status())) {
        return task;
      }
      Thread.sleep(5);
    }
  }

  private static List<String> stores(ImageEntry image) {
    return image.data().orElseThrow().places().stream().map(ContentStores::storeOf).toList();
  }

  @Test
  void copiesBetweenStoresAndDeletesFromAllButOne() throws Exception {
    ImageEntry image = uploaded();
    Targets archive = new Targets(Reach.NAMED, List.of("archive"), Demand.ALL);
    assertRefused(Kind.DENIED, () -> begin(ANA, image, new Method.Copy(), archive));
    assertRefused(Kind.DENIED, () -> service.imports().deleteFrom(ADMIN, "calco", image.id()));
    assertThat(begin(ADMIN, image, new Method.Copy(), archive).status())
        .isEqualTo(ImageTask.Status.SUCCESS);
    assertThat(stores(get(image))).containsExactly("calco", "archive");
    assertThat(get(image).properties())
        .isEqualTo(Map.of("os_glance_failed_import", "", "os_glance_importing_to_stores", ""));
    assertRefused(Kind.USAGE, () -> begin(ADMIN, image, new Method.Copy(), archive));
    assertRefused(
        Kind.REFUSED,
        () ->
            begin(
                ADMIN,
                image,
                new Method.Copy(),
                new Targets(Reach.NAMED, List.of("x"), Demand.ALL)));
    assertThat(catalog.images().usage("pa").size()).isEqualTo(2L * bytes.length);
    assertRefused(Kind.REFUSED, () -> service.imports().deleteFrom(ADMIN, "x", image.id()));
    assertRefused(Kind.DENIED, () -> service.imports().deleteFrom(ANA, "calco", image.id()));
    service.imports().deleteFrom(ADMIN, "calco", image.id());
    assertThat(home.blobs).isEmpty();
    assertThat(stores(get(image))).containsExactly("archive");
    assertThat(download(image)).isEqualTo(bytes);
    assertRefused(Kind.DENIED, () -> service.imports().deleteFrom(ADMIN, "archive", image.id()));
  }

  @Test
  void importsIntoTheStoresThatWereNamed() throws Exception {
    for (Targets targets :
        List.of(
            new Targets(Reach.ALL, List.of(), Demand.ALL),
            new Targets(Reach.NAMED, List.of("archive"), Demand.ANY))) {
      ImageEntry staged = add();
      service
          .transfers()
          .stage(ANA, staged.id(), new ByteArrayInputStream(bytes), OptionalLong.empty());
      assertThat(begin(ANA, staged, new Method.Staged(), targets).message()).isEmpty();
      ImageEntry fetched = add();
      Method web = new Method.Web(base + "/content");
      assertThat(begin(ANA, fetched, web, targets).message()).isEmpty();
      for (ImageEntry image : List.of(staged, fetched)) {
        assertThat(stores(get(image)))
            .containsExactlyInAnyOrderElementsOf(
                targets.reach() == Reach.ALL ? List.of("calco", "archive") : List.of("archive"));
        assertThat(download(image)).isEqualTo(bytes);
      }
      service.images().delete(ANA, staged.id());
      service.images().delete(ANA, fetched.id());
      assertThat(home.blobs).isEmpty();
    }
  }

  private static Change at(String address) {
    return new Change.AddLocation(
        OptionalInt.empty(), new NewLocation(address, "{}", Optional.empty()));
  }

  private ImageEntry patch(Caller caller, ImageEntry image, Change... changes) throws IOException {
    return service.locations().patch(caller, image.id(), new ImagePatch(List.of(changes)));
  }

  @Test
  void leavesContentWhereItIsOnTheWeb() throws Exception {
    ImageEntry image = add();
    for (String wrong :
        List.of(
            base + "/missing",
            base + "/none",
            "gopher://127.0.0.1/",
            "file:///etc/passwd",
            "calco://calco/image/1",
            "http://169.254.169.254/x",
            "http://localhost/x")) {
      assertRefused(Kind.USAGE, () -> patch(ANA, image, at(wrong)));
    }
    assertRefused(Kind.NOT_FOUND, () -> patch(BEA, image, at(base + "/content")));
    ImageEntry active = patch(ANA, image, at(base + "/content"));
    assertThat(active.status()).isEqualTo(Status.ACTIVE);
    assertThat(active.data().map(ImageData::size)).contains((long) bytes.length);
    assertThat(download(image)).isEqualTo(bytes);
    var download = service.transfers().open(ANA, image.id()).orElseThrow();
    ByteArrayOutputStream part = new ByteArrayOutputStream();
    download.writeTo(Channels.newChannel(part), 200_000, 50_000);
    assertThat(part.toByteArray()).isEqualTo(Arrays.copyOfRange(bytes, 200_000, 250_000));
    assertRefused(Kind.USAGE, () -> patch(ANA, image, at(base + "/content")));
    assertRefused(
        Kind.DENIED, () -> patch(ANA, image, new Change.RemoveLocation(OptionalInt.of(0))));
    ImageEntry two = patch(ANA, image, at(base + "/plain"));
    assertThat(two.data().orElseThrow().places())
        .containsExactly(base + "/content", base + "/plain");
    assertThat(service.locations().of(LEA, two)).hasSize(2);
    assertThat(service.locations().of(BEA, two)).isEmpty();
    assertRefused(Kind.DENIED, () -> service.locations().list(ANA, image.id()));
    assertThat(service.locations().list(ADMIN, image.id())).hasSize(2);
    ImageEntry one = patch(ANA, image, new Change.RemoveLocation(OptionalInt.of(0)));
    assertThat(one.data().orElseThrow().places()).containsExactly(base + "/plain");
    download = service.transfers().open(ANA, image.id()).orElseThrow();
    part.reset();
    download.writeTo(Channels.newChannel(part), 200_000, 50_000); // from a server without ranges
    assertThat(part.toByteArray()).isEqualTo(Arrays.copyOfRange(bytes, 200_000, 250_000));
  }

  /// By its address alone, nobody gets at what is another's in a store.
  @Test
  void aPlaceInAStoreIsNobodysToName() throws Exception {
    ImageEntry secret = uploaded();
    String place = ContentStores.addressOf(secret.data().orElseThrow().blob());
    ImageEntry other =
        service
            .images()
            .add(BEA, Optional.empty(), Map.of("disk_format", "raw", "container_format", "bare"));
    assertRefused(Kind.USAGE, () -> patch(BEA, other, at(place)));
    List<NewLocation> stolen = List.of(new NewLocation(place, "{}", Optional.empty()));
    assertRefused(Kind.USAGE, () -> patch(BEA, other, new Change.ReplaceLocations(stolen)));
    ImageEntry described =
        patch(
            ANA,
            secret,
            new Change.ReplaceLocations(
                List.of(new NewLocation(place, "{\"k\":1}", Optional.empty()))));
    assertThat(described.data().orElseThrow().locations().getFirst().metadata())
        .isEqualTo("{\"k\":1}");
    assertThat(download(secret)).isEqualTo(bytes);
  }

  @Test
  void hashesWhatLiesOnTheWeb() throws Exception {
    for (String algorithm : List.of("sha256", "sha512", "")) {
      ImageEntry image = add();
      String hash = algorithm.isEmpty() ? "" : sha(algorithm.replace("sha", "SHA-"));
      Optional<Claims> claims =
          algorithm.isEmpty() ? Optional.empty() : Optional.of(new Claims("", algorithm, hash));
      NewLocation location = new NewLocation(base + "/plain", "{}", claims);
      service.locations().add(ANA, image.id(), location, "req", "{}");
      assertThat(await(image).message()).isEmpty();
      ImageData data = get(image).data().orElseThrow();
      assertThat(data.sha256()).isEqualTo(algorithm.equals("sha512") ? "" : sha("SHA-256"));
      assertThat(data.sha512()).isEqualTo(algorithm.equals("sha256") ? "" : sha("SHA-512"));
      assertThat(data.md5()).isEqualTo(sha("MD5"));
    }
    ImageEntry wrong = add();
    Optional<Claims> claims = Optional.of(new Claims("", "sha256", "0".repeat(64)));
    NewLocation location = new NewLocation(base + "/plain", "{}", claims);
    service.locations().add(ANA, wrong.id(), location, "req", "{}");
    assertThat(await(wrong).message()).contains("not matched");
    assertThat(get(wrong).status()).isEqualTo(Status.QUEUED);
    assertThat(get(wrong).data()).isEmpty();
    NewLocation odd =
        new NewLocation(base, "{}", Optional.of(new Claims("", "sha512", "0".repeat(64))));
    assertRefused(Kind.USAGE, () -> service.locations().add(ANA, wrong.id(), odd, "req", "{}"));
    assertRefused(
        Kind.NOT_FOUND, () -> service.locations().add(BEA, wrong.id(), location, "req", "{}"));
  }

  @Test
  void keepsWhatLiesOnTheWebAtHand() throws Exception {
    ImageEntry image = add();
    ImageCache cache = service.cache();
    assertRefused(Kind.USAGE, () -> cache.queue(ADMIN, image.id()));
    assertRefused(Kind.DENIED, () -> cache.list(ANA));
    patch(ANA, image, at(base + "/content"));
    ImageEntry stored = uploaded();
    cache.queue(ADMIN, image.id());
    cache.queue(ADMIN, stored.id());
    assertThat(cache.list(ADMIN))
        .extracting(CachedImage::state)
        .containsOnly(CachedImage.State.QUEUED);
    while (cache.list(ADMIN).stream().anyMatch(each -> each.state() == CachedImage.State.QUEUED)) {
      Thread.sleep(20);
    }
    assertThat(cache.list(ADMIN)).extracting(CachedImage::size).containsOnly((long) bytes.length);
    int before = fetched.get();
    assertThat(download(image)).isEqualTo(bytes);
    assertThat(fetched.get()).isEqualTo(before);
    assertThat(catalog.images().findCached(image.id()).orElseThrow().hits()).isEqualTo(1);
    assertThat(home.blobs).hasSize(2);
    service.images().delete(ANA, image.id());
    assertThat(home.blobs).hasSize(1);
    cache.clear(ADMIN, List.of(CachedImage.State.CACHED));
    assertThat(cache.list(ADMIN)).isEmpty();
    assertThat(download(stored)).isEqualTo(bytes);
    assertRefused(Kind.NOT_FOUND, () -> cache.remove(ADMIN, image.id()));
  }

  @Test
  void fetchesFromAnotherRegionWithTheCallersToken() throws Exception {
    String there = "11111111-2222-3333-4444-555555555555";
    ImageEntry image = add();
    service
        .images()
        .patch(
            ANA,
            image.id(),
            new ImagePatch(
                List.of(
                    new Change.Replace("disk_format", "iso"),
                    new Change.Add("os_distro", "windows"))));
    Map<String, Method> failures =
        Map.of(
            "is known in region", new Method.Remote("Norte", there, "public", "mine"),
            "is known in", new Method.Remote("Sur", there, "none", "mine"),
            "status 401", new Method.Remote("Sur", there, "public", "other"),
            "status 404",
                new Method.Remote("Sur", "00000000-" + there.substring(9), "public", "mine"));
    for (var failure : failures.entrySet()) {
      assertThat(begin(ANA, image, failure.getValue(), Targets.usual()).message())
          .contains(failure.getKey())
          .doesNotContain("mine");
      assertThat(get(image).status()).isEqualTo(Status.QUEUED);
      assertThat(get(image).properties()).containsEntry("os_distro", "windows");
      assertThat(get(image).facts().diskFormat()).isEqualTo("iso");
    }
    Method found = new Method.Remote("Sur", there, "public", "mine");
    assertThat(found.toString()).doesNotContain("mine");
    assertThat(begin(ANA, image, found, Targets.usual()).message()).isEmpty();
    assertThat(get(image).facts().diskFormat()).isEqualTo("raw");
    assertThat(get(image).properties())
        .containsEntry("os_distro", "rhel")
        .containsEntry("hw_cpu_cores", "5")
        .doesNotContainKey("speed");
    assertThat(download(image)).isEqualTo(bytes);
    assertRefused(
        Kind.USAGE,
        () ->
            begin(ANA, add(), new Method.Remote("Sur", "../x", "public", "mine"), Targets.usual()));
  }

  @Test
  void holdsProjectsToTheirQuotas() throws Exception {
    ProjectQuotas quotas =
        new ProjectQuotas(catalog.images(), new AuditLog(catalog), Actor.server());
    quotas.change(
        "pa",
        new ProjectQuotas.Change(
            Optional.of(2L), Optional.empty(), Optional.of(400_000L), Optional.of(100L)));
    assertThat(quotas.of("pa"))
        .isEqualTo(new ProjectQuota(2, ProjectQuota.UNLIMITED, 400_000, 100));
    uploaded();
    assertRefused(Kind.LIMIT, this::uploaded);
    assertRefused(Kind.LIMIT, this::add);
    assertThat(service.images().limits(ANA).projectImages()).isEqualTo(2);
    assertThat(service.images().limits(BEA).projectImages()).isEqualTo(ImageLimits.UNLIMITED);
    assertThat(quotas.remove("pa")).isTrue();
    uploaded();
  }

  @Test
  void doesTasksOfOld() throws Exception {
    Map<String, Object> attributes =
        Map.of("name", "old", "disk_format", "raw", "container_format", "bare");
    assertRefused(Kind.DENIED, () -> service.imports().beginOld(ANA, attributes, base, "r", "{}"));
    assertRefused(
        Kind.USAGE, () -> service.imports().beginOld(ADMIN, attributes, "ftp://x", "r", "{}"));
    for (String path : List.of("/content", "/missing")) {
      ImageTask task = service.imports().beginOld(ADMIN, attributes, base + path, "r", "{}");
      while (!ENDED.contains(service.imports().task(ADMIN, task.id()).status())) {
        Thread.sleep(5);
      }
    }
    List<ImageTask> tasks = service.imports().tasks(ADMIN, ImageTaskQuery.newest(9));
    assertThat(tasks)
        .extracting(ImageTask::status)
        .containsExactly(ImageTask.Status.FAILURE, ImageTask.Status.SUCCESS);
    assertThat(catalog.images().usage("admin").images()).isEqualTo(1);
  }
}
