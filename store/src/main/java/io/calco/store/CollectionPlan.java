package io.calco.store;

/// What a collection would do.
///
/// @param unneededPacks packs that nothing leads to, to be deleted
/// @param unneededBytes their bytes
/// @param rewrittenPacks packs that are mostly garbage, whose rest would be moved
/// @param rewrittenBytes their bytes
/// @param keptBytes bytes of what would be moved out of these
/// @param condemnedPacks packs that earlier collections have found, and that wait for uploads
/// @param condemnedBytes their bytes
/// @param uploads uploads that run; what they may rest on waits for them
public record CollectionPlan(
    int unneededPacks,
    long unneededBytes,
    int rewrittenPacks,
    long rewrittenBytes,
    long keptBytes,
    int condemnedPacks,
    long condemnedBytes,
    int uploads) {

  /// Bytes that would be free in the end.
  public long freedBytes() {
    return unneededBytes + rewrittenBytes - keptBytes + condemnedBytes;
  }
}
