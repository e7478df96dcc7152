package io.calco.engine.machine;

import io.calco.catalog.Clone;
import io.calco.engine.Calco;
import io.calco.sys.Cryptography;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/// What a machine is known by in its network and to libvirt.
///
/// @param seed what all is made from: the same seed, the same machine
record MachineIdentity(String seed) {

  /// A clone's, the same however often a machine is made for it; no other clone has it, here or on
  /// another host.
  static MachineIdentity of(Clone clone) {
    return new MachineIdentity("calco clone " + clone.id());
  }

  /// That of the clone whose disk it is, else a fresh one.
  static MachineIdentity ofDisk(Calco calco, Path disk) throws IOException {
    return calco.catalog().clones().stream()
        .filter(clone -> CatalogueDisk.real(clone.disk()).equals(disk))
        .findFirst()
        .map(MachineIdentity::of)
        .orElseGet(MachineIdentity::fresh);
  }

  /// One that was never there.
  static MachineIdentity fresh() {
    return new MachineIdentity(UUID.randomUUID().toString());
  }

  UUID uuid() {
    return UUID.nameUUIDFromBytes(seed.getBytes(StandardCharsets.UTF_8));
  }

  /// Addresses for network cards, from QEMU's own share (52:54:00).
  ///
  /// @param taken in lower case; what is handed out is added
  List<String> macs(int count, Set<String> taken) {
    List<String> macs = new ArrayList<>();
    for (int i = 0; macs.size() < count; i++) {
      byte[] digest = digest(seed + " card " + i);
      String mac =
          "52:54:00:%02x:%02x:%02x".formatted(digest[0] & 0xff, digest[1] & 0xff, digest[2] & 0xff);
      if (taken.add(mac)) {
        macs.add(mac);
      }
    }
    return macs;
  }

  private static byte[] digest(String text) {
    return Cryptography.sha256().digest(text.getBytes(StandardCharsets.UTF_8));
  }
}
