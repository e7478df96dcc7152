package io.calco.catalog;

/// What identifies a sealed file: its content, and the facts that tell at a glance whether it may
/// have changed since.
///
/// @param sha256 of the whole file, 64 hex digits in lower case
/// @param size of the file in bytes
/// @param device the file system's st_dev; it may change at a restart
/// @param inode st_ino
/// @param modifiedNanos st_mtime, since 1970, in nanoseconds
/// @param changedNanos st_ctime, since 1970, in nanoseconds
public record Fingerprint(
    String sha256, long size, long device, long inode, long modifiedNanos, long changedNanos) {}
