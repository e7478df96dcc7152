package io.calco.engine;

import io.calco.disk.Image;
import io.calco.disk.ImageOptions;
import io.calco.disk.ImageOptions.Access;
import io.calco.guest.GuestDisk;
import io.calco.volume.VolumeKeys;
import java.io.IOException;
import java.nio.file.Path;

/// How a guest's disk is opened.
///
/// @param image how the image is
/// @param keys asked for each encrypted volume in the guest
public record GuestOptions(ImageOptions image, VolumeKeys keys) {

  /// For guests that are not encrypted.
  public static GuestOptions of(ImageOptions image) {
    return new GuestOptions(image, VolumeKeys.none());
  }

  /// The same with the image opened otherwise.
  public GuestOptions with(ImageOptions other) {
    return new GuestOptions(other, keys);
  }

  Image open(Path disk, Access access) throws IOException {
    return Image.open(disk, image.with(access));
  }

  GuestDisk openReadOnly(Image opened) throws IOException {
    return GuestDisk.openReadOnly(opened.disk(), keys);
  }
}
