package io.calco.store;

/// What an upload did so far.
///
/// @param data bytes of chunks that were not all zeroes
/// @param fresh bytes of those that the store did not have
/// @param stored bytes that these take, packed
/// @param known bytes of those that were not read, as a [Predecessor] has them
public record UploadWork(long data, long fresh, long stored, long known) {}
