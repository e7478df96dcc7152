package io.calco.engine;

import io.calco.disk.Image;
import io.calco.volume.VolumeKeys;
import java.io.IOException;

/// An image of the catalogue, to make a template of.
///
/// @param imageId its id
/// @param imageName its name
/// @param blob its content
/// @param os the system in it, for a person; empty when it is not known
/// @param keys asked for each encrypted volume in it
/// @param opening opens its disk
public record StoredSource(
    String imageId, String imageName, String blob, String os, VolumeKeys keys, Opening opening) {

  /// Opens a disk.
  @FunctionalInterface
  public interface Opening {
    /// The disk, which is the caller's to close.
    Image open() throws IOException;
  }

  Image open() throws IOException {
    return opening.open();
  }

  /// As a user names it: `image:debian:12`.
  String name() {
    return "image:" + (imageName.isEmpty() ? imageId : imageName);
  }
}
