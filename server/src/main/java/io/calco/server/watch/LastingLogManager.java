package io.calco.server.watch;

import java.util.logging.LogManager;

/// The JDK's, which otherwise takes all handlers away when the process begins to end: what stopping
/// has to say would be lost.
public final class LastingLogManager extends LogManager {
  /// For the JDK, which makes the one that there is.
  public LastingLogManager() {}

  @Override
  public void reset() {}
}
