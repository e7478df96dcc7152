package io.calco.disk;

import java.util.ArrayList;
import java.util.List;

/// What the verification of a [ReadOnlyImage] found so far. Confined.
public final class ClusterFindings {
  /// Ours: more lines help nobody.
  private static final int LINES_MAX = 1000;

  private final List<String> lines = new ArrayList<>();
  private long corruptions;
  private long leaks;
  private long allocated;
  private long fragmented;

  /// Nothing found yet.
  public ClusterFindings() {}

  /// Notes a broken rule.
  public void corruption(String line, Object... values) {
    corruptions++;
    add("ERROR " + line, values);
  }

  /// Notes clusters that nothing uses.
  public void leaks(long clusters, String line, Object... values) {
    leaks += clusters;
    add("Leaked " + line, values);
  }

  /// Counts clusters that have host space.
  public void allocated(long clusters) {
    allocated += clusters;
  }

  /// Counts a cluster that does not follow its neighbour.
  public void fragmented() {
    fragmented++;
  }

  private void add(String line, Object... values) {
    if (lines.size() < LINES_MAX) {
      lines.add(line.formatted(values));
    }
  }

  /// All that was found.
  ///
  /// @param imageEnd the first host byte after everything in use, 0 where the format's check does
  ///   not say
  /// @param total units in the virtual disk
  public VerifyReport report(long imageEnd, long total) {
    return new VerifyReport(
        corruptions, leaks, 0, 0, 0, imageEnd, total, allocated, fragmented, 0, lines);
  }
}
