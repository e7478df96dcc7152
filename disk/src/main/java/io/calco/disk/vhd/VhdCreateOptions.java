package io.calco.disk.vhd;

import io.calco.disk.CreateOptions;
import io.calco.disk.UnsupportedFeatureException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// The layout of a new image, read from qemu-img's options and two of our own.
///
/// @param type the footer's disk type
/// @param sizing how the size is rounded
/// @param blockSize guest bytes in a block
record VhdCreateOptions(int type, Sizing sizing, int blockSize) {

  /// How the size is rounded.
  enum Sizing {
    /// Up to what a geometry can say, as Virtual PC needs it.
    GEOMETRY,
    /// To whole sectors.
    EXACT,
    /// To whole MiB, as Azure needs it.
    AZURE
  }

  /// The options with a line of help each.
  static final Map<String, String> HELP = help();

  private static final int BLOCK_SIZE = 2 << 20;

  private static Map<String, String> help() {
    Map<String, String> help = new LinkedHashMap<>();
    help.put(
        "subformat", "dynamic, fixed, or differencing (dynamic; differencing on a backing image)");
    help.put("force_size", "on: exactly this size; off: rounded up to a whole disk geometry (off)");
    help.put("azure", "on: a fixed disk of whole MiB, as Azure takes it (off)");
    help.put("block_size", "bytes in a block: 2M, or 512k as older tools make it (2M)");
    return java.util.Collections.unmodifiableMap(help);
  }

  static VhdCreateOptions of(CreateOptions options) throws UnsupportedFeatureException {
    boolean backed = options.backing().isPresent();
    Map<String, String> given = options.options();
    for (String name : given.keySet()) {
      if (!HELP.containsKey(name)) {
        throw new UnsupportedFeatureException(
            "VHD images have no option \"%s\"; known: %s"
                .formatted(name, String.join(", ", HELP.keySet())));
      }
    }
    boolean azure = on(given, "azure");
    String subformat =
        given.getOrDefault("subformat", backed ? "differencing" : azure ? "fixed" : "dynamic");
    int type = type(subformat);
    if (backed != (type == VhdFooter.DIFFERENCING)) {
      throw new UnsupportedFeatureException(
          backed
              ? "a %s VHD cannot have a backing image; leave out subformat".formatted(subformat)
              : "a differencing VHD needs a backing image");
    }
    if (azure && type != VhdFooter.FIXED) {
      throw new UnsupportedFeatureException("Azure takes fixed VHDs only, not " + subformat);
    }
    Sizing sizing = azure ? Sizing.AZURE : on(given, "force_size") ? Sizing.EXACT : Sizing.GEOMETRY;
    return new VhdCreateOptions(type, sizing, blockSize(given));
  }

  private static int type(String subformat) throws UnsupportedFeatureException {
    return switch (subformat) {
      case "dynamic" -> VhdFooter.DYNAMIC;
      case "fixed" -> VhdFooter.FIXED;
      case "differencing" -> VhdFooter.DIFFERENCING;
      default ->
          throw new UnsupportedFeatureException(
              "subformat=%s: known are dynamic, fixed and differencing".formatted(subformat));
    };
  }

  private static boolean on(Map<String, String> given, String name)
      throws UnsupportedFeatureException {
    String value = given.getOrDefault(name, "off");
    return switch (value) {
      case "on", "true", "yes" -> true;
      case "off", "false", "no" -> false;
      default ->
          throw new UnsupportedFeatureException("%s=%s: is on or off".formatted(name, value));
    };
  }

  private static int blockSize(Map<String, String> given) throws UnsupportedFeatureException {
    String value = given.getOrDefault("block_size", "2M").toLowerCase(Locale.ROOT);
    return switch (value) {
      case "2m", "2097152" -> BLOCK_SIZE;
      case "512k", "524288" -> BLOCK_SIZE / 4;
      default ->
          throw new UnsupportedFeatureException("block_size=%s: is 2M or 512k".formatted(value));
    };
  }
}
