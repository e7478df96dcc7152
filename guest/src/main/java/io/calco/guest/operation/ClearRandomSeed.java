package io.calco.guest.operation;

import io.calco.guest.Draft;
import io.calco.guest.identity.RandomSeed;
import java.io.IOException;

/// Removes the seeds of the random number generator, so that no two clones start from one.
final class ClearRandomSeed extends Operation {
  ClearRandomSeed() {
    super("random-seed", Default.ON, "Remove the seeds of the random number generator");
  }

  @Override
  public void plan(Draft draft, Settings settings) throws IOException {
    RandomSeed.clear(draft);
  }
}
