package io.calco.engine.images;

import io.calco.disk.wrap.Compression;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// What an image is downloaded as.
///
/// @param format `qcow2`, `raw`, `vmdk`, `vhd`, `vhdx`, `vdi` or `ova`; empty for the content as it
///   came
/// @param subformat of formats that have several: `streamOptimized`; empty for the format's usual
/// @param compression of the whole file; such a download has no size beforehand
public record ExportFormat(
    Optional<String> format, Optional<String> subformat, Optional<Compression> compression) {

  /// All formats by the API's names, with the name that we have for them.
  private static final Map<String, String> OURS = ours();

  /// The content as it came, byte for byte.
  public static final ExportFormat EXACT =
      new ExportFormat(Optional.empty(), Optional.empty(), Optional.empty());

  private static Map<String, String> ours() {
    Map<String, String> ours = new LinkedHashMap<>();
    for (String same : List.of("qcow2", "raw", "vmdk")) {
      ours.put(same, same);
    }
    ours.put("vhd", "vpc");
    for (String same : List.of("vhdx", "vdi", "ova")) {
      ours.put(same, same);
    }
    return ours;
  }

  /// The formats that there are.
  public static List<String> formats() {
    return List.copyOf(OURS.keySet());
  }

  /// What a user asks for.
  ///
  /// @param compression `gz`, `zst` or `lz4`
  /// @throws OperationException USAGE when there is no such format or compression
  public static ExportFormat parse(
      Optional<String> format, Optional<String> subformat, Optional<String> compression) {
    if (format.isPresent() && !OURS.containsKey(format.get())) {
      throw usage(
          "Images cannot be downloaded as '%s'; there is %s.",
          format.get(), List.copyOf(OURS.keySet()));
    }
    if (subformat.isPresent() && format.isEmpty()) {
      throw usage("A subformat '%s' needs a format%s.", subformat.get(), List.of());
    }
    Optional<Compression> packed = Optional.empty();
    if (compression.isPresent()) {
      for (Compression kind : Compression.values()) {
        if (kind.name().toLowerCase(Locale.ROOT).equals(compression.get())) {
          packed = Optional.of(kind);
        }
      }
      if (packed.isEmpty()) {
        throw usage(
            "Images cannot be compressed by '%s'; there is %s.",
            compression.get(),
            Arrays.stream(Compression.values())
                .map(kind -> kind.name().toLowerCase(Locale.ROOT))
                .toList());
      }
    }
    return new ExportFormat(format, subformat, packed);
  }

  private static OperationException usage(String message, String value, List<String> known) {
    String shown = value.substring(0, Math.min(value.length(), 40));
    return new OperationException(Kind.USAGE, message.formatted(shown, String.join(", ", known)));
  }

  /// The name that we have for a format of the API's.
  static String ours(String format) {
    return OURS.getOrDefault(format, format);
  }

  /// The options of the format.
  Map<String, String> options() {
    return subformat.isPresent() ? Map.of("subformat", subformat.get()) : Map.of();
  }

  /// What the names of such files end in.
  ///
  /// @param stored the format that the content has
  String ending(String stored) {
    return "." + format.orElse(stored) + compression.map(Compression::ending).orElse("");
  }
}
