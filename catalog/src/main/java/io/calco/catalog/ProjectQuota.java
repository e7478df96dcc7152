package io.calco.catalog;

/// What a project may have; [#UNLIMITED] is any amount.
///
/// @param images how many
/// @param uploads how many whose content is coming
/// @param size bytes of content, staged ones aside
/// @param staged bytes of staged content
public record ProjectQuota(long images, long uploads, long size, long staged) {
  /// Any amount.
  public static final long UNLIMITED = -1;

  /// No limit at all.
  public static final ProjectQuota NONE =
      new ProjectQuota(UNLIMITED, UNLIMITED, UNLIMITED, UNLIMITED);

  /// Checks the amounts.
  public ProjectQuota {
    if (Math.min(Math.min(images, uploads), Math.min(size, staged)) < UNLIMITED) {
      throw new IllegalArgumentException("a quota is no amount");
    }
  }
}
