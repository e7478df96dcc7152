/// ISO 9660, read; and small images of it made ([IsoImage]).
///
/// Read from ECMA-119, the Joliet specification, SUSP 1.12 and RRIP 1.12, and held to what xorriso
/// and genisoimage make: xorriso, isoinfo and blkid judge what we make, and we read what they made.
///
/// | | read |
/// |---|---|
/// | Rock Ridge: PX, NM, SL, TF, CE, and deep directories by CL and RE | yes, before all else |
/// | Joliet, levels 1 to 3 | where there is no Rock Ridge |
/// | plain names, in lower case without version, as Linux shows them | where there is neither |
/// | files of several extents; extended attribute records | yes; skipped |
/// | El Torito, partition tables beside it (hybrid images), UDF beside it | ignored |
/// | interleaved files, zisofs (ZF) | refused |
///
/// All blocks of the volume count as used: nothing says what is not.
///
/// Trust: a record lies in one sector, a directory has at most 64 MiB (ours) and is in none of its
/// own; System Use fields go on at most 32 times; names have 255, links 4096 bytes.
///
/// Thread rule: an opened volume, and an image that is made, are confined to one thread at a time.
@NullMarked
package io.calco.fs.iso9660;

import org.jspecify.annotations.NullMarked;
