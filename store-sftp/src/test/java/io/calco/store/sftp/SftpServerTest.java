package io.calco.store.sftp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.calco.disk.JobContext;
import io.calco.disk.RateLimit;
import io.calco.ssh.SshLogin;
import io.calco.store.NewStore;
import io.calco.store.Root;
import io.calco.store.Store;
import io.calco.store.StoreKey;
import io.calco.store.StoreOptions;
import io.calco.store.Upload;
import io.calco.store.backend.Backend;
import io.calco.store.backend.LocalDirectory;
import io.calco.store.backend.Retries;
import io.calco.store.backend.RetryingBackend;
import io.calco.store.backend.TransientBackendException;
import io.calco.testkit.Oracle;
import io.calco.testkit.SshServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// OpenSSH's server: whom it lets in, whom it must be, and what happens when it goes away.
@Timeout(60)
class SftpServerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(1);
  private static final Retries RETRIES =
      new Retries(12, Duration.ofMillis(50), Duration.ofMillis(500));

  @TempDir private Path server;
  @TempDir private Path directory;

  private SshServer sshd;
  private SftpPlace place;

  @BeforeEach
  void start() throws IOException {
    sshd = SshServer.start(server);
    place = SftpDirectoryTest.place(sshd, directory);
  }

  @AfterEach
  void stop() {
    sshd.close();
  }

  private static SftpDirectory open(SftpPlace place) throws IOException {
    return SftpDirectory.open(place, SftpDirectoryTest.unlimited());
  }

  private SftpPlace with(SshLogin login) {
    return new SftpPlace(place.user(), place.host(), place.port(), place.path(), login);
  }

  /// The fingerprint of one of the server's keys.
  private String fingerprint(String type) {
    return Oracle.named("ssh-keygen")
        .run("-l", "-f", server.resolve("host_" + type + ".pub"))
        .succeeds()
        .out()
        .split(" ")[1];
  }

  private void opens(SftpPlace opened) throws IOException {
    try (SftpDirectory sftp = open(opened)) {
      assertThat(sftp.list("")).isEmpty();
    }
  }

  private void isRefused(SftpPlace refused, String... words) {
    assertThatThrownBy(() -> open(refused))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessageStartingWith(place.server() + ": ")
        .hasMessageContainingAll(words)
        .message()
        .doesNotContain("\n");
  }

  @Test
  void refusesAServerThatIsNotKnown() throws IOException {
    Files.delete(server.resolve("known_hosts"));
    isRefused(place, "not in known_hosts", fingerprint("ed25519"), "?fingerprint=SHA256:");
    assertThat(server.resolve("known_hosts")).as("nothing is added").doesNotExist();
  }

  @Test
  void takesAServerOfTheFingerprintThatWasGiven() throws IOException {
    Files.delete(server.resolve("known_hosts"));
    opens(with(place.login().withFingerprint(fingerprint("ed25519"))));
    isRefused(
        with(place.login().withFingerprint(fingerprint("ed25519").replaceAll(".$", "="))),
        "not the one that was given");
  }

  @Test
  void refusesAServerWithAnotherKey() throws IOException {
    String other = Files.readString(server.resolve("id_ed25519.pub")).split(" ")[1];
    Files.writeString(
        server.resolve("known_hosts"),
        "[127.0.0.1]:%d ssh-ed25519 %s\n".formatted(sshd.port(), other));
    isRefused(place, "somebody may be in between");
  }

  @Test
  void refusesAKeyThatIsRevoked() throws IOException {
    Path known = server.resolve("known_hosts");
    String line = Files.readString(known);
    Files.writeString(known, line + "@revoked " + line);
    isRefused(place, "revoked");
  }

  @Test
  void knowsServersByHashedNames() throws IOException {
    Oracle.named("ssh-keygen").run("-H", "-f", server.resolve("known_hosts")).succeeds();
    assertThat(Files.readString(server.resolve("known_hosts"))).doesNotContain("127.0.0.1");
    opens(place);
  }

  /// The server would rather show its Ed25519 key.
  @Test
  void asksForTheKeyThatIsKnown() throws IOException {
    String[] key = Files.readString(server.resolve("host_ecdsa.pub")).split(" ");
    Files.writeString(
        server.resolve("known_hosts"),
        "[127.0.0.1]:%d %s %s\n".formatted(sshd.port(), key[0], key[1]));
    opens(place);
  }

  @Test
  void logsInWithTheKeyThatIsNamed() throws IOException {
    Path key = Files.move(server.resolve("id_ed25519"), directory.resolve("mine"));
    isRefused(place, "no key to log in with");
    SftpPlace named = with(place.login().withIdentity(key));
    try (SftpDirectory sftp = open(named)) {
      assertThat(sftp.list("")).extracting("name").contains("mine");
    }
  }

  @Test
  void takesKeysOfEveryUsualType() throws IOException {
    for (String type : List.of("rsa", "ecdsa", "ed25519")) {
      for (String format : List.of("RFC4716", "PEM")) {
        Path key = server.resolve("key-" + type + format);
        Oracle.named("ssh-keygen")
            .run("-q", "-t", type, "-m", format, "-N", "", "-f", key)
            .succeeds();
        Files.copy(
            server.resolve("key-" + type + format + ".pub"),
            server.resolve("authorized_keys"),
            java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        opens(with(place.login().withIdentity(key)));
      }
    }
  }

  @Test
  void tellsWhyALoginIsRefused() throws IOException {
    Path key = server.resolve("other");
    Oracle.named("ssh-keygen").run("-q", "-t", "ed25519", "-N", "", "-f", key).succeeds();
    isRefused(
        with(place.login().withIdentity(key)), "refuses the login of " + place.user(), "other");
    Oracle.named("ssh-keygen").run("-q", "-p", "-N", "secret", "-f", key).succeeds();
    assertThatThrownBy(() -> open(with(place.login().withIdentity(key))))
        .isInstanceOf(FileSystemException.class)
        .hasMessage(key + ": is protected by a passphrase; Calco takes keys without one");
    Path none = Files.writeString(server.resolve("none"), "no key\n");
    assertThatThrownBy(() -> open(with(place.login().withIdentity(none))))
        .hasMessage(none + ": holds no private key that is understood");
  }

  @Test
  void tellsWhatIsWrongWithADirectory() throws IOException {
    SftpPlace none =
        new SftpPlace(place.user(), place.host(), place.port(), directory + "/a/b", place.login());
    assertThatThrownBy(() -> open(none))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessage(none.toString());
    try (SftpDirectory made = SftpDirectory.create(none, SftpDirectoryTest.unlimited())) {
      made.put("a", List.of(MemorySegment.ofArray(new byte[1])));
    }
    try (SftpDirectory above = open(place)) {
      assertThat(above.list("a/b/")).hasSize(1);
    }
    SftpPlace file =
        new SftpPlace(
            place.user(), place.host(), place.port(), directory + "/a/b/a", place.login());
    assertThatThrownBy(() -> open(file)).isInstanceOf(NotDirectoryException.class);
  }

  @Test
  void tellsThatNobodyIsThere() throws IOException {
    sshd.kill();
    assertThatThrownBy(() -> open(place))
        .isInstanceOf(TransientBackendException.class)
        .hasMessage(place.server() + ": cannot be reached: Connection refused");
    SftpPlace nameless = new SftpPlace("ana", "no-such-host.invalid", 22, "/x", place.login());
    assertThatThrownBy(() -> open(nameless))
        .isInstanceOf(TransientBackendException.class)
        .hasMessageContaining("there is no address of the name no-such-host.invalid");
  }

  @Test
  void sweepsWhatWasLeftLongAgo() throws IOException {
    Path parts = Files.createDirectory(directory.resolve(".part"));
    Path old = Files.createFile(parts.resolve("0f0ae4d7-93f4-4a4e-8f0a-0d6f8e1a7b11"));
    Path fresh = Files.createFile(parts.resolve("1f0ae4d7-93f4-4a4e-8f0a-0d6f8e1a7b11"));
    Path strange = Files.createFile(parts.resolve("notes"));
    for (Path file : List.of(old, strange)) {
      Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofHours(25))));
    }
    try (SftpDirectory sftp = open(place)) {
      sftp.sweep();
    }
    try (Stream<Path> left = Files.list(parts)) {
      assertThat(left).containsExactlyInAnyOrder(fresh, strange);
    }
  }

  @Test
  void keepsToTheRate() throws IOException {
    RateLimit rate = RateLimit.of(OptionalLong.of(4 << 20));
    try (SftpDirectory sftp = SftpDirectory.open(place, rate)) {
      long begun = System.nanoTime();
      sftp.put("a", List.of(MemorySegment.ofArray(new byte[3 << 20])));
      assertThat(sftp.get("a", 4 << 20)).hasSize(3 << 20);
      assertThat(Duration.ofNanos(System.nanoTime() - begun))
          .isGreaterThan(Duration.ofMillis(1300));
    }
  }

  @Test
  void tellsThatAServerStopped() throws Exception {
    try (SftpDirectory sftp = SftpDirectory.open(place, SftpDirectoryTest.unlimited(), PATIENCE)) {
      sftp.put("a", List.of(MemorySegment.ofArray(new byte[100])));
      sshd.freeze();
      TransientBackendException failure =
          catchThrowableOfType(TransientBackendException.class, () -> sftp.get("a", 100));
      assertThat(failure).hasMessage(place + "/a: the server has not answered for 1 s");
      sshd.cut();
      assertThat(sftp.get("a", 100)).as("on a new connection").hasSize(100);
      sshd.kill();
      assertThatThrownBy(() -> sftp.get("a", 100))
          .isInstanceOf(TransientBackendException.class)
          .message()
          .doesNotContain("\n");
      sshd.restart();
      assertThat(sftp.get("a", 100)).as("of a new server").hasSize(100);
    }
  }

  /// The connection is cut every now and then amid an upload and a reading.
  @Test
  void aStoreOutlivesConnections() throws Exception {
    byte[] content = new byte[40 << 20];
    new Random(7).nextBytes(content);
    CompletableFuture<Void> ended = new CompletableFuture<>();
    CompletableFuture<Integer> cutter = new CompletableFuture<>();
    try (Backend sftp = RetryingBackend.owning(open(place), RETRIES)) {
      cutter.completeAsync(() -> cutUntil(ended));
      Store.create(sftp, NewStore.plain());
      try (Store store = Store.open(sftp, StoreKey.none(), StoreOptions.defaults());
          Upload upload = store.beginUpload()) {
        var blob = upload.addBlob(new ByteArrayInputStream(content), JobContext.SILENT);
        upload.commit("all", new LinkedHashMap<>(Map.of("content", blob)), "{}");
      }
      try (Store store = Store.open(sftp, StoreKey.none(), StoreOptions.defaults())) {
        Root root = store.findRoot("all").orElseThrow();
        byte[] read = new byte[content.length];
        store.openBlob(root.parts().get("content")).read(0, MemorySegment.ofArray(read));
        assertThat(read).isEqualTo(content);
      }
    } finally {
      ended.complete(null);
    }
    assertThat(cutter.get()).as("cuts").isPositive();
    Backend copy = LocalDirectory.open(directory);
    assertThat(Store.verify(copy, StoreKey.none(), JobContext.SILENT).sound())
        .as("as a local store")
        .isTrue();
  }

  private int cutUntil(CompletableFuture<Void> ended) {
    int cuts = 0;
    while (!ended.isDone()) {
      try {
        Thread.sleep(150 + 250 * cuts);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
      sshd.cut();
      cuts++;
    }
    return cuts;
  }

  /// Without another attempt an upload fails, in one line, and has no root.
  @Test
  void anUploadThatIsCutHasNoRoot() throws Exception {
    try (SftpDirectory sftp = open(place)) {
      Store.create(sftp, NewStore.plain());
      try (Store store = Store.open(sftp, StoreKey.none(), StoreOptions.defaults())) {
        assertThatThrownBy(
                () -> {
                  try (Upload upload = store.beginUpload()) {
                    byte[] noise = new byte[40 << 20];
                    new Random(8).nextBytes(noise);
                    var blob = upload.addBlob(new ByteArrayInputStream(noise), JobContext.SILENT);
                    sshd.kill();
                    upload.commit("all", new LinkedHashMap<>(Map.of("content", blob)), "{}");
                  }
                })
            .isInstanceOf(IOException.class)
            .hasMessageStartingWith("sftp://")
            .message()
            .doesNotContain("\n");
      } catch (IOException sessionCannotBeEnded) {
        assertThat(sessionCannotBeEnded).hasMessageStartingWith("sftp://");
      }
    }
    try (Store store =
        Store.open(LocalDirectory.open(directory), StoreKey.none(), StoreOptions.defaults())) {
      assertThat(store.listRoots()).isEmpty();
    }
  }
}
