package io.calco.disk;

import java.util.concurrent.CancellationException;

/// How long work tells how far it is, and hears that it should stop. Thread rule: safe for several
/// threads at once.
public interface JobContext {

  /// A context that shows nothing and never cancels.
  JobContext SILENT = (step, done, total) -> {};

  /// Tells how far a step is. Called often; implementations must be quick.
  ///
  /// @param step what is being done, in a few words for a person
  /// @param done units done, usually bytes
  /// @param total units in all, or 0 when unknown
  void progress(String step, long done, long total);

  /// Throws when the work should stop; called between pieces of work.
  ///
  /// @throws CancellationException when it was cancelled
  default void checkCancelled() {}
}
