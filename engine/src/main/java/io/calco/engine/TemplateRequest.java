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
/// @param masterKeys what becomes of those of its encrypted volumes
public record TemplateRequest(
    Path source,
    GuestOptions sourceOptions,
    Placement placement,
    GeneraliseOptions generalise,
    MasterKeys masterKeys) {

  /// For guests that are not encrypted.
  public TemplateRequest(
      Path source, ImageOptions sourceOptions, Placement placement, GeneraliseOptions generalise) {
    this(source, GuestOptions.of(sourceOptions), placement, generalise, MasterKeys.KEPT);
  }

  /// The same with the image opened otherwise.
  TemplateRequest with(ImageOptions image) {
    return new TemplateRequest(
        source, sourceOptions.with(image), placement, generalise, masterKeys);
  }

  /// The same, the source itself becoming the template's disk.
  ///
  /// @param format of the source
  public TemplateRequest inPlace(String format) {
    return new TemplateRequest(
        source,
        sourceOptions.with(sourceOptions.image().withFormat(format)),
        Placement.IN_PLACE,
        generalise,
        masterKeys);
  }

  /// Where the template's disk lies.
  public enum Placement {
    /// In the pool, a copy; the source is not touched.
    POOL_COPY,
    /// Where it is: the source itself is generalised and sealed.
    IN_PLACE
  }

  /// What becomes of the keys that volumes are encrypted by.
  public enum MasterKeys {
    /// They stay.
    KEPT,
    /// Others, by which all data are encrypted anew; for a copy alone.
    RENEWED
  }
}
