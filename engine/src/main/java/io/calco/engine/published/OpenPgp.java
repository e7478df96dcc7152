package io.calco.engine.published;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.bcpg.ArmoredInputStream;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureList;
import org.bouncycastle.openpgp.PGPUtil;
import org.bouncycastle.openpgp.bc.BcPGPObjectFactory;

/// Verifies OpenPGP signatures against a keyring.
public final class OpenPgp {
  /// Bytes of a signature, ours; some have several, of several keys.
  public static final int SIGNATURE_MAX = 64 << 10;

  /// Bytes of a keyring, ours; Debian's has 8 MiB.
  public static final int KEYRING_MAX = 64 << 20;

  private static final String CLEARTEXT = "-----BEGIN PGP SIGNED MESSAGE-----";
  private static final int SIGNATURES_MAX = 64;
  private static final int KEYBOX_MARK_AT = 8;

  private final List<PGPPublicKeyRing> keys;

  private OpenPgp(List<PGPPublicKeyRing> keys) {
    this.keys = List.copyOf(keys);
  }

  /// Believes the keys of a keyring.
  ///
  /// @param name for messages
  /// @param bytes as `gpg --export` writes them, armoured or not
  /// @throws OperationException CORRUPT when it is none; UNSUPPORTED when it is a keybox
  public static OpenPgp of(String name, byte[] bytes) {
    if (isKeybox(bytes)) {
      throw new OperationException(
          Kind.UNSUPPORTED,
          name + ": is gpg's own keybox",
          "export the keys that you believe: gpg --export KEY >publisher.gpg");
    }
    List<PGPPublicKeyRing> keys = new ArrayList<>();
    try {
      for (Object each : objects(bytes)) {
        if (each instanceof PGPPublicKeyRing ring) {
          keys.add(ring);
        }
      }
    } catch (IOException | RuntimeException e) {
      throw new OperationException(
          Kind.CORRUPT, "%s: is no keyring of OpenPGP: %s".formatted(name, e.getMessage()));
    }
    if (keys.isEmpty()) {
      throw new OperationException(Kind.CORRUPT, name + ": holds no public key");
    }
    return new OpenPgp(keys);
  }

  private static boolean isKeybox(byte[] bytes) {
    byte[] mark = "KBXf".getBytes(StandardCharsets.US_ASCII);
    return bytes.length > KEYBOX_MARK_AT + mark.length
        && Arrays.equals(bytes, KEYBOX_MARK_AT, KEYBOX_MARK_AT + mark.length, mark, 0, mark.length);
  }

  /// The objects of a file that may have several armoured blocks.
  private static List<Object> objects(byte[] bytes) throws IOException {
    List<Object> all = new ArrayList<>();
    InputStream rest = new ByteArrayInputStream(bytes);
    while (rest.available() > 0) {
      InputStream block = PGPUtil.getDecoderStream(rest);
      for (Iterator<?> each = new BcPGPObjectFactory(block).iterator(); each.hasNext(); ) {
        all.add(each.next());
      }
      if (!(block instanceof ArmoredInputStream)) {
        break;
      }
    }
    return all;
  }

  /// True when a text holds its signature in itself.
  public static boolean isCleartextSigned(byte[] text) {
    return new String(text, 0, Math.min(text.length, CLEARTEXT.length()), StandardCharsets.US_ASCII)
        .equals(CLEARTEXT);
  }

  /// Verifies a signature that lies in a file of its own.
  ///
  /// @param name of the text, for messages
  /// @param signature armoured or not
  /// @throws OperationException CORRUPT when no key of the keyring vouches for the text
  public Signed verifyDetached(String name, byte[] text, byte[] signature) {
    List<PGPSignature> signatures = new ArrayList<>();
    try {
      for (Object each : objects(signature)) {
        if (each instanceof PGPSignatureList list) {
          list.forEach(signatures::add);
        }
      }
    } catch (IOException | RuntimeException e) {
      throw new OperationException(
          Kind.CORRUPT,
          "the signature of %s is none of OpenPGP: %s".formatted(name, e.getMessage()));
    }
    return verify(name, text, text, signatures);
  }

  /// Verifies a text that holds its signature in itself (RFC 9580, 7).
  ///
  /// @throws OperationException CORRUPT when no key of the keyring vouches for the text
  public Signed verifyCleartext(String name, byte[] signed) {
    try (ArmoredInputStream in =
        ArmoredInputStream.builder().build(new ByteArrayInputStream(signed))) {
      ByteArrayOutputStream raw = new ByteArrayOutputStream();
      if (!in.isClearText()) {
        throw new OperationException(Kind.CORRUPT, name + ": is not signed as cleartext");
      }
      for (int c = in.read(); c >= 0 && in.isClearText(); c = in.read()) {
        raw.write(c);
      }
      List<PGPSignature> signatures = new ArrayList<>();
      for (Iterator<?> each = new BcPGPObjectFactory(in).iterator(); each.hasNext(); ) {
        if (each.next() instanceof PGPSignatureList list) {
          list.forEach(signatures::add);
        }
      }
      return verify(name, raw.toByteArray(), canonical(raw.toByteArray()), signatures);
    } catch (IOException | RuntimeException e) {
      if (e instanceof OperationException told) {
        throw told;
      }
      throw new OperationException(
          Kind.CORRUPT, "%s: its signature cannot be read: %s".formatted(name, e.getMessage()));
    }
  }

  /// What is signed of a cleartext: no blanks at the ends of lines, CR LF between them, and none
  /// after the last.
  private static byte[] canonical(byte[] text) {
    List<String> lines =
        new String(text, StandardCharsets.ISO_8859_1)
            .lines()
            .map(line -> line.replaceAll("[ \t\r]+$", ""))
            .toList();
    return String.join("\r\n", lines).getBytes(StandardCharsets.ISO_8859_1);
  }

  private Signed verify(String name, byte[] text, byte[] signed, List<PGPSignature> signatures) {
    if (signatures.isEmpty() || signatures.size() > SIGNATURES_MAX) {
      throw new OperationException(
          Kind.CORRUPT, "%s: has %d signatures".formatted(name, signatures.size()));
    }
    List<String> reasons = new ArrayList<>();
    for (PGPSignature signature : signatures) {
      for (PGPPublicKeyRing ring : keys) {
        if (ring.getPublicKey(signature.getKeyID()) == null) {
          continue;
        }
        try {
          Optional<String> problem = SigningKey.problem(ring, signature, signed);
          if (problem.isEmpty()) {
            return new Signed(
                text,
                SigningKey.fingerprint(ring.getPublicKey()),
                SigningKey.userId(ring.getPublicKey()),
                signature.getCreationTime().toInstant());
          }
          reasons.add(problem.get());
        } catch (PGPException | RuntimeException e) {
          reasons.add("cannot be verified: " + e.getMessage());
        }
      }
    }
    String who =
        signatures.stream()
            .limit(3)
            .map(each -> "%016X".formatted(each.getKeyID()))
            .reduce((a, b) -> a + ", " + b)
            .orElse("");
    throw new OperationException(
        Kind.CORRUPT,
        reasons.isEmpty()
            ? "%s: is signed by the key %s, which is not in the keyring".formatted(name, who)
            : "%s: its signature by the key %s %s".formatted(name, who, reasons.getFirst()),
        "do not use what it speaks of before you know why");
  }
}
