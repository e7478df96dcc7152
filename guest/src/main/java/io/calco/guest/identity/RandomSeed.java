package io.calco.guest.identity;

import io.calco.fs.FileAttributes;
import io.calco.guest.Content;
import io.calco.guest.Draft;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/// The file from which a guest feeds its random number generator at boot. Clones that share one
/// could make the same keys.
public final class RandomSeed {
  /// How many bytes Linux takes and systemd keeps.
  public static final int SIZE = 512;

  private static final String SYSTEMD = "/var/lib/systemd/random-seed";

  /// Where init systems and boot loaders keep one.
  public static final List<String> FILES =
      List.of(
          SYSTEMD,
          "/var/lib/urandom/random-seed",
          "/var/lib/random-seed",
          "/var/lib/misc/random-seed",
          "/var/lib/seedrng/*",
          "/boot/loader/random-seed",
          "/boot/efi/loader/random-seed",
          "/efi/loader/random-seed");

  private RandomSeed() {}

  /// Removes every seed.
  public static void clear(Draft draft) throws IOException {
    draft.removeFiles(FILES.toArray(String[]::new));
  }

  /// Removes every seed and, where systemd looks for one, leaves a fresh one.
  ///
  /// @param seed [#SIZE] bytes of this clone alone
  public static void set(Draft draft, byte[] seed) throws IOException {
    clear(draft);
    if (draft.isDirectory("/var/lib/systemd")) {
      draft.put(SYSTEMD, Content.of(seed), FileAttributes.root(0600, Instant.EPOCH));
    }
  }
}
