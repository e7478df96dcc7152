package io.calco.disk.dmg;

/// A run of the disk, as a chunk table lists it.
///
/// @param type how its bytes lie in the file
/// @param offset first guest byte
/// @param length guest bytes
/// @param hostOffset where its bytes lie
/// @param hostLength how many they are there
record Chunk(ChunkType type, long offset, long length, long hostOffset, long hostLength) {
  long end() {
    return offset + length;
  }
}
