package io.calco.machine;

/// Work on a running machine's disk that is not over.
///
/// @param done how much of it, in bytes
/// @param total of how much; grows while the guest writes
/// @param ready whether it is a commit that can be finished: both layers show the guest the same
public record BlockJob(long done, long total, boolean ready) {}
