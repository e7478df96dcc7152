package io.calco.backup.clonezilla;

import io.calco.disk.CutChannel;
import io.calco.disk.UnsupportedFeatureException;

/// A stream in one file, or cut into several as split(1) cuts and names them.
final class CutFiles {
  private static final int LETTERS = 26;
  private static final int SUFFIX_MAX = 4; // as many as are read

  private CutFiles() {}

  /// Opens the stream.
  ///
  /// @param stem the file's name, to which suffixes are added where it is cut
  /// @param most bytes in a file; 0 for no limit
  /// @param expected bytes that may come, to choose how long suffixes are
  /// @throws UnsupportedFeatureException when that would be too many files
  static CutChannel open(NewDirectory directory, String stem, long most, long expected)
      throws UnsupportedFeatureException {
    if (most == 0) {
      return new CutChannel(Long.MAX_VALUE, _ -> directory.member(stem));
    }
    int letters = suffixLength(stem, Math.ceilDiv(expected, most));
    return new CutChannel(
        most, number -> directory.member(stem + "." + CutChannel.suffix(number, letters)));
  }

  /// Two letters, as Clonezilla has them, unless that is too few.
  private static int suffixLength(String stem, long files) throws UnsupportedFeatureException {
    int length = 2;
    for (long names = LETTERS * LETTERS; names < files; names *= LETTERS) {
      if (++length > SUFFIX_MAX) {
        throw new UnsupportedFeatureException(
            "%s: would be cut into %d files; choose larger pieces".formatted(stem, files));
      }
    }
    return length;
  }
}
