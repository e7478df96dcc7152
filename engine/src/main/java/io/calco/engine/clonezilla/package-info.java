/// Clonezilla image directories: what is in them, whether they are sound, and new ones.
/// [ClonezillaSets] is the API.
///
/// A disk in such a directory is an image like any other to all use cases that read images; they
/// name it `DIRECTORY#DISK`.
///
/// Thread rule: stateless.
@NullMarked
package io.calco.engine.clonezilla;

import org.jspecify.annotations.NullMarked;
