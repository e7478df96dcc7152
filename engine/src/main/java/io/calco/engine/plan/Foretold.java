package io.calco.engine.plan;

import java.util.List;

/// What the rules of a plan would keep.
///
/// @param simulations of each repository that could be opened, of each source
/// @param unseen the repositories that could not be
public record Foretold(List<Simulation> simulations, List<Unseen> unseen) {
  /// Copies the lists.
  public Foretold {
    simulations = List.copyOf(simulations);
    unseen = List.copyOf(unseen);
  }

  /// A repository that could not be opened.
  ///
  /// @param repository its address
  /// @param why one line
  public record Unseen(String repository, String why) {}
}
