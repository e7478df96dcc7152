package io.calco.backup;

import java.util.Optional;

/// Where a point's bytes came from.
///
/// @param host the machine that made the point
/// @param user who made it there
/// @param source the device or file
/// @param kind what that is
/// @param format of an image file
/// @param model of a device
/// @param serial of a device
/// @param sectorSize bytes of a device's sector
/// @param state whether anybody could write to it meanwhile
public record Origin(
    String host,
    String user,
    String source,
    Kind kind,
    Optional<String> format,
    Optional<String> model,
    Optional<String> serial,
    Optional<Integer> sectorSize,
    State state) {

  /// Kinds of sources.
  public enum Kind {
    /// A disk, a partition, a volume of the host.
    BLOCK_DEVICE("block-device"),
    /// An image file.
    IMAGE("image"),
    /// What another program, or somebody, had kept: the point is of when that was made.
    IMPORT("import");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    /// The word for it in a point's text.
    public String text() {
      return text;
    }
  }

  /// Whether the source could change while it was read.
  public enum State {
    /// Nobody wrote.
    AT_REST("at-rest"),
    /// It was in use: what was written meanwhile may be there in part, as after a loss of power.
    IN_USE("in-use"),
    /// It was in use, and its file systems were frozen: what had been written is there in full.
    FROZEN("frozen");

    private final String text;

    State(String text) {
      this.text = text;
    }

    /// The word for it in a point's text.
    public String text() {
      return text;
    }
  }
}
