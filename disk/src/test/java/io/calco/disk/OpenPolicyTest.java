package io.calco.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpenPolicyTest {
  @TempDir Path dir;
  private Path image = Path.of("");

  @BeforeEach
  void files() throws IOException {
    Files.createDirectories(dir.resolve("pool/sub"));
    Files.createDirectories(dir.resolve("other"));
    image = Files.createFile(dir.resolve("pool/image.qcow2"));
    Files.createFile(dir.resolve("pool/base.qcow2"));
    Files.createFile(dir.resolve("pool/sub/deep.qcow2"));
    Files.createFile(dir.resolve("other/secret"));
  }

  private Path resolve(OpenPolicy policy, String reference) throws IOException {
    return policy.resolve(image, "backing image", reference);
  }

  @Test
  void theImagesOwnDirectoryIsAllowed() throws IOException {
    OpenPolicy policy = OpenPolicy.ownDirectory();
    assertThat(resolve(policy, "base.qcow2")).hasFileName("base.qcow2");
    assertThat(resolve(policy, "sub/deep.qcow2")).hasFileName("deep.qcow2");
    assertThat(resolve(policy, "file:base.qcow2")).hasFileName("base.qcow2");
    assertThat(resolve(policy, dir.resolve("pool/base.qcow2").toString()))
        .hasFileName("base.qcow2");
  }

  @Test
  void theRefusalNamesTheReferenceAndTheFlag() throws IOException {
    String outside = dir.resolve("other/secret").toString();
    assertThatThrownBy(() -> resolve(OpenPolicy.ownDirectory(), outside))
        .isInstanceOf(OpenDeniedException.class)
        .hasMessageContaining(outside)
        .hasMessageContaining("--allow " + dir.resolve("other"));
    assertThat(resolve(OpenPolicy.ownDirectory().allowing(dir.resolve("other")), outside))
        .hasFileName("secret");
  }

  @Test
  void linksDoNotLeadOutside() throws IOException {
    Files.createSymbolicLink(dir.resolve("pool/link"), dir.resolve("other/secret"));
    Files.createSymbolicLink(dir.resolve("pool/dirlink"), dir.resolve("other"));
    for (String reference : new String[] {"link", "dirlink/secret", "../other/secret"}) {
      assertThatThrownBy(() -> resolve(OpenPolicy.ownDirectory(), reference))
          .isInstanceOf(OpenDeniedException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "json:{\"driver\":\"file\"}",
        "nbd://127.0.0.1/x",
        "http://example.org/a",
        "fat:/etc",
        "/dev/zero",
        "/proc/self/mem",
        "/proc/self/fd/0",
        "a\u0000b",
        ""
      })
  void onlyPlainLocalFilesAreOpened(String reference) {
    OpenPolicy all = OpenPolicy.ownDirectory().allowing(Path.of("/"));
    assertThatThrownBy(() -> resolve(all, reference)).isInstanceOf(OpenDeniedException.class);
  }

  @Test
  void aDirectoryOrMissingFileIsSaidToBeSo() {
    assertThatThrownBy(() -> resolve(OpenPolicy.ownDirectory(), "sub"))
        .isInstanceOf(OpenDeniedException.class);
    assertThatThrownBy(() -> resolve(OpenPolicy.ownDirectory(), "gone.qcow2"))
        .isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> resolve(OpenPolicy.denyAll(), "base.qcow2"))
        .isInstanceOf(OpenDeniedException.class);
  }
}
