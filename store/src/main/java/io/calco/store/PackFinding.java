package io.calco.store;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What was found in one pack.
final class PackFinding {
  final String object;
  final long length;
  final List<String> wrongs = new ArrayList<>();

  /// The slots that are damaged.
  final BitSet slots = new BitSet();

  /// What an index should tell of it; null when its table, or not all of it, could be read.
  IndexObject.@Nullable Line line;

  PackFinding(String object, long length) {
    this.object = object;
    this.length = length;
  }
}
