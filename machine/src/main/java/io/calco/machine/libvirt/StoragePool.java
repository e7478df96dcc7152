package io.calco.machine.libvirt;

import java.net.ProtocolException;
import java.util.UUID;

/// A pool of disks that libvirt knows, most often a directory.
///
/// @param name unique
/// @param uuid never changes
public record StoragePool(String name, UUID uuid) {

  static StoragePool read(XdrReader reader) throws ProtocolException {
    return new StoragePool(reader.readString(), reader.readUuid());
  }

  XdrWriter arguments() {
    return new XdrWriter().put(name).put(uuid);
  }
}
