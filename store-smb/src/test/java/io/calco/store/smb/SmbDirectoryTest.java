package io.calco.store.smb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.RateLimit;
import io.calco.store.backend.Backend;
import io.calco.store.backend.BackendContract;
import io.calco.store.backend.TransientBackendException;
import io.calco.testkit.SambaServer;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A share of Samba's `smbd` keeps the contract.
class SmbDirectoryTest extends BackendContract {
  private static final AtomicInteger COUNT = new AtomicInteger();

  @TempDir private static Path server;
  @TempDir private static Path shared;

  private static SambaServer smbd;
  private static Path credentials;

  private final String path = "a/number " + COUNT.incrementAndGet();

  @BeforeAll
  static void start() throws IOException {
    smbd = SambaServer.start(server, shared, "correct horse");
    credentials = Files.writeString(server.resolve("credentials"), "password=correct horse\n");
  }

  @AfterAll
  static void stop() {
    if (smbd != null) {
      smbd.close();
    }
  }

  private static SmbPlace place(String share, String path, Path file) {
    return new SmbPlace(smbd.user(), "127.0.0.1", smbd.port(), share, path, file);
  }

  private static RateLimit unlimited() {
    return RateLimit.of(OptionalLong.empty());
  }

  @Override
  protected Backend open() throws IOException {
    return SmbDirectory.create(place("store", path, credentials), unlimited());
  }

  @Test
  void tellsWhyItIsNotLetIn() throws IOException {
    Path wrong = Files.writeString(server.resolve("wrong"), "password=secret horse\n");
    assertThatThrownBy(() -> SmbDirectory.open(place("store", path, wrong), unlimited()))
        .isInstanceOf(AccessDeniedException.class)
        .hasMessageEndingWith("/store: the server refuses the login")
        .message()
        .doesNotContain("secret");
    assertThatThrownBy(() -> SmbDirectory.open(place("none", "", credentials), unlimited()))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessageEndingWith("/none: there is no such share");
    assertThatThrownBy(() -> SmbDirectory.open(place("store", "b", credentials), unlimited()))
        .isInstanceOf(NoSuchFileException.class);
    Path empty = Files.writeString(server.resolve("empty"), "");
    assertThatThrownBy(() -> SmbDirectory.open(place("store", "b", empty), unlimited()))
        .hasMessage(empty + ": has no line password=…");
  }

  @Test
  void tellsThatTheServerWentAway() throws IOException {
    try (Backend smb = open()) {
      smb.put("a", List.of(MemorySegment.ofArray(new byte[10])));
      smbd.kill();
      assertThatThrownBy(() -> smb.get("a", 10))
          .isInstanceOf(TransientBackendException.class)
          .message()
          .startsWith("smb://")
          .doesNotContain("\n");
      smbd.restart();
      assertThat(smb.get("a", 10)).as("of a new server").hasSize(10);
    }
  }

  @Test
  void sweepsWhatWasLeftLongAgo() throws IOException {
    try (Backend smb = open()) {
      Path parts = Files.createDirectories(shared.resolve(path).resolve(".part"));
      Path old = Files.createFile(parts.resolve("0f0ae4d7-93f4-4a4e-8f0a-0d6f8e1a7b11"));
      Path fresh = Files.createFile(parts.resolve("1f0ae4d7-93f4-4a4e-8f0a-0d6f8e1a7b11"));
      Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(25))));
      smb.sweep();
      try (Stream<Path> left = Files.list(parts)) {
        assertThat(left).containsExactly(fresh);
      }
    }
  }
}
