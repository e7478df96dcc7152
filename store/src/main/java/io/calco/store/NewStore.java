package io.calco.store;

/// What a store is when it is made, and stays.
///
/// @param chunkLength bytes in a chunk, a power of two from 4 KiB to 4 MiB
public record NewStore(int chunkLength) {
  /// Measured: `docs/decisions/0009-store-pieces.md`.
  private static final int CHUNK = 512 << 10;

  /// Checks the range.
  public NewStore {
    if (chunkLength < ImageRecord.CHUNK_MIN
        || chunkLength > ImageRecord.CHUNK_MAX
        || Integer.bitCount(chunkLength) != 1) {
      throw new IllegalArgumentException("chunks of " + chunkLength + " bytes");
    }
  }

  /// Not encrypted.
  public static NewStore plain() {
    return new NewStore(CHUNK);
  }

  /// The same with another grid.
  public NewStore withChunkLength(int length) {
    return new NewStore(length);
  }
}
