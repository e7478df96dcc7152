package io.calco.guest.generalise;

import io.calco.guest.PathPattern;
import io.calco.guest.operation.Settings;
import java.time.Instant;
import java.util.List;

/// How to generalise.
///
/// @param selection which operations run
/// @param keep files that stay as they are
/// @param settings what operations want to know
/// @param sysprep what a Windows must have been through
/// @param now modification time of what changes
public record GeneraliseOptions(
    OperationSelection selection,
    List<PathPattern> keep,
    Settings settings,
    Sysprep sysprep,
    Instant now) {

  /// What a Windows must have been through.
  public enum Sysprep {
    /// Its own sysprep generalised it.
    REQUIRED,
    /// Anything: its clones share its identity then.
    OPTIONAL
  }

  /// Copies the list.
  public GeneraliseOptions {
    keep = List.copyOf(keep);
  }

  /// The default operations, nothing kept, no host name, changed now.
  public static GeneraliseOptions defaults() {
    return new GeneraliseOptions(
        OperationSelection.DEFAULT, List.of(), Settings.DEFAULTS, Sysprep.REQUIRED, Instant.now());
  }

  /// With other operations.
  public GeneraliseOptions with(OperationSelection other) {
    return new GeneraliseOptions(other, keep, settings, sysprep, now);
  }

  /// With files to keep.
  public GeneraliseOptions keeping(List<PathPattern> patterns) {
    return new GeneraliseOptions(selection, patterns, settings, sysprep, now);
  }

  /// With other settings.
  public GeneraliseOptions with(Settings other) {
    return new GeneraliseOptions(selection, keep, other, sysprep, now);
  }

  /// With what is asked of a Windows.
  public GeneraliseOptions with(Sysprep other) {
    return new GeneraliseOptions(selection, keep, settings, other, now);
  }
}
