package io.calco.disk;

import java.util.Optional;

/// What an overlay records of the image below it.
///
/// @param name the name as it stands in the file, relative to the overlay's directory unless
///   absolute
/// @param format the format's name; empty in old images that do not record it
public record BackingReference(String name, Optional<String> format) {}
