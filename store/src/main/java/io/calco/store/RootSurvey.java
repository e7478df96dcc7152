package io.calco.store;

import java.util.List;

/// The roots of a store, as far as they can be read.
///
/// @param roots that can be, in no order
/// @param damages the objects of those that cannot be: neither their names nor what they lead to is
///   known
public record RootSurvey(List<Root> roots, List<StoreReport.Damage> damages) {
  /// Copies the lists.
  public RootSurvey {
    roots = List.copyOf(roots);
    damages = List.copyOf(damages);
  }
}
