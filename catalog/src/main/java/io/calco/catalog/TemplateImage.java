package io.calco.catalog;

/// The image of the catalogue that a template's version was made from.
///
/// @param versionId the version's
/// @param imageId the image's, which may be gone
/// @param blob its content then
/// @param imageName its name then
/// @param asItIs nothing was taken out of it: its clones may be made from this version
public record TemplateImage(
    String versionId, String imageId, String blob, String imageName, boolean asItIs) {}
