package io.calco.backup.clonezilla;

import io.calco.disk.CorruptImageException;
import io.calco.disk.OpenPolicy;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.digests.Blake2bDigest;
import org.bouncycastle.crypto.digests.Blake3Digest;

/// Lists of files and their sums, as `md5sum *` writes them.
final class SumFile {
  private static final SequencedMap<String, String> KINDS =
      new TreeMap<>(
          Map.of(
              "MD5SUMS", "MD5",
              "SHA1SUMS", "SHA-1",
              "SHA224SUMS", "SHA-224",
              "SHA256SUMS", "SHA-256",
              "SHA384SUMS", "SHA-384",
              "SHA512SUMS", "SHA-512",
              "B2SUMS", "BLAKE2b",
              "B3SUMS", "BLAKE3"));
  private static final Pattern LINE = Pattern.compile("([0-9a-fA-F]{32,128}) [ *](.+)");

  private SumFile() {}

  /// A sum in the making. Confined.
  interface Sum {
    void update(byte[] bytes, int length);

    /// In hexadecimal, lower case; called once.
    String hex();
  }

  /// A sum that a list tells.
  ///
  /// @param list its name
  /// @param hex lower case
  record Expected(String list, String hex) {}

  /// The lists in a directory.
  static List<String> in(ImageDirectory directory) {
    return KINDS.keySet().stream().filter(directory::has).toList();
  }

  /// Reads a list: the expected sums by file.
  static void read(ImageDirectory directory, String list, SequencedMap<String, List<Expected>> into)
      throws IOException {
    for (String line : directory.longLines(list)) {
      Matcher matcher = LINE.matcher(line);
      if (!matcher.matches()) {
        throw new CorruptImageException(
            "%s: found \"%s\", expected a sum and a file's name"
                .formatted(directory.nameOf(list), OpenPolicy.printable(line)));
      }
      String hex = matcher.group(1).toLowerCase(java.util.Locale.ROOT);
      into.computeIfAbsent(matcher.group(2), file -> new ArrayList<>())
          .add(new Expected(list, hex));
    }
  }

  /// A sum of the kind that a list holds.
  static Sum of(String list) {
    String kind = String.valueOf(KINDS.get(list));
    return switch (kind) {
      case "BLAKE2b" -> new Blake(new Blake2bDigest(512));
      case "BLAKE3" -> new Blake(new Blake3Digest(256));
      default -> new Plain(digest(kind));
    };
  }

  private static MessageDigest digest(String kind) {
    try {
      return MessageDigest.getInstance(kind);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("this Java has no " + kind, e);
    }
  }

  private record Plain(MessageDigest digest) implements Sum {
    @Override
    public void update(byte[] bytes, int length) {
      digest.update(bytes, 0, length);
    }

    @Override
    public String hex() {
      return HexFormat.of().formatHex(digest.digest());
    }
  }

  private record Blake(Digest digest) implements Sum {
    @Override
    public void update(byte[] bytes, int length) {
      digest.update(bytes, 0, length);
    }

    @Override
    public String hex() {
      byte[] sum = new byte[digest.getDigestSize()];
      digest.doFinal(sum, 0);
      return HexFormat.of().formatHex(sum);
    }
  }
}
