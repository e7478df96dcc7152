package io.calco.machine.libvirt;

import java.net.ProtocolException;
import java.util.UUID;

/// A machine that libvirt has.
///
/// @param name unique; can change while it is off
/// @param uuid never changes
/// @param id of the running machine; -1 for one that is off
public record Domain(String name, UUID uuid, int id) {

  static Domain read(XdrReader reader) throws ProtocolException {
    return new Domain(reader.readString(), reader.readUuid(), reader.readInt());
  }

  /// The first argument of most questions.
  XdrWriter arguments() {
    return putTo(new XdrWriter());
  }

  XdrWriter putTo(XdrWriter arguments) {
    return arguments.put(name).put(uuid).put(id);
  }
}
