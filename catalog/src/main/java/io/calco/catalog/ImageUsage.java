package io.calco.catalog;

/// What a project has in the catalogue.
///
/// @param images how many
/// @param uploading how many whose content is coming
/// @param size bytes of content, staged ones aside
/// @param staged bytes of staged content
public record ImageUsage(long images, long uploading, long size, long staged) {}
