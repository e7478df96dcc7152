package io.calco.store;

/// How a store is used by one process.
///
/// @param level of Zstandard for what is added, 1 to 19; higher is smaller and slower
public record StoreOptions(int level) {
  private static final int DEFAULT_LEVEL = 3;
  private static final int LEVEL_MAX = 19;

  /// Checks the range.
  public StoreOptions {
    if (level < 1 || level > LEVEL_MAX) {
      throw new IllegalArgumentException("level " + level);
    }
  }

  /// What was measured to be best for disks.
  public static StoreOptions defaults() {
    return new StoreOptions(DEFAULT_LEVEL);
  }

  /// The same but for the level.
  public StoreOptions withLevel(int level) {
    return new StoreOptions(level);
  }
}
