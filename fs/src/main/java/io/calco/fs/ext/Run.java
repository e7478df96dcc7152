package io.calco.fs.ext;

/// Neighbouring blocks of a file that lie side by side.
///
/// @param logical the first block's number in the file
/// @param physical where it lies in the file system; 0 when it is not mapped and reads as zeroes
/// @param length blocks in the run, at least 1
/// @param written false when the blocks are set aside but read as zeroes
record Run(long logical, long physical, long length, boolean written) {

  /// The first block after the run.
  long end() {
    return logical + length;
  }

  /// True when there is content on the disk.
  boolean hasContent() {
    return physical != 0 && written;
  }

  /// True when `next` continues this run.
  boolean continuedBy(Run next) {
    return next.logical == end() && next.written == written && next.physical == physical + length;
  }
}
