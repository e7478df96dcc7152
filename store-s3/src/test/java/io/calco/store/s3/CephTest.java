package io.calco.store.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.JobContext;
import io.calco.disk.RateLimit;
import io.calco.store.NewStore;
import io.calco.store.Store;
import io.calco.store.StoreKey;
import io.calco.store.StoreOptions;
import io.calco.store.Upload;
import io.calco.store.backend.Backend;
import io.calco.store.backend.BackendContract;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.services.s3.S3Client;

/// A bucket of Ceph's gateway keeps the contract: of `ceph-rgw-up.sh`, which somebody must have
/// started.
@Tag("rig")
class CephTest extends BackendContract {
  private static final URI ENDPOINT =
      URI.create(System.getProperty("calco.s3", "http://127.0.0.1:7480"));
  private static final AwsCredentialsProvider CREDENTIALS =
      StaticCredentialsProvider.create(
          AwsBasicCredentials.create("RIGACCESSKEY", "RIGSECRETKEY0123456789"));

  private final S3Place place =
      new S3Place(
          "calco",
          UUID.randomUUID().toString(),
          Optional.of(ENDPOINT),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());

  @BeforeAll
  static void makeBucket() {
    S3Place any =
        new S3Place(
            "calco",
            "",
            Optional.of(ENDPOINT),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    try (S3Client client = Clients.client(any, CREDENTIALS)) {
      client.createBucket(request -> request.bucket("calco"));
    }
  }

  @Override
  protected Backend open() throws IOException {
    return S3Bucket.open(place, RateLimit.of(OptionalLong.empty()), CREDENTIALS);
  }

  @Override
  protected int many() {
    return 1_030;
  }

  @Test
  void keepsAStore() throws IOException {
    try (Backend bucket = open()) {
      Store.create(bucket, NewStore.plain());
      try (Store store = Store.open(bucket, StoreKey.none(), StoreOptions.defaults());
          Upload upload = store.beginUpload()) {
        byte[] content = new byte[80 << 20];
        new Random(1).nextBytes(content);
        var blob = upload.addBlob(new ByteArrayInputStream(content), JobContext.SILENT);
        upload.commit("all", new LinkedHashMap<>(Map.of("content", blob)), "{}");
      }
      assertThat(Store.verify(bucket, StoreKey.none(), JobContext.SILENT).sound()).isTrue();
    }
  }
}
