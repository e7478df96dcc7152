package io.calco.engine.audit;

/// What somebody does to something.
///
/// @param by who
/// @param action what
/// @param target to what
/// @param detail more of it, for a person; empty for nothing
public record Deed(Actor by, Action action, Target target, String detail) {
  /// One without details.
  public Deed(Actor by, Action action, Target target) {
    this(by, action, target, "");
  }

  /// The same, done to what is known now.
  public Deed to(Target known) {
    return new Deed(by, action, known, detail);
  }

  /// The same with details.
  public Deed with(String more) {
    return new Deed(by, action, target, more);
  }
}
