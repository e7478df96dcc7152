package io.calco.catalog;

/// A place where an image's content lies.
///
/// @param place the content's name in a store, or its address on the web
/// @param metadata what is said of it, a JSON object as it came
public record ImageLocation(String place, String metadata) {
  /// Nothing said.
  public static final String SILENT = "{}";

  /// A place of which nothing is said.
  public static ImageLocation at(String place) {
    return new ImageLocation(place, SILENT);
  }
}
