package io.calco.guest.registry;

/// How a hive's file was found.
public enum Recovery {
  /// Written completely.
  CLEAN,
  /// Not written completely; its transaction logs were applied in memory.
  REPLAYED,
  /// Not written completely, and no log that could be applied: some of it may be older or newer
  /// than the rest.
  DIRTY
}
