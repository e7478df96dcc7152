package io.calco.catalog;

/// An image that changed since its description was last written beside its content.
///
/// @param imageId the image's
/// @param mark of the last change: greater than that of any change before it
public record Undescribed(String imageId, long mark) {
  /// Before all of them.
  public static final Undescribed NONE = new Undescribed("", 0);

  /// After all that have a mark so far.
  public static Undescribed upTo(long mark) {
    return new Undescribed("\uffff", mark);
  }
}
