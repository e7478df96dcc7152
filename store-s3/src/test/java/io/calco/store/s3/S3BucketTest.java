package io.calco.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.JobContext;
import io.calco.disk.RateLimit;
import io.calco.store.AppendOnlyException;
import io.calco.store.NewStore;
import io.calco.store.Store;
import io.calco.store.StoreKey;
import io.calco.store.StoreOptions;
import io.calco.store.Upload;
import io.calco.store.backend.Backend;
import io.calco.store.backend.BackendContract;
import io.calco.store.backend.StoredObject;
import io.calco.store.backend.TransientBackendException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.gaul.s3proxy.BlobStores;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.services.s3.S3Client;

/// A bucket of s3proxy keeps the contract.
class S3BucketTest extends BackendContract {
  private static final AwsCredentialsProvider ANA = credentials("ana", "correct horse");
  private static final AtomicInteger COUNT = new AtomicInteger();

  @TempDir private static Path directory;

  private static S3Proxy proxy;
  private static URI endpoint;

  private final String prefix = "tests/number " + COUNT.incrementAndGet();

  private static AwsCredentialsProvider credentials(String key, String secret) {
    return StaticCredentialsProvider.create(AwsBasicCredentials.create(key, secret));
  }

  @BeforeAll
  static void start() throws Exception {
    Properties properties = new Properties();
    properties.setProperty("jclouds.filesystem.basedir", directory.toString());
    properties.setProperty("jclouds.identity", "local");
    properties.setProperty("jclouds.credential", "local");
    proxy =
        S3Proxy.builder()
            .endpoint(URI.create("http://127.0.0.1:0"))
            .awsAuthentication(AuthenticationType.AWS_V4, "ana", "correct horse")
            .v4MaxNonChunkedRequestSize(128 << 20)
            .blobStore(BlobStores.create("filesystem", properties))
            .build();
    proxy.start();
    endpoint = URI.create("http://127.0.0.1:" + proxy.getPort());
    try (S3Client client = Clients.client(place("bucket", ""), ANA)) {
      client.createBucket(request -> request.bucket("bucket"));
    }
  }

  @AfterAll
  static void stop() throws Exception {
    proxy.stop();
  }

  private static S3Place place(String bucket, String prefix) {
    return new S3Place(
        bucket,
        prefix,
        Optional.of(endpoint),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static S3Bucket open(S3Place place, AwsCredentialsProvider credentials)
      throws IOException {
    return S3Bucket.open(place, RateLimit.of(OptionalLong.empty()), credentials);
  }

  @Override
  protected Backend open() throws IOException {
    return open(place("bucket", prefix), ANA);
  }

  /// More than one page of a listing.
  @Override
  protected int many() {
    return 1_030;
  }

  @Test
  void tellsWhyItIsNotLetIn() {
    assertThatThrownBy(() -> open(place("bucket", ""), credentials("ana", "wrong")))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessageStartingWith("s3://bucket: the service refuses it: ")
        .message()
        .doesNotContain("\n", "wrong");
    assertThatThrownBy(() -> open(place("none", "x"), ANA))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessage("s3://none/x: there is no such bucket");
    S3Place place = place("bucket", "");
    AwsCredentialsProvider none =
        software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider.create("no-such");
    assertThatThrownBy(() -> open(place, none)).hasMessageContaining("there are no credentials");
  }

  @Test
  void tellsThatNobodyAnswers() throws IOException {
    int port;
    try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = closed.getLocalPort();
    }
    S3Place place =
        new S3Place(
            "bucket",
            "",
            Optional.of(URI.create("http://127.0.0.1:" + port)),
            Optional.of("nowhere"),
            Optional.empty(),
            Optional.empty());
    assertThatThrownBy(() -> open(place, ANA))
        .isInstanceOf(TransientBackendException.class)
        .hasMessage("s3://bucket: the connection failed: Connection refused");
  }

  /// What lies in the bucket stays there as it is, whatever is added, so that an object lock is no
  /// hindrance.
  @Test
  void anAppendOnlyStoreGrows() throws IOException {
    try (Backend bucket = open()) {
      Store.create(bucket, NewStore.plain());
      try (Store store = Store.open(bucket, StoreKey.none(), StoreOptions.defaults())) {
        store.makeAppendOnly();
        add(store, "first", 1);
        Map<String, byte[]> before = objects(bucket);
        add(store, "second", 2);
        assertThatThrownBy(() -> store.removeRoot("first"))
            .isInstanceOf(AppendOnlyException.class)
            .hasMessage(
                "s3://bucket/%s: is append-only: nothing is taken from it".formatted(prefix));
        assertThatThrownBy(() -> store.collect(JobContext.SILENT))
            .isInstanceOf(AppendOnlyException.class);
        Map<String, byte[]> after = objects(bucket);
        assertThat(after).containsAllEntriesOf(before).hasSizeGreaterThan(before.size());
        assertThat(after.keySet()).noneMatch(name -> name.startsWith("sessions/"));
      }
      assertThat(Store.verify(bucket, StoreKey.none(), JobContext.SILENT).sound()).isTrue();
    }
  }

  private static void add(Store store, String name, long seed) throws IOException {
    byte[] content = new byte[3 << 20];
    new Random(seed).nextBytes(content);
    try (Upload upload = store.beginUpload()) {
      var blob = upload.addBlob(new ByteArrayInputStream(content), JobContext.SILENT);
      upload.commit(name, new LinkedHashMap<>(Map.of("content", blob)), "{}");
    }
  }

  private static Map<String, byte[]> objects(Backend bucket) throws IOException {
    Map<String, byte[]> objects = new TreeMap<>();
    for (StoredObject object : bucket.list("")) {
      objects.put(object.name(), bucket.get(object.name(), 64 << 20));
    }
    return objects;
  }

  @Test
  void keepsToTheRate() throws IOException {
    RateLimit rate = RateLimit.of(OptionalLong.of(4 << 20));
    try (S3Bucket bucket = S3Bucket.open(place("bucket", prefix), rate, ANA)) {
      long begun = System.nanoTime();
      bucket.put(
          "a", java.util.List.of(java.lang.foreign.MemorySegment.ofArray(new byte[3 << 20])));
      assertThat(bucket.get("a", 4 << 20)).hasSize(3 << 20);
      assertThat(System.nanoTime() - begun).isGreaterThan(700_000_000L);
    }
  }
}
