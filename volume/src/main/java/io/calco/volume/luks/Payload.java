package io.calco.volume.luks;

/// Where the encrypted bytes lie.
///
/// @param offset in bytes from the volume's start
/// @param length in bytes, whole sectors
/// @param firstSector the number that encryption knows the first sector by, in units of 512 bytes
/// @param sectorSize bytes that are encrypted together
record Payload(long offset, long length, long firstSector, int sectorSize) {}
