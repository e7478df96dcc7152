package io.calco.fs;

import java.util.Optional;

/// What a file system's own superblock says.
///
/// @param type the kernel's name: `ext4`, `xfs`, `vfat` …
/// @param uuid as `blkid` prints it
/// @param label the volume's name
/// @param size bytes that the file system covers
/// @param free bytes in free blocks
/// @param blockSize bytes in a block
/// @param clean it was unmounted in order and needs no replay
public record FileSystemFacts(
    String type,
    Optional<String> uuid,
    Optional<String> label,
    long size,
    long free,
    int blockSize,
    boolean clean) {}
