package io.calco.store;

import io.calco.disk.CorruptImageException;

/// What a stored piece is. The kind is hashed with the bytes, so that content which looks like a
/// map never has a map's identity.
enum Kind {
  /// Bytes of a disk or a blob.
  DATA(1),
  /// A run of a map: the identities of the chunks that lie one after the other.
  PAGE(2),
  /// What a disk or blob consists of.
  RECORD(3);

  private final int code;

  Kind(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  /// The kind of a number.
  static Kind of(int code) throws CorruptImageException {
    for (Kind kind : values()) {
      if (kind.code == code) {
        return kind;
      }
    }
    throw new CorruptImageException("a piece of kind " + code + ", which is not known");
  }
}
