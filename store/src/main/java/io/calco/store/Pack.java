package io.calco.store;

import java.util.UUID;

/// A pack that is in the store.
///
/// @param name SHA-256 of its head, table and foot
/// @param length in bytes
/// @param writer the process that made it
/// @param count pieces in it
record Pack(ChunkId name, long length, UUID writer, int count) {
  static final String PREFIX = "packs/";

  /// The object's name.
  String object() {
    return object(name);
  }

  static String object(ChunkId name) {
    String digits = name.toString();
    return PREFIX + digits.substring(0, 2) + "/" + digits;
  }
}
