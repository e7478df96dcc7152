package io.calco.disk.vmdk;

import static io.calco.disk.vmdk.SparseLayout.SECTOR;

import io.calco.disk.CreateOptions;
import io.calco.disk.LimitExceededException;
import io.calco.disk.UnsupportedFeatureException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The layout of a new image, read from qemu-img's options.
///
/// @param subformat how it is stored
/// @param sectors the disk's size, rounded up
/// @param adapterType the controller that the guest sees
/// @param hardwareVersion the virtual hardware's version
/// @param toolsVersion VMware Tools' version
/// @param zeroGrains grains can be marked as zero
/// @param parent the parent's name and content id
record VmdkCreateOptions(
    Subformat subformat,
    long sectors,
    String adapterType,
    String hardwareVersion,
    String toolsVersion,
    boolean zeroGrains,
    Optional<Parent> parent) {

  /// How an image is stored.
  enum Subformat {
    MONOLITHIC_SPARSE("monolithicSparse", false, false),
    MONOLITHIC_FLAT("monolithicFlat", true, false),
    TWO_GB_MAX_EXTENT_SPARSE("twoGbMaxExtentSparse", false, true),
    TWO_GB_MAX_EXTENT_FLAT("twoGbMaxExtentFlat", true, true),
    STREAM_OPTIMIZED("streamOptimized", false, false);

    private final String spelled;
    private final boolean flat;
    private final boolean split;

    Subformat(String spelled, boolean flat, boolean split) {
      this.spelled = spelled;
      this.flat = flat;
      this.split = split;
    }

    /// As the descriptor spells it.
    String spelled() {
      return spelled;
    }

    boolean flat() {
      return flat;
    }

    boolean split() {
      return split;
    }

    /// The extents lie in files of their own.
    boolean separate() {
      return flat || split;
    }

    static Subformat of(String text) throws UnsupportedFeatureException {
      List<String> known = new ArrayList<>();
      for (Subformat one : values()) {
        if (one.spelled.equalsIgnoreCase(text)) {
          return one;
        }
        known.add(one.spelled);
      }
      throw invalid("subformat", text, String.join(", ", known));
    }
  }

  /// Ours: VMware's is 62 TiB.
  private static final long SECTORS_LIMIT = 1L << 38;

  /// What a delta rests on.
  record Parent(String name, long cid) {}

  /// The options with a line of help each.
  static final Map<String, String> HELP = help();

  private static Map<String, String> help() {
    Map<String, String> help = new LinkedHashMap<>();
    help.put("adapter_type", "ide, lsilogic, buslogic or legacyESX (ide)");
    help.put("compat6", "hardware version 6: on or off (off)");
    help.put("hwversion", "virtual hardware version (4)");
    help.put(
        "subformat",
        "monolithicSparse, monolithicFlat, twoGbMaxExtentSparse, twoGbMaxExtentFlat or"
            + " streamOptimized (monolithicSparse)");
    help.put("toolsversion", "VMware Tools' version (2147483647)");
    help.put("zeroed_grain", "grains can be marked as zero: on or off (off)");
    return Collections.unmodifiableMap(help);
  }

  /// Reads the options; of a backing image, its name and identity.
  ///
  /// @param parent the backing image as it is to be recorded
  /// @throws UnsupportedFeatureException when one is unknown, or they do not go together
  static VmdkCreateOptions of(CreateOptions options, Optional<Parent> parent)
      throws UnsupportedFeatureException, LimitExceededException {
    Map<String, String> given = options.options();
    for (String name : given.keySet()) {
      if (!HELP.containsKey(name)) {
        throw new UnsupportedFeatureException(
            "vmdk has no option \"%s\"; known: %s"
                .formatted(name, String.join(", ", HELP.keySet())));
      }
    }
    Subformat subformat = Subformat.of(given.getOrDefault("subformat", "monolithicSparse"));
    boolean zeroGrains = flag(given, "zeroed_grain");
    boolean six = flag(given, "compat6");
    if (six && given.containsKey("hwversion")) {
      throw new UnsupportedFeatureException("compat6 does not go with hwversion");
    }
    if (zeroGrains && (subformat.flat() || subformat == Subformat.STREAM_OPTIMIZED)) {
      throw new UnsupportedFeatureException(
          "zeroed_grain does not go with subformat=" + subformat.spelled());
    }
    if (parent.isPresent() && subformat.flat()) {
      throw new UnsupportedFeatureException(
          "an image of subformat=%s has no backing image".formatted(subformat.spelled()));
    }
    long sectors = Math.ceilDiv(options.size(), SECTOR);
    if (sectors > SECTORS_LIMIT) {
      throw new LimitExceededException(
          "a VMDK of %d bytes is larger than 128 TiB (our limit)".formatted(options.size()));
    }
    return new VmdkCreateOptions(
        subformat,
        sectors,
        adapterType(given.getOrDefault("adapter_type", "ide")),
        number(given, "hwversion", six ? "6" : "4"),
        number(given, "toolsversion", "2147483647"),
        zeroGrains,
        parent);
  }

  private static String adapterType(String text) throws UnsupportedFeatureException {
    for (String known : List.of("ide", "lsilogic", "buslogic", "legacyESX")) {
      if (known.equalsIgnoreCase(text)) {
        return known;
      }
    }
    throw invalid("adapter_type", text, "ide, lsilogic, buslogic or legacyESX");
  }

  private static boolean flag(Map<String, String> given, String name)
      throws UnsupportedFeatureException {
    String text = given.getOrDefault(name, "off");
    return switch (text) {
      case "on", "true", "yes", "y" -> true;
      case "off", "false", "no", "n" -> false;
      default -> throw invalid(name, text, "on or off");
    };
  }

  private static String number(Map<String, String> given, String name, String otherwise)
      throws UnsupportedFeatureException {
    String text = given.getOrDefault(name, otherwise);
    if (!text.matches("\\d{1,10}")) {
      throw invalid(name, text, "a number");
    }
    return text;
  }

  private static UnsupportedFeatureException invalid(String name, String text, String expected) {
    return new UnsupportedFeatureException(
        "vmdk option %s: found \"%s\", expected %s".formatted(name, text, expected));
  }

  /// The descriptor of the image.
  Descriptor descriptor(long cid, List<ExtentLine> extents) {
    int heads = adapterType.toLowerCase(Locale.ROOT).equals("ide") ? 16 : 255;
    List<String> lines = new ArrayList<>();
    lines.add(Descriptor.MARK);
    lines.add("version=1");
    lines.add("CID=" + Descriptor.spelled(cid));
    lines.add(
        "parentCID=" + Descriptor.spelled(parent.map(Parent::cid).orElse(Descriptor.NO_PARENT)));
    lines.add("createType=\"%s\"".formatted(subformat.spelled()));
    parent.ifPresent(p -> lines.add("parentFileNameHint=\"%s\"".formatted(p.name())));
    lines.add("");
    lines.add("# Extent description");
    extents.forEach(extent -> lines.add(extent.text()));
    lines.add("");
    lines.add("# The Disk Data Base");
    lines.add("#DDB");
    lines.add("");
    lines.add("ddb.virtualHWVersion = \"%s\"".formatted(hardwareVersion));
    lines.add("ddb.geometry.cylinders = \"%d\"".formatted(sectors / (63L * heads)));
    lines.add("ddb.geometry.heads = \"%d\"".formatted(heads));
    lines.add("ddb.geometry.sectors = \"63\"");
    lines.add("ddb.adapterType = \"%s\"".formatted(adapterType));
    lines.add("ddb.toolsVersion = \"%s\"".formatted(toolsVersion));
    return Descriptor.of(lines, extents);
  }
}
