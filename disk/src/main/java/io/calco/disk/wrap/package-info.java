/// Files in wrappers: compressed, in archives, cut into parts, or coming as a stream. What is
/// inside is a [io.calco.disk.HostFile] that is read anywhere, as if it lay there bare; formats
/// know nothing of it. [io.calco.disk.Wrapping] looks at the marks and opens up to three layers.
///
/// | wrapper | specification | how it is read anywhere | its size | checked |
/// |---|---|---|---|---|
/// | gz | RFC 1952, 1951 | unpacked once, remembered every 4 MiB | at the end | CRC-32, length, per member |
/// | gz by bgzip or Calco | SAM 1, section 4.1 | by its members' headers | from them | the same, and the empty last member |
/// | zst | RFC 8878 | frame by frame up to 32 MiB each, else scratch | from frame headers, else at the end | XXH64 where it is there |
/// | xz | .xz format 1.2.1 | block by block up to 32 MiB each, else scratch | from the index | what the file has |
/// | bz2 | bzip2 1.0.8 | unpacked once, remembered at blocks | at the end | CRC-32 of blocks and streams |
/// | lz4 | frame format 1.6.4 | unpacked once, remembered every 4 MiB | at the end | XXH32 of header, blocks, content |
/// | zip | APPNOTE 6.3.10 | stored: in place; deflated: as gz | from the directory | CRC-32, when deflated |
/// | tar | ustar, pax, GNU, all sparse forms | in place | in the header | headers; a tar has no more |
/// | ova | OVF 1.1, 2.1 (DSP0243) | in place | in the tar | the manifest, when asked |
///
/// Refused: dictionaries, encrypted zips, zip methods but 0 and 8, randomised bzip2 blocks (before
/// 0.9.5), lz4's legacy frames (not recognised), windows above 128 MiB, document types in OVF.
/// Ignored: names and times in gzip headers, zip comments, links and directories in archives, what
/// OpenWrt appends behind a gzip.
///
/// **Pieces.** A compressed file is a row of pieces that can be unpacked each on its own
/// ([io.calco.disk.wrap.PiecedFile]); a source per format finds them, no further than anybody has
/// read. Where a stream has no natural pieces, the decoder's state is kept at intervals, with the
/// window that matches reach back to (32 KiB for deflate, 64 KiB for lz4): 0.8 % of the plain
/// bytes, beyond the first 8 MiB in a scratch file. Only what can be read no other way is laid down
/// whole, in a [io.calco.disk.wrap.StreamedFile].
///
/// **Trust.** What comes out is bounded by [io.calco.disk.UnwrapOptions], through all layers
/// together; a scratch file leaves a reserve free, has no name, and its zeroes take no space.
/// Counts of members and lengths of names are bounded, a piece has at most 32 MiB. No name in an
/// archive is used as a path: members are runs of the archive. A descriptor's references are looked
/// up among the members, never opened.
///
/// **Integrity.** A read never returns bytes that an earlier check has failed for, and what was not
/// checked on the way (a gzip member that spans pieces) is, before its end is told. A stored member
/// of a zip is not compared with its CRC, since no read sees all of it.
///
/// Writing: [io.calco.disk.wrap.Compression] codes a stream on all cores, [io.calco.disk.wrap.Ova]
/// puts an appliance together.
///
/// Oracles: gzip, pigz, bgzip, zstd, pzstd, xz, bzip2, lz4, GNU tar, Info-ZIP, sha256sum, qemu-img,
/// and zlib for damaged deflate.
///
/// Thread rule: files as [io.calco.disk.HostFile]; sources, readers and writers are confined.
@NullMarked
package io.calco.disk.wrap;

import org.jspecify.annotations.NullMarked;
