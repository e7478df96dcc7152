package io.calco.disk;

import java.util.List;

/// What comparing an image's metadata with the rules found, counted as `qemu-img check` counts.
///
/// @param corruptions rules broken, so that data is lost or will be
/// @param leaks clusters that take space and that nothing uses
/// @param checkErrors structures that could not be checked
/// @param corruptionsFixed corruptions mended by this run
/// @param leaksFixed leaks mended by this run
/// @param imageEndOffset the first host byte after everything in use
/// @param totalClusters units in the virtual disk
/// @param allocatedClusters units that have host space
/// @param fragmentedClusters units not right after their neighbour
/// @param compressedClusters compressed units
/// @param findings the first findings, one line each, complete for a user
public record VerifyReport(
    long corruptions,
    long leaks,
    long checkErrors,
    long corruptionsFixed,
    long leaksFixed,
    long imageEndOffset,
    long totalClusters,
    long allocatedClusters,
    long fragmentedClusters,
    long compressedClusters,
    List<String> findings) {

  /// Copies the findings.
  public VerifyReport {
    findings = List.copyOf(findings);
  }

  /// True when nothing at all was found, leaks included.
  public boolean clean() {
    return corruptions == 0 && leaks == 0 && checkErrors == 0;
  }

  /// This report of what was found before a repair, and of what is there after it.
  ///
  /// @param after what remains
  public VerifyReport repaired(VerifyReport after) {
    return new VerifyReport(
        after.corruptions,
        after.leaks,
        after.checkErrors,
        Math.max(0, corruptions - after.corruptions),
        Math.max(0, leaks - after.leaks),
        after.imageEndOffset,
        after.totalClusters,
        after.allocatedClusters,
        after.fragmentedClusters,
        after.compressedClusters,
        findings);
  }
}
