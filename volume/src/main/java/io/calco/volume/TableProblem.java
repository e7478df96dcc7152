package io.calco.volume;

/// Something in a partition table that contradicts the rules, and left it readable all the same.
///
/// @param effect what it means for writing
/// @param text one line: which structure, what was found, what was expected
public record TableProblem(Effect effect, String text) {

  /// What a problem means for writing.
  public enum Effect {
    /// Writing the table mends it or does not touch it.
    NONE,
    /// The table is not written until another tool has mended it.
    REFUSES_WRITING
  }

  static TableProblem note(String text) {
    return new TableProblem(Effect.NONE, text);
  }

  static TableProblem refusing(String text) {
    return new TableProblem(Effect.REFUSES_WRITING, text);
  }
}
