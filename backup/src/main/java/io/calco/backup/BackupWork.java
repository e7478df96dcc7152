package io.calco.backup;

/// What making a point took.
///
/// @param kept bytes that the point stands for, holes left out by file systems not among them
/// @param data bytes of those that are no zeroes
/// @param fresh bytes of those that the store did not have
/// @param stored bytes that were written for those, packed
/// @param millis how long it took
public record BackupWork(long kept, long data, long fresh, long stored, long millis) {}
