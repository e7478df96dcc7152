/// What an ISO 9660 disc image is: recognised, not read as a file system.
///
/// A disc image's format is `raw`; this package tells that such a disk holds a disc, and what a
/// machine could do with it. Read: ECMA-119 (ISO 9660), the El Torito specification 1.0, Joliet's
/// escape sequences, SUSP 1.12 and RRIP for Rock Ridge, ECMA-167 for UDF's marks.
///
/// | | |
/// |---|---|
/// | primary and supplementary volume descriptors, at most 64 | read |
/// | El Torito boot catalog, at most 64 entries | read |
/// | Joliet, Rock Ridge, UDF beside it | seen |
/// | MBR, GPT, Apple partition map beside it (a hybrid image) | seen |
///
/// What is damaged is not seen: nothing here fails but reading the disk.
///
/// Oracle: xorriso, and real images. Thread rule: everything is immutable.
@NullMarked
package io.calco.disk.iso;

import org.jspecify.annotations.NullMarked;
