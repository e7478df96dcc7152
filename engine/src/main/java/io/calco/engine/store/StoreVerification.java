package io.calco.engine.store;

import io.calco.store.StoreReport;
import java.util.List;

/// What a verification of a home's store found.
///
/// @param report what was read, and what is damaged
/// @param sufferers whose content cannot be read whole
public record StoreVerification(StoreReport report, List<Sufferer> sufferers) {

  /// Copies the list.
  public StoreVerification {
    sufferers = List.copyOf(sufferers);
  }

  /// Content that cannot be read whole.
  ///
  /// @param holder whose
  /// @param bytes how many of its bytes are lost; 0 when it is not known, and may be all
  /// @param losses what exactly
  public record Sufferer(StoreHolder holder, long bytes, List<StoreReport.Loss> losses) {
    /// Copies the list.
    public Sufferer {
      losses = List.copyOf(losses);
    }
  }

  /// True when all is as it was written.
  public boolean sound() {
    return report.sound();
  }
}
