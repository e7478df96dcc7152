package io.calco.engine;

/// Who writes a guest's file systems.
public enum WritingEngine {
  /// Calco.
  NATIVE("native"),
  /// libguestfs, because Calco only reads one of them.
  LIBGUESTFS("libguestfs");

  private final String label;

  WritingEngine(String label) {
    this.label = label;
  }

  /// As reports have it.
  public String label() {
    return label;
  }
}
