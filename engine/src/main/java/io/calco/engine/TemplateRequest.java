package io.calco.engine;

import io.calco.disk.ImageOptions;
import io.calco.guest.generalise.GeneraliseOptions;
import java.nio.file.Path;

/// What a template is made from, and how.
///
/// @param source a machine's disk; the machine is shut off
/// @param sourceOptions how the disk is opened
/// @param placement where the template's disk lies
/// @param generalise what is taken out of it
public record TemplateRequest(
    Path source, ImageOptions sourceOptions, Placement placement, GeneraliseOptions generalise) {

  /// Where the template's disk lies.
  public enum Placement {
    /// In the pool, a copy; the source is not touched.
    POOL_COPY,
    /// Where it is: the source itself is generalised and sealed.
    IN_PLACE
  }
}
