package io.calco.backup.layout;

import io.calco.volume.Placement;
import java.util.List;

/// How partitions are to lie on a target.
public sealed interface Layout {
  /// Where they were.
  record AsSaved() implements Layout {}

  /// Where they were, the last one up to the end.
  record GrowLast() implements Layout {}

  /// Each in proportion to its length; small ones for booting, swap and recovery as they were.
  record Proportional() implements Layout {}

  /// As listed; those that are not listed where they were.
  record Listed(List<Placement> placements) implements Layout {
    /// Copies the list.
    public Listed {
      placements = List.copyOf(placements);
    }
  }
}
