package io.calco.engine.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.catalog.Catalog;
import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageEntry.Status;
import io.calco.engine.Home;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.AuditLog;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.ImageService;
import io.calco.engine.images.StoredContents;
import io.calco.engine.store.StoreSecret;
import io.calco.engine.upload.Upload.Phase;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UploadsTest {
  private static final Caller ANA = caller("ana", "pa");
  private static final Caller BEA = caller("bea", "pb");

  @TempDir private Path directory;
  private Instant now = Instant.now();
  private Catalog catalog;
  private ImageService service;
  private Uploads uploads;

  private static Caller caller(String user, String project) {
    return new Caller(
        user,
        user,
        Optional.of(new Caller.Scope(project, project)),
        Set.of(Caller.MEMBER, Caller.READER));
  }

  @BeforeEach
  void open() throws IOException {
    catalog = Catalog.open(directory);
    service =
        ImageService.openOwning(
            catalog.images(),
            StoredContents.open(new Home(directory), StoreSecret.none()),
            new AuditLog(catalog),
            ImageService.Settings.defaults());
    uploads = Uploads.open(directory.resolve("uploads"), service, limits(), () -> now);
  }

  private static UploadLimits limits() {
    return new UploadLimits(10_000_000, 3, Duration.ofDays(1), OptionalLong.of(0));
  }

  @AfterEach
  void close() throws IOException {
    uploads.close();
    service.close();
    catalog.close();
  }

  private void restart() throws IOException {
    close();
    open();
  }

  private String image(Caller caller) throws IOException {
    return service
        .images()
        .add(
            caller,
            Optional.empty(),
            Map.of("name", "x", "disk_format", "raw", "container_format", "bare"))
        .id();
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private static InputStream in(byte[] bytes, int from, int to) {
    return new ByteArrayInputStream(Arrays.copyOfRange(bytes, from, to));
  }

  private Upload append(String id, long offset, InputStream in) throws IOException {
    return uploads.append(ANA, id, offset, in, Optional.empty());
  }

  private ImageEntry awaitStored(String id) throws Exception {
    for (int i = 0; i < 6000; i++) {
      ImageEntry image = service.images().get(ANA, id);
      if (uploads.into(image).filter(upload -> upload.phase() != Phase.FAILED).isEmpty()) {
        return service.images().get(ANA, id);
      }
      Thread.sleep(10);
    }
    throw new AssertionError("it is never stored");
  }

  @Test
  void goesOnWhereItStoppedAcrossRestarts() throws Exception {
    byte[] content = bytes(1_000_000);
    String id = image(ANA);
    assertThat(uploads.begin(ANA, id, "x.raw", content.length).offset()).isZero();
    assertThat(append(id, 0, in(content, 0, 300_000)).offset()).isEqualTo(300_000);
    restart();
    assertThat(uploads.of(ANA)).singleElement().extracting(Upload::offset).isEqualTo(300_000L);
    assertThat(uploads.of(BEA)).isEmpty();
    assertThatThrownBy(() -> append(id, 299_999, in(content, 299_999, 300_001)))
        .isInstanceOfSatisfying(
            OperationException.class, e -> assertThat(e.kind()).isEqualTo(Kind.REFUSED));
    InputStream cut =
        new InputStream() {
          private int at = 300_000;

          @Override
          public int read() throws IOException {
            return content[at++] & 0xff;
          }

          @Override
          public int read(byte[] bytes, int offset, int length) throws IOException {
            if (at == 400_000) {
              throw new IOException("the connection is gone");
            }
            return super.read(bytes, offset, Math.min(length, 400_000 - at));
          }
        };
    assertThat(append(id, 300_000, cut).offset()).isEqualTo(400_000);
    Upload whole = append(id, 400_000, in(content, 400_000, content.length));
    assertThat(whole.offset()).isEqualTo(content.length);
    ImageEntry image = awaitStored(id);
    assertThat(image.status()).isEqualTo(Status.ACTIVE);
    assertThat(image.data().orElseThrow().sha256())
        .isEqualTo(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content)));
    try (var left = Files.list(directory.resolve("uploads"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void whatCameWholeIsStoredByTheNextServer() throws Exception {
    byte[] content = bytes(50_000);
    String id = image(ANA);
    uploads.begin(ANA, id, "x", content.length);
    append(id, 0, in(content, 0, 20_000));
    uploads.close();
    Files.write(directory.resolve("uploads").resolve(id + ".data"), content); // killed right then
    restart();
    assertThat(awaitStored(id).status()).isEqualTo(Status.ACTIVE);
  }

  @Test
  void aPartOfAnotherChecksumIsNotKept() throws Exception {
    byte[] content = bytes(20_000);
    byte[] digest =
        MessageDigest.getInstance("SHA-1").digest(Arrays.copyOfRange(content, 10_000, 20_000));
    String id = image(ANA);
    uploads.begin(ANA, id, "x", content.length);
    append(id, 0, in(content, 0, 10_000));
    Optional<PartChecksum> checksum = PartChecksum.of("sha1", digest);
    assertThatThrownBy(() -> uploads.append(ANA, id, 10_000, in(content, 0, 9_000), checksum))
        .isInstanceOf(WrongChecksumException.class);
    assertThat(uploads.get(ANA, id).offset()).isEqualTo(10_000);
    uploads.append(ANA, id, 10_000, in(content, 10_000, 20_000), checksum);
    assertThat(awaitStored(id).status()).isEqualTo(Status.ACTIVE);
    assertThat(PartChecksum.of("crc", digest)).isEmpty();
  }

  @Test
  void whoComesBackGoesOnAndTheLostConnectionDoesNot() throws Exception {
    byte[] content = bytes(30_000);
    String id = image(ANA);
    uploads.begin(ANA, id, "x", content.length);
    PipedOutputStream lost = new PipedOutputStream();
    PipedInputStream pipe = new PipedInputStream(lost, 100_000);
    AtomicReference<Throwable> end = new AtomicReference<>();
    Thread first =
        Thread.ofVirtual()
            .start(() -> {
              try {
                append(id, 0, pipe);
              } catch (IOException | RuntimeException e) {
                end.set(e);
              }
            });
    lost.write(content, 0, 10_000);
    while (uploads.get(ANA, id).offset() < 10_000) {
      Thread.sleep(5);
    }
    append(id, 10_000, in(content, 10_000, 20_000));
    lost.write(new byte[5000]);
    lost.close();
    first.join();
    assertThat(end.get()).hasMessage("The upload goes on over another connection.");
    append(id, 20_000, in(content, 20_000, 30_000));
    assertThat(awaitStored(id).data().orElseThrow().md5())
        .isEqualTo(HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(content)));
  }

  @Test
  void othersAndTooMuchAreRefused() throws Exception {
    String id = image(ANA);
    assertThatThrownBy(() -> uploads.begin(ANA, id, "x", 10_000_001)).hasMessageContaining("bytes");
    assertThatThrownBy(() -> uploads.begin(ANA, id, "x", 0)).hasMessageContaining("bytes");
    assertThatThrownBy(() -> uploads.begin(BEA, id, "x", 5)).hasMessageContaining("No image");
    uploads.begin(ANA, id, "x".repeat(5000), 5);
    assertThat(uploads.get(ANA, id).fileName()).hasSize(255);
    assertThatThrownBy(() -> append(id, 0, new ByteArrayInputStream(new byte[6])))
        .isInstanceOfSatisfying(
            OperationException.class, e -> assertThat(e.kind()).isEqualTo(Kind.LIMIT));
    for (String foreign : List.of(id, "..", "../" + id, "", "x.json")) {
      assertThatThrownBy(() ->
              uploads.append(
                  BEA, foreign, 0, new ByteArrayInputStream(new byte[1]), Optional.empty()))
          .hasMessage("You have no such upload.");
    }
    uploads.begin(ANA, image(ANA), "y", 5);
    uploads.begin(ANA, image(ANA), "z", 5);
    String fourth = image(ANA);
    assertThatThrownBy(() -> uploads.begin(ANA, fourth, "4", 5)).hasMessageContaining("3 uploads");
    uploads.cancel(ANA, id);
    assertThatThrownBy(() -> service.images().get(ANA, id)).hasMessageContaining("No image");
    uploads.begin(ANA, fourth, "4", 5);
  }

  @Test
  void whatNobodyGoesOnWithIsGivenUp() throws Exception {
    String id = image(ANA);
    uploads.begin(ANA, id, "x", 100);
    append(id, 0, new ByteArrayInputStream(new byte[10]));
    now = now.plus(Duration.ofHours(23));
    uploads.sweep();
    assertThat(uploads.get(ANA, id).offset()).isEqualTo(10);
    now = now.plus(Duration.ofHours(2));
    uploads.sweep();
    assertThat(uploads.of(ANA)).isEmpty();
    assertThatThrownBy(() -> service.images().get(ANA, id)).hasMessageContaining("No image");
  }

  @Test
  void refusedContentIsToldAndMakesRoom() throws Exception {
    String id =
        service
            .images()
            .add(
                ANA,
                Optional.empty(),
                Map.of("name", "x", "disk_format", "qcow2", "container_format", "bare"))
            .id();
    uploads.begin(ANA, id, "x", 1000);
    append(id, 0, new ByteArrayInputStream(new byte[1000]));
    ImageEntry image = awaitStored(id);
    assertThat(image.status()).isEqualTo(Status.QUEUED);
    Upload failed = uploads.get(ANA, id);
    assertThat(failed.phase()).isEqualTo(Phase.FAILED);
    assertThat(failed.problem()).contains("not qcow2 as declared");
    restart();
    assertThat(uploads.get(ANA, id).problem()).isEqualTo(failed.problem());
    assertThat(uploads.begin(ANA, id, "x", 5).phase()).isEqualTo(Phase.RECEIVING);
  }
}
