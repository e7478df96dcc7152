package io.calco.disk;

import java.io.IOException;
import java.lang.foreign.MemorySegment;

/// Turns a file into what is sent in its place, piece by piece: compressed, for one.
///
/// Thread rule: safe for several threads at once.
public interface StreamCoder {

  /// The bytes of a piece; the last one may be shorter.
  int pieceLength();

  /// A piece, coded; what pieces give one after the other is the coded file, but for its end.
  MemorySegment code(MemorySegment piece) throws IOException;

  /// What follows the last piece.
  MemorySegment end();
}
