package io.calco.engine.backup;

/// What a check of one volume found.
///
/// @param volume for a person: `partition 3`
/// @param content what it holds, as blkid names it: `ext4`; empty when nothing is known in it
/// @param by who looked: `calco`, or another program's name
/// @param result how it ended
/// @param what one line for a person
public record VolumeCheck(String volume, String content, String by, Result result, String what) {

  /// How a check ended.
  public enum Result {
    /// Nothing is amiss.
    SOUND,
    /// Something is.
    DAMAGED,
    /// There is no file system that could be looked into.
    NOT_CHECKED
  }

  /// True unless something is amiss.
  public boolean passed() {
    return result != Result.DAMAGED;
  }
}
