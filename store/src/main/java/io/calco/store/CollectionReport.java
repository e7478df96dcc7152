package io.calco.store;

/// What a collection did.
///
/// @param deletedPacks packs deleted
/// @param deletedBytes their bytes
/// @param movedBytes bytes of packs that were mostly garbage, and whose rest was moved to new packs
/// @param condemnedPacks packs that nothing needs any more, and that the next collection deletes
///   when all uploads that may have chosen pieces of them have ended
/// @param awaitedSessions uploads that these wait for
public record CollectionReport(
    int deletedPacks, long deletedBytes, long movedBytes, int condemnedPacks, int awaitedSessions) {

  CollectionReport plus(CollectionReport later) {
    return new CollectionReport(
        deletedPacks + later.deletedPacks,
        deletedBytes + later.deletedBytes,
        movedBytes + later.movedBytes,
        later.condemnedPacks,
        later.awaitedSessions);
  }
}
