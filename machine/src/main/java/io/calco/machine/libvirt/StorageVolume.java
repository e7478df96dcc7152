package io.calco.machine.libvirt;

import java.net.ProtocolException;

/// A disk in a pool.
///
/// @param pool the pool's name
/// @param name of the disk in it, a file's name in a directory
/// @param key what is the same for the same disk: a file's path
public record StorageVolume(String pool, String name, String key) {

  static StorageVolume read(XdrReader reader) throws ProtocolException {
    return new StorageVolume(reader.readString(), reader.readString(), reader.readString());
  }

  XdrWriter arguments() {
    return new XdrWriter().put(pool).put(name).put(key);
  }
}
