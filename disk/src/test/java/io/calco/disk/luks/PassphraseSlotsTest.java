package io.calco.disk.luks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.Companions;
import io.calco.disk.CreateOptions;
import io.calco.disk.DiskException;
import io.calco.disk.LimitExceededException;
import io.calco.disk.MemoryFile;
import io.calco.disk.Passphrase;
import io.calco.disk.PassphraseException;
import io.calco.disk.PassphraseSlots;
import io.calco.disk.RecordedFile;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.testkit.Oracle;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Passphrases come and go; at every instant one that should stay opens the volume.
class PassphraseSlotsTest {
  private static final Duration SHORT = Duration.ofMillis(1);

  @TempDir Path dir;

  private static Passphrase secret(String text) {
    return Passphrase.of(text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] image() throws IOException {
    MemoryFile file = new MemoryFile();
    new LuksFormat()
        .create(
            file,
            new CreateOptions(
                4096,
                Optional.empty(),
                Map.of("iter-time", "1", "cipher-alg", "aes-128"),
                Optional.of(secret("first"))),
            Companions.none());
    return file.toBytes();
  }

  private static LuksVolume volume(MemoryFile file) throws IOException {
    return LuksVolume.read(file, 0, file.size());
  }

  private static boolean opens(MemoryFile file, String text) throws IOException {
    try {
      volume(file).unlock(secret(text)).close();
      return true;
    } catch (PassphraseException wrong) {
      return false;
    }
  }

  @Test
  void cryptsetupAgrees() throws IOException {
    MemoryFile file = new MemoryFile(image());
    LuksVolume volume = volume(file);
    PassphraseSlots slots = volume.passphraseSlots();
    assertThat(slots.add(secret("first"), secret("second"), SHORT, OptionalInt.empty()))
        .isEqualTo(1);
    assertThat(slots.add(secret("second"), secret(""), SHORT, OptionalInt.of(7))).isEqualTo(7);
    assertThat(slots.remove(secret("first"))).isEqualTo(1);
    assertThat(volume.facts().get("slots").toString())
        .startsWith("[{active=false, key-offset=4096}, {active=true");
    Path image = Files.write(dir.resolve("image"), file.toBytes());
    Oracle cryptsetup = Oracle.named("cryptsetup");
    cryptsetup
        .run("luksDump", image)
        .succeeds()
        .says("Key Slot 0: DISABLED")
        .says("Key Slot 1: ENABLED")
        .says("Key Slot 7: ENABLED");
    for (String text : List.of("first", "second")) {
      Path key = Files.writeString(dir.resolve(text), text);
      cryptsetup
          .run("open", "--test-passphrase", "--key-file", key, image)
          .exits(text.equals("first") ? 2 : 0);
    }
    assertThat(opens(file, "")).isTrue();
  }

  @Test
  void refusesWhatWouldLockTheVolumeForGood() throws IOException {
    MemoryFile file = new MemoryFile(image());
    PassphraseSlots slots = volume(file).passphraseSlots();
    refuses(() -> slots.remove(0), UnsupportedFeatureException.class);
    refuses(() -> slots.remove(secret("first")), UnsupportedFeatureException.class);
    refuses(() -> slots.remove(3), UnsupportedFeatureException.class);
    refuses(() -> slots.remove(8), UnsupportedFeatureException.class);
    refuses(() -> slots.remove(secret("other")), PassphraseException.class);
    refuses(
        () -> slots.add(secret("other"), secret("new"), SHORT, OptionalInt.empty()),
        PassphraseException.class);
    refuses(
        () -> slots.add(secret("first"), secret("new"), SHORT, OptionalInt.of(0)),
        UnsupportedFeatureException.class);
    for (int i = 1; i < 8; i++) {
      slots.add(secret("first"), secret("new"), SHORT, OptionalInt.empty());
    }
    refuses(
        () -> slots.add(secret("first"), secret("new"), SHORT, OptionalInt.empty()),
        LimitExceededException.class);
    assertThat(slots.remove(secret("new"))).isEqualTo(7);
    assertThat(opens(file, "first")).isTrue();
  }

  private interface Change {
    void run() throws IOException;
  }

  private static void refuses(Change change, Class<? extends DiskException> type) {
    assertThatThrownBy(change::run).isInstanceOf(type);
  }

  @Test
  void aCutLeavesTheOtherPassphrase() throws IOException {
    byte[] start = image();
    RecordedFile recorded = new RecordedFile(start);
    PassphraseSlots slots = volume(recorded).passphraseSlots();
    slots.add(secret("first"), secret("second"), SHORT, OptionalInt.empty());
    int added = recorded.changes().size();
    slots.remove(secret("first"));
    MemoryFile replay = new MemoryFile(start);
    for (int i = 0; i < recorded.changes().size(); i++) {
      recorded.changes().get(i).apply(replay);
      assertThat(opens(replay, i < added ? "first" : "second")).as("cut after %d", i).isTrue();
    }
    assertThat(opens(replay, "first")).isFalse();
  }
}
