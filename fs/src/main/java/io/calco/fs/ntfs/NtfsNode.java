package io.calco.fs.ntfs;

import java.io.IOException;

/// A file and how it looks.
///
/// @param file the file
/// @param posix how it looks
record NtfsNode(NtfsFile file, PosixFile posix) {
  static NtfsNode of(NtfsFile file) throws IOException {
    return new NtfsNode(file, PosixFile.of(file));
  }
}
