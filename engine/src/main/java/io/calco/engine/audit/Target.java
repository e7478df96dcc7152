package io.calco.engine.audit;

/// What something is done to.
///
/// @param id never changes; empty while it is not known
/// @param name as it is called now; empty for what has no name
public record Target(String id, String name) {
  /// Nothing in particular.
  public static final Target NONE = new Target("", "");

  /// What has a name alone.
  public static Target named(String name) {
    return new Target("", name);
  }
}
