package io.calco.backup.clonezilla;

import java.util.List;

/// What verifying a Clonezilla image found.
///
/// @param sumFiles the lists of sums that were compared: `MD5SUMS` …
/// @param files compared with their sums
/// @param contents partitions and logical volumes read from end to end
/// @param findings what is wrong
public record ClonezillaReport(
    List<String> sumFiles, int files, int contents, List<Finding> findings) {

  /// Something wrong.
  ///
  /// @param file its name in the directory
  /// @param text one line: where, what was found, what was expected
  public record Finding(String file, String text) {}

  /// Copies the lists.
  public ClonezillaReport {
    sumFiles = List.copyOf(sumFiles);
    findings = List.copyOf(findings);
  }

  /// True when nothing is wrong.
  public boolean sound() {
    return findings.isEmpty();
  }
}
