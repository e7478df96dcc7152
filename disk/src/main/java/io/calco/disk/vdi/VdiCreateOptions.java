package io.calco.disk.vdi;

import io.calco.disk.CreateOptions;
import io.calco.disk.UnsupportedFeatureException;
import java.util.Map;

/// The layout of a new image, read from qemu-img's options.
///
/// @param type [VdiLayout#DYNAMIC] or [VdiLayout#STATIC]
record VdiCreateOptions(int type) {
  /// The options with a line of help each.
  static final Map<String, String> HELP =
      Map.of("static", "on: every block has its place from the beginning (off)");

  static VdiCreateOptions of(CreateOptions options) throws UnsupportedFeatureException {
    for (String name : options.options().keySet()) {
      if (!HELP.containsKey(name)) {
        throw new UnsupportedFeatureException(
            "VDI images have no option \"%s\"; known: static".formatted(name));
      }
    }
    if (options.backing().isPresent()) {
      throw new UnsupportedFeatureException(
          "differencing VDIs are read, not made: use qcow2 for an overlay");
    }
    String value = options.options().getOrDefault("static", "off");
    return switch (value) {
      case "on", "true", "yes" -> new VdiCreateOptions(VdiLayout.STATIC);
      case "off", "false", "no" -> new VdiCreateOptions(VdiLayout.DYNAMIC);
      default -> throw new UnsupportedFeatureException("static=%s: is on or off".formatted(value));
    };
  }
}
