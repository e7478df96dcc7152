package io.calco.disk.luks;

import io.calco.disk.UnsupportedFeatureException;
import io.calco.disk.crypt.IvScheme;
import io.calco.disk.crypt.SectorEncryption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a new volume is like.
public final class LuksOptions {
  private static final long ITER_TIME_DEFAULT = 2000;

  /// Ours: what roundsFor can make of it is bounded anyway.
  static final long ITER_TIME_MAX = 60_000;

  private final CipherSpec cipher;
  private final LuksHash hash;
  private final Duration iterTime;

  private LuksOptions(CipherSpec cipher, LuksHash hash, Duration iterTime) {
    this.cipher = cipher;
    this.hash = hash;
    this.iterTime = iterTime;
  }

  /// The options by qemu-img's names with a line of help each.
  ///
  /// @param prefix what stands before each name: `encrypt.` in qcow2, nothing in luks
  public static Map<String, String> help(String prefix) {
    Map<String, String> help = new LinkedHashMap<>();
    help.put(prefix + "cipher-alg", "cipher: aes-128, aes-192 or aes-256 (aes-256)");
    help.put(prefix + "cipher-mode", "how blocks follow each other: xts or cbc (xts)");
    help.put(prefix + "hash-alg", "hash: sha1, sha224, sha256, sha384 or sha512 (sha256)");
    help.put(prefix + "iter-time", "milliseconds that one try of a passphrase takes here (2000)");
    help.put(prefix + "ivgen-alg", "how sectors differ: plain, plain64 or essiv (plain64)");
    help.put(prefix + "ivgen-hash-alg", "the hash of essiv: sha256 (sha256)");
    return help;
  }

  /// Reads them; other options are left out of account.
  ///
  /// @param prefix as in [#help]
  /// @throws UnsupportedFeatureException when a value is unknown
  public static LuksOptions of(Map<String, String> options, String prefix)
      throws UnsupportedFeatureException {
    String mode = options.getOrDefault(prefix + "cipher-mode", "xts");
    String iv = options.getOrDefault(prefix + "ivgen-alg", "plain64");
    String ivHash = options.getOrDefault(prefix + "ivgen-hash-alg", CipherSpec.ESSIV_HASH);
    String hash = options.getOrDefault(prefix + "hash-alg", "sha256");
    if (!ivHash.equals(CipherSpec.ESSIV_HASH)) {
      throw invalid(prefix + "ivgen-hash-alg", ivHash, CipherSpec.ESSIV_HASH);
    }
    SectorEncryption.Mode foundMode =
        CipherSpec.findMode(mode)
            .orElseThrow(() -> invalid(prefix + "cipher-mode", mode, "xts or cbc"));
    IvScheme foundIv =
        CipherSpec.findIv(iv)
            .orElseThrow(() -> invalid(prefix + "ivgen-alg", iv, "plain, plain64 or essiv"));
    LuksHash foundHash =
        LuksHash.find(hash)
            .orElseThrow(
                () -> invalid(prefix + "hash-alg", hash, "sha1, sha224, sha256, sha384 or sha512"));
    int bits = keyBits(prefix, options.getOrDefault(prefix + "cipher-alg", "aes-256"));
    return new LuksOptions(
        new CipherSpec(bits, foundMode, foundIv), foundHash, iterTime(prefix, options));
  }

  private static int keyBits(String prefix, String text) throws UnsupportedFeatureException {
    return switch (text) {
      case "aes-128" -> 128;
      case "aes-192" -> 192;
      case "aes-256" -> 256;
      default -> throw invalid(prefix + "cipher-alg", text, "aes-128, aes-192 or aes-256");
    };
  }

  private static Duration iterTime(String prefix, Map<String, String> options)
      throws UnsupportedFeatureException {
    String text = options.getOrDefault(prefix + "iter-time", Long.toString(ITER_TIME_DEFAULT));
    try {
      long millis = Long.parseLong(text);
      if (millis > 0 && millis <= ITER_TIME_MAX) {
        return Duration.ofMillis(millis);
      }
    } catch (NumberFormatException notOne) {
      // told below
    }
    throw invalid(prefix + "iter-time", text, "milliseconds, 1 to " + ITER_TIME_MAX);
  }

  private static UnsupportedFeatureException invalid(String name, String text, String expected) {
    return new UnsupportedFeatureException(
        "LUKS option %s: found \"%s\", expected %s".formatted(name, text, expected));
  }

  /// Where the payload of the volume will begin, in bytes from its start.
  public long payloadOffset() {
    return cipher.materialOffset(Luks1Layout.SLOT_COUNT);
  }

  CipherSpec cipher() {
    return cipher;
  }

  LuksHash hash() {
    return hash;
  }

  Duration iterTime() {
    return iterTime;
  }
}
