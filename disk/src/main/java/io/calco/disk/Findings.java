package io.calco.disk;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// What a verification found so far, counted as `qemu-img check` counts. Confined.
public final class Findings {
  /// Ours: more lines help nobody.
  private static final int LINES_MAX = 1000;

  private final List<String> lines = new ArrayList<>();
  private long corruptions;
  private long leaks;
  private long checkErrors;
  private long allocated;
  private long fragmented;

  /// Nothing found yet.
  public Findings() {}

  /// Notes a broken rule.
  public void corruption(String line, Object... values) {
    corruptions(1, line, values);
  }

  /// Notes a rule broken several times in the same place.
  public void corruptions(long times, String line, Object... values) {
    corruptions += times;
    add("ERROR " + line, values);
  }

  /// Notes a unit that nothing uses.
  public void leak(String line, Object... values) {
    leaks(1, line, values);
  }

  /// Notes units that nothing uses.
  public void leaks(long units, String line, Object... values) {
    leaks += units;
    add("Leaked " + line, values);
  }

  /// Notes a structure that could not be checked.
  public void checkError(String line, Object... values) {
    checkErrors++;
    add("ERROR " + line, values);
  }

  /// Counts units that have host space.
  public void allocated(long units) {
    allocated += units;
  }

  /// Counts a unit that does not follow its neighbour.
  public void fragmented() {
    fragmented++;
  }

  /// Adds all that others found.
  public void addAll(Findings others) {
    corruptions += others.corruptions;
    leaks += others.leaks;
    checkErrors += others.checkErrors;
    lines.addAll(others.lines.subList(0, Math.min(others.lines.size(), LINES_MAX - lines.size())));
  }

  private void add(String line, Object... values) {
    if (lines.size() < LINES_MAX) {
      lines.add(line.formatted(values));
    }
  }

  /// Rules broken.
  public long corruptions() {
    return corruptions;
  }

  /// Units that nothing uses.
  public long leaks() {
    return leaks;
  }

  /// Structures that could not be checked.
  public long checkErrors() {
    return checkErrors;
  }

  /// The first findings, a line each.
  public List<String> lines() {
    return Collections.unmodifiableList(lines);
  }

  /// All that was found.
  ///
  /// @param imageEnd the first host byte after everything in use, 0 where the format's check does
  ///   not say
  /// @param total units in the virtual disk
  public VerifyReport report(long imageEnd, long total) {
    return new VerifyReport(
        corruptions, leaks, checkErrors, 0, 0, imageEnd, total, allocated, fragmented, 0, lines);
  }
}
