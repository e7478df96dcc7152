package io.calco.cli;

import io.calco.cli.Syntax.Values;
import io.calco.disk.Passphrase;
import io.calco.volume.Volume;
import io.calco.volume.VolumeKeys;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// `--passphrase-file` and `--key-file` of commands that open guests: each for every encrypted
/// volume, or for the one that is named.
final class GuestKeys {
  private static final Pattern NAMED =
      Pattern.compile(
          "(p[1-9][0-9]{0,5}|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|/dev/[^:]+):(.+)");

  private final Values<String> passphrases;
  private final Values<String> keyFiles;
  private Optional<List<Key>> keys = Optional.empty();

  /// @param volume which it is for; all if empty
  private record Key(Optional<String> volume, Passphrase secret) {
    boolean isFor(Volume asked) {
      return volume.map(asked::isNamed).orElse(true);
    }
  }

  GuestKeys(Syntax words) {
    passphrases =
        words.options(
            "--passphrase-file",
            "[VOLUME:]FILE",
            String.class,
            "Holds the passphrase of an encrypted image or of encrypted volumes in the guest (LUKS);"
                + " - for standard input. VOLUME is p3, a UUID or /dev/vg/lv; may be repeated.");
    keyFiles =
        words.options(
            "--key-file",
            "[VOLUME:]FILE",
            String.class,
            "A key file of encrypted volumes in the guest, all of its bytes; may be repeated.");
  }

  /// The passphrase of an image: the first that is no volume's.
  Optional<Passphrase> ofImage() throws IOException {
    return keys().stream().filter(key -> key.volume().isEmpty()).map(Key::secret).findFirst();
  }

  /// The passphrases and keys of volumes.
  VolumeKeys ofVolumes() throws IOException {
    List<Key> all = keys();
    return volume -> all.stream().filter(key -> key.isFor(volume)).map(Key::secret).toList();
  }

  /// Each file is read once: one may be standard input.
  private List<Key> keys() throws IOException {
    if (keys.isEmpty()) {
      List<Key> read = new ArrayList<>();
      for (String given : passphrases.all()) {
        read.add(new Key(volume(given), PassphraseFile.readLine(file(given))));
      }
      for (String given : keyFiles.all()) {
        read.add(new Key(volume(given), PassphraseFile.readWhole(file(given))));
      }
      keys = Optional.of(List.copyOf(read));
    }
    return keys.get();
  }

  private static Optional<String> volume(String given) {
    Matcher named = NAMED.matcher(given);
    return named.matches() ? Optional.of(named.group(1)) : Optional.empty();
  }

  private static String file(String given) {
    Matcher named = NAMED.matcher(given);
    return named.matches() ? named.group(2) : given;
  }
}
