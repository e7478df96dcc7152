package io.calco.cli;

import io.calco.engine.GuestOptions;
import java.io.IOException;

/// How a guest's disk that a command opens is opened.
final class GuestSource {
  private final GuestKeys keys;
  private final DiskCommand.Source image;

  GuestSource(Syntax words) {
    keys = new GuestKeys(words);
    image = new DiskCommand.Source(words, keys::ofImage);
  }

  GuestOptions options() throws IOException {
    return new GuestOptions(image.options(), keys.ofVolumes());
  }
}
