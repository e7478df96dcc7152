package io.calco.engine.host;

import java.time.Instant;

/// A disk in the pool that a template can be made of.
///
/// @param name of its file
/// @param format of that file, where the catalogue states it; empty where it is to be found out
/// @param isClone whether Calco made it
/// @param fileSize in bytes
/// @param modifiedAt when it was last written
public record PoolDisk(
    String name, String format, boolean isClone, long fileSize, Instant modifiedAt) {}
