package io.calco.disk.qcow2;

import java.util.ArrayList;
import java.util.List;

/// What a verification found so far. Confined.
final class Findings {
  /// Ours: more lines help nobody.
  private static final int LINES_MAX = 1000;

  private final List<String> lines = new ArrayList<>();
  private long corruptions;
  private long leaks;
  private long checkErrors;

  /// Notes one broken rule.
  void corruption(String line, Object... values) {
    corruptions(1, line, values);
  }

  /// Notes a rule broken several times in the same place.
  void corruptions(long times, String line, Object... values) {
    corruptions += times;
    add("ERROR " + line, values);
  }

  void leak(String line, Object... values) {
    leaks++;
    add("Leaked " + line, values);
  }

  void checkError(String line, Object... values) {
    checkErrors++;
    add("ERROR " + line, values);
  }

  /// Adds all that others found.
  void addAll(Findings others) {
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

  long corruptions() {
    return corruptions;
  }

  long leaks() {
    return leaks;
  }

  long checkErrors() {
    return checkErrors;
  }

  List<String> lines() {
    return lines;
  }
}
