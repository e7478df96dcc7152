package io.calco.disk.qcow2;

import io.calco.disk.CreateOptions;
import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.luks.LuksOptions;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The layout of a new image, read from qemu-img's options.
///
/// @param geometry the sizes
/// @param lazyRefcounts writers may postpone refcounts
/// @param compressionType as in the header
/// @param preallocation what is allocated at once
/// @param encryption how guest bytes are encrypted
/// @param dataFile the file beside the image that guest bytes lie in
/// @param rawDataFile it is the guest's disk by itself
record Qcow2CreateOptions(
    Geometry geometry,
    boolean lazyRefcounts,
    int compressionType,
    Preallocation preallocation,
    Optional<LuksOptions> encryption,
    Optional<String> dataFile,
    boolean rawDataFile) {
  private static final String ENCRYPT = "encrypt.";
  private static final String ENCRYPT_FORMAT = ENCRYPT + "format";

  /// What is allocated at once.
  enum Preallocation {
    OFF,
    METADATA,
    FALLOC,
    FULL
  }

  /// The options with a line of help each.
  static final Map<String, String> HELP = help();

  private static Map<String, String> help() {
    Map<String, String> help = new LinkedHashMap<>();
    help.put("cluster_size", "cluster size, 512 to 2M, a power of two (64k)");
    help.put("compat", "version: 0.10 (v2) or 1.1 (v3)");
    help.put("compression_type", "how clusters are compressed: zlib or zstd (zlib)");
    help.put("data_file", "keep guest bytes in this file beside the image");
    help.put("data_file_raw", "the data file is the guest's disk by itself: on or off (off)");
    help.put(ENCRYPT_FORMAT, "how guest bytes are encrypted: luks");
    help.putAll(LuksOptions.help(ENCRYPT));
    help.put("extended_l2", "allocate by subclusters of 1/32 cluster: on or off (off)");
    help.put("lazy_refcounts", "refcounts may be written late: on or off (off)");
    help.put("preallocation", "off, metadata, falloc or full (off)");
    help.put("refcount_bits", "bits in a refcount: 1, 2, 4 … 64 (16)");
    return java.util.Collections.unmodifiableMap(help);
  }

  /// Reads the options.
  ///
  /// @throws UnsupportedFeatureException when one is unknown, or they do not go together
  static Qcow2CreateOptions of(CreateOptions options) throws UnsupportedFeatureException {
    for (String name : options.options().keySet()) {
      if (!HELP.containsKey(name)) {
        throw new UnsupportedFeatureException(
            "qcow2 has no option \"%s\"; known: %s"
                .formatted(name, String.join(", ", HELP.keySet())));
      }
    }
    Map<String, String> given = options.options();
    int version = version(given.getOrDefault("compat", "1.1"));
    boolean extended = flag(given, "extended_l2");
    boolean lazy = flag(given, "lazy_refcounts");
    int clusterBits = clusterBits(given.getOrDefault("cluster_size", "65536"), extended);
    int order = refcountOrder(given.getOrDefault("refcount_bits", "16"));
    int compression = compression(given.getOrDefault("compression_type", "zlib"));
    if (version == 2 && (order != 4 || extended || lazy || compression != 0)) {
      throw new UnsupportedFeatureException(
          "lazy_refcounts, extended_l2, refcount_bits other than 16 and compression_type other than"
              + " zlib need compat=1.1");
    }
    Preallocation preallocation = preallocation(given.getOrDefault("preallocation", "off"));
    if (preallocation != Preallocation.OFF && options.backing().isPresent() && !extended) {
      throw new UnsupportedFeatureException(
          "an image with a backing image can be preallocated only with extended_l2=on");
    }
    Optional<LuksOptions> encryption = encryption(given);
    if (encryption.isPresent() && preallocation != Preallocation.OFF && version == 2) {
      throw new UnsupportedFeatureException(
          "an encrypted image can be preallocated only with compat=1.1");
    }
    Optional<String> dataFile = Optional.ofNullable(given.get("data_file"));
    boolean raw = flag(given, "data_file_raw");
    checkDataFile(dataFile, raw, version, encryption.isPresent(), options);
    return new Qcow2CreateOptions(
        new Geometry(version, clusterBits, order, extended),
        lazy,
        compression,
        raw && preallocation == Preallocation.OFF ? Preallocation.METADATA : preallocation,
        encryption,
        dataFile,
        raw);
  }

  private static void checkDataFile(
      Optional<String> name, boolean raw, int version, boolean encrypted, CreateOptions options)
      throws UnsupportedFeatureException {
    if (name.isEmpty() && raw) {
      throw new UnsupportedFeatureException("data_file_raw needs data_file");
    }
    if (name.isPresent()) {
      if (name.get().isEmpty() || name.get().indexOf('/') >= 0) {
        throw invalid("data_file", name.get(), "the name of a file in the image's directory");
      }
      if (version == 2 || encrypted) {
        throw new UnsupportedFeatureException("data_file needs compat=1.1, and no encryption");
      }
      if (raw && options.backing().isPresent()) {
        throw new UnsupportedFeatureException(
            "data_file_raw and a backing image exclude each other");
      }
    }
  }

  private static Optional<LuksOptions> encryption(Map<String, String> given)
      throws UnsupportedFeatureException {
    String format = given.get(ENCRYPT_FORMAT);
    if (format == null) {
      for (String name : given.keySet()) {
        if (name.startsWith(ENCRYPT)) {
          throw new UnsupportedFeatureException(name + " needs encrypt.format=luks");
        }
      }
      return Optional.empty();
    }
    return switch (format) {
      case "luks" -> Optional.of(LuksOptions.of(given, ENCRYPT));
      case "aes" ->
          throw new UnsupportedFeatureException(
              "images encrypted by the old AES method are no more made; use encrypt.format=luks");
      default -> throw invalid(ENCRYPT_FORMAT, format, "luks");
    };
  }

  static int version(String text) throws UnsupportedFeatureException {
    return switch (text) {
      case "0.10", "v2" -> 2;
      case "1.1", "v3" -> 3;
      default -> throw invalid("compat", text, "0.10 or 1.1");
    };
  }

  static boolean flag(Map<String, String> given, String name) throws UnsupportedFeatureException {
    String text = given.getOrDefault(name, "off");
    return switch (text) {
      case "on", "true", "yes", "y" -> true;
      case "off", "false", "no", "n" -> false;
      default -> throw invalid(name, text, "on or off");
    };
  }

  private static int clusterBits(String text, boolean extended) throws UnsupportedFeatureException {
    long bytes = bytes(text);
    int bits = Long.numberOfTrailingZeros(bytes);
    int least = extended ? Qcow2Layout.CLUSTER_BITS_MIN_EXTENDED : Qcow2Layout.CLUSTER_BITS_MIN;
    if (Long.bitCount(bytes) != 1 || bits < least || bits > Qcow2Layout.CLUSTER_BITS_MAX) {
      throw invalid(
          "cluster_size",
          text,
          "a power of two from %s to 2M".formatted(extended ? "16k (extended_l2)" : "512"));
    }
    return bits;
  }

  /// A number with qemu-img's suffixes, or 0.
  private static long bytes(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    String digits = lower.endsWith("b") ? lower.substring(0, lower.length() - 1) : lower;
    int shift = digits.endsWith("k") ? 10 : digits.endsWith("m") ? 20 : 0;
    String number = shift == 0 ? digits : digits.substring(0, digits.length() - 1);
    try {
      long value = Long.parseLong(number);
      return value > 0 && value < 1L << 32 ? value << shift : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static int refcountOrder(String text) throws UnsupportedFeatureException {
    return switch (text) {
      case "1" -> 0;
      case "2" -> 1;
      case "4" -> 2;
      case "8" -> 3;
      case "16" -> 4;
      case "32" -> 5;
      case "64" -> 6;
      default -> throw invalid("refcount_bits", text, "1, 2, 4, 8, 16, 32 or 64");
    };
  }

  private static int compression(String text) throws UnsupportedFeatureException {
    return switch (text) {
      case "zlib" -> Qcow2Layout.COMPRESSION_ZLIB;
      case "zstd" -> Qcow2Layout.COMPRESSION_ZSTD;
      default -> throw invalid("compression_type", text, "zlib or zstd");
    };
  }

  private static Preallocation preallocation(String text) throws UnsupportedFeatureException {
    return switch (text) {
      case "off" -> Preallocation.OFF;
      case "metadata" -> Preallocation.METADATA;
      case "falloc" -> Preallocation.FALLOC;
      case "full" -> Preallocation.FULL;
      default -> throw invalid("preallocation", text, "off, metadata, falloc or full");
    };
  }

  private static UnsupportedFeatureException invalid(String name, String text, String expected) {
    return new UnsupportedFeatureException(
        "qcow2 option %s: found \"%s\", expected %s".formatted(name, text, expected));
  }
}
