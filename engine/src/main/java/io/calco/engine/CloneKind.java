package io.calco.engine;

/// How a clone rests on its template.
public enum CloneKind {
  /// An overlay: it holds what differs, and needs the template's disk.
  LINKED,
  /// A copy of its own.
  FULL
}
