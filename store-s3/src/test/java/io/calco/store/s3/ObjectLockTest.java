package io.calco.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.JobContext;
import io.calco.disk.RateLimit;
import io.calco.store.NewStore;
import io.calco.store.Store;
import io.calco.store.StoreKey;
import io.calco.store.StoreOptions;
import io.calco.store.Upload;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/// A store in a bucket whose objects are locked.
class ObjectLockTest {
  private static final Duration MONTH = Duration.ofDays(30);

  private LockingService service;

  @BeforeEach
  void start() throws IOException {
    service = new LockingService();
  }

  @AfterEach
  void stop() {
    service.close();
  }

  private S3Bucket open(Optional<ObjectLock> lock) throws IOException {
    return S3Bucket.open(
        new S3Place(
            "bucket",
            "a/b",
            Optional.of(service.endpoint()),
            Optional.empty(),
            Optional.empty(),
            lock),
        RateLimit.of(OptionalLong.empty()),
        StaticCredentialsProvider.create(AwsBasicCredentials.create("ana", "secret")));
  }

  private static Optional<ObjectLock> lock(ObjectLock.Mode mode, Duration time) {
    return Optional.of(new ObjectLock(mode, time));
  }

  private static void fill(S3Bucket bucket) throws IOException {
    Store.create(bucket, NewStore.plain());
    try (Store store = Store.open(bucket, StoreKey.none(), StoreOptions.defaults());
        Upload upload = store.beginUpload()) {
      byte[] content = new byte[300_000];
      new Random(1).nextBytes(content);
      var blob = upload.addBlob(new ByteArrayInputStream(content), JobContext.SILENT);
      upload.commit("all", new LinkedHashMap<>(Map.of("content", blob)), "{}");
    }
  }

  private List<String> locked(String mode, Instant from, Instant to) {
    List<String> found = new ArrayList<>();
    for (String key : service.keys()) {
      service
          .lock(key)
          .filter(lock -> lock.mode().equals(mode))
          .filter(lock -> !lock.until().isBefore(from) && !lock.until().isAfter(to))
          .ifPresent(_ -> found.add(key.replaceFirst("^a/b/([^/]*).*", "$1")));
    }
    return found;
  }

  @Test
  void whatStaysIsLockedAndWhatPassesIsNot() throws IOException {
    try (S3Bucket bucket = open(lock(ObjectLock.Mode.COMPLIANCE, MONTH))) {
      Instant before = Instant.now().minusSeconds(1);
      fill(bucket);
      Instant after = Instant.now();
      assertThat(locked("COMPLIANCE", before.plus(MONTH), after.plus(MONTH)))
          .containsExactly("config", "index", "packs", "roots");
      assertThat(service.keys())
          .filteredOn(key -> service.lock(key).isEmpty())
          .allMatch(key -> key.matches("a/b/(sessions|ended|condemned)/.*"));
      bucket.put("sessions/x", List.of());
      bucket.put("keys/x", List.of());
      assertThat(service.lock("a/b/sessions/x")).isEmpty();
      assertThat(service.lock("a/b/keys/x")).isPresent();
    }
  }

  @Test
  void whatIsVerifiedIsLockedAgain() throws IOException {
    try (S3Bucket bucket = open(lock(ObjectLock.Mode.GOVERNANCE, MONTH))) {
      fill(bucket);
      Instant soon = Instant.now().plus(Duration.ofDays(1));
      service.keys().forEach(key -> service.age(key, soon));
      assertThat(locked("GOVERNANCE", soon, soon)).hasSize(4);
      Instant before = Instant.now().minusSeconds(1);
      assertThat(Store.verify(bucket, StoreKey.none(), JobContext.SILENT).sound()).isTrue();
      assertThat(locked("GOVERNANCE", before.plus(MONTH), Instant.now().plus(MONTH))).hasSize(4);

      service.keys().forEach(key -> service.age(key, soon));
      for (int slice = 0; slice < Store.SLICES; slice += 64) {
        Store.verifySlices(bucket, StoreKey.none(), slice, 64, JobContext.SILENT);
      }
      assertThat(locked("GOVERNANCE", before.plus(MONTH), Instant.now().plus(MONTH))).hasSize(4);
    }
  }

  @Test
  void aLockIsNeverShortened() throws IOException {
    try (S3Bucket bucket = open(lock(ObjectLock.Mode.COMPLIANCE, MONTH))) {
      fill(bucket);
    }
    Instant early = Instant.now().plus(Duration.ofDays(29));
    try (S3Bucket bucket = open(lock(ObjectLock.Mode.COMPLIANCE, Duration.ofDays(7)))) {
      assertThat(Store.verify(bucket, StoreKey.none(), JobContext.SILENT).sound()).isTrue();
      assertThatThrownBy(() -> bucket.keep("packs/none")).isInstanceOf(NoSuchFileException.class);
    }
    assertThat(locked("COMPLIANCE", early, early.plus(MONTH))).hasSize(4);
    try (S3Bucket bucket = open(Optional.empty())) {
      assertThat(bucket.keep("config")).isFalse();
      bucket.put("packs/x", List.of());
      assertThat(service.lock("a/b/packs/x")).isEmpty();
    }
  }
}
