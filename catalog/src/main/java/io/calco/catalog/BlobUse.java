package io.calco.catalog;

/// An image's content.
///
/// @param blob the content's name
/// @param imageId whose it is
/// @param name the image's; may be empty
/// @param owner the image's project
public record BlobUse(String blob, String imageId, String name, String owner) {}
