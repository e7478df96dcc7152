package io.calco.volume;

import io.calco.disk.Passphrase;
import java.util.List;

/// Who knows the passphrases of encrypted volumes.
@FunctionalInterface
public interface VolumeKeys {
  /// What may open a volume, tried in order.
  ///
  /// @param volume with its UUID, and its partition or device names
  /// @return none when nobody knows; they stay their giver's to close
  List<Passphrase> of(Volume volume);

  /// Nobody knows any.
  static VolumeKeys none() {
    return volume -> List.of();
  }
}
