package io.calco.engine.store;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.TimeSpan;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How a server uses the store of its home.
///
/// @param secret opens it, or encrypts one that is made; the server closes it
/// @param collection how often what nothing needs is deleted, if there is any; empty for never
/// @param reserve bytes of the file system that uploads leave free, for the catalogue and for
///   collections; empty for a fiftieth of it, at least 256 MiB and at most 4 GiB
/// @param uploads how many may run at once
public record StoreSettings(
    StoreSecret secret, Optional<Duration> collection, OptionalLong reserve, int uploads) {
  private static final Pattern SIZE = Pattern.compile("(0|[1-9][0-9]{0,9})([KMGT]?)");
  private static final Pattern COUNT = Pattern.compile("[1-9][0-9]{0,5}");

  /// Twice what an upload has of memory while it waits for its sender: one piece.
  private static final long UPLOAD_BYTES = 1 << 20;

  private static final int UPLOADS_MIN = 16;
  private static final int UPLOADS_MAX = 1024;

  /// Not encrypted, a collection an hour, as many uploads as half of the memory holds.
  public static StoreSettings defaults() {
    long fit = Runtime.getRuntime().maxMemory() / UPLOAD_BYTES;
    return new StoreSettings(
        StoreSecret.none(),
        Optional.of(Duration.ofHours(1)),
        OptionalLong.empty(),
        Math.clamp(fit, UPLOADS_MIN, UPLOADS_MAX));
  }

  /// What variables say.
  ///
  /// | variable | is |
  /// |---|---|
  /// | `CALCO_STORE_PASSPHRASE_FILE` | names the file that holds the store's passphrase |
  /// | `CALCO_STORE_COLLECT` | how often to collect: `30m`, `1h` (the default), `1d`, or `never` |
  /// | `CALCO_STORE_RESERVE` | what uploads leave free of the disk: `512M`, `2G` |
  /// | `CALCO_UPLOADS` | how many uploads may run at once |
  ///
  /// @throws OperationException of kind USAGE when one cannot be understood
  public static StoreSettings of(Map<String, String> variables) throws IOException {
    StoreSettings otherwise = defaults();
    String collect = variables.getOrDefault("CALCO_STORE_COLLECT", "");
    String reserve = variables.getOrDefault("CALCO_STORE_RESERVE", "");
    String uploads = variables.getOrDefault("CALCO_UPLOADS", "");
    if (!uploads.isEmpty() && !COUNT.matcher(uploads).matches()) {
      throw refused("CALCO_UPLOADS", uploads, "a number from 1 on");
    }
    return new StoreSettings(
        StoreSecret.of(variables),
        collect.isEmpty() ? otherwise.collection : time(collect),
        reserve.isEmpty() ? otherwise.reserve : OptionalLong.of(size(reserve)),
        uploads.isEmpty() ? otherwise.uploads : Integer.parseInt(uploads));
  }

  /// The same with another secret.
  public StoreSettings with(StoreSecret other) {
    return new StoreSettings(other, collection, reserve, uploads);
  }

  /// The same with another number of uploads.
  public StoreSettings withUploads(int other) {
    return new StoreSettings(secret, collection, reserve, other);
  }

  private static Optional<Duration> time(String text) {
    if (text.equals("never")) {
      return Optional.empty();
    }
    Optional<Duration> time = TimeSpan.find(text).filter(Duration::isPositive);
    if (time.isEmpty()) {
      throw refused("CALCO_STORE_COLLECT", text, "a time such as 30m, 1h or 1d, nor never");
    }
    return time;
  }

  private static long size(String text) {
    Matcher parts = SIZE.matcher(text);
    if (!parts.matches()) {
      throw refused("CALCO_STORE_RESERVE", text, "a size such as 512M or 2G");
    }
    int unit = " KMGT".indexOf(parts.group(2).isEmpty() ? " " : parts.group(2));
    return Long.parseLong(parts.group(1)) << 10 * unit;
  }

  private static OperationException refused(String name, String value, String wanted) {
    return new OperationException(Kind.USAGE, "%s=%s is not %s".formatted(name, value, wanted));
  }
}
