package io.calco.fs;

import java.time.Instant;

/// What an inode says of its file.
///
/// @param inode its number
/// @param type its kind
/// @param size bytes in the file
/// @param permissions the low 12 mode bits
/// @param uid owner
/// @param gid group
/// @param links names that refer to it
/// @param modified when its content last changed
/// @param allocatedSize bytes of blocks it takes
public record FileStatus(
    long inode,
    FileType type,
    long size,
    int permissions,
    int uid,
    int gid,
    int links,
    Instant modified,
    long allocatedSize) {}
