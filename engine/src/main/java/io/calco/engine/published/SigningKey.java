package io.calco.engine.published;

import java.time.Instant;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.bcpg.HashAlgorithmTags;
import org.bouncycastle.bcpg.sig.KeyFlags;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPPublicKey;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.PGPSignature;
import org.bouncycastle.openpgp.PGPSignatureSubpacketVector;
import org.bouncycastle.openpgp.operator.bc.BcPGPContentVerifierBuilderProvider;

/// Whether a key vouches for a text. A key is valid by what it signed of itself: that it may sign,
/// until when, that it is not revoked; a subkey besides by its primary key, and the other way round
/// (RFC 9580, 5.2.1 and 10.1).
final class SigningKey {
  private static final Set<Integer> WEAK =
      Set.of(HashAlgorithmTags.MD5, HashAlgorithmTags.SHA1, HashAlgorithmTags.RIPEMD160);
  private static final BcPGPContentVerifierBuilderProvider VERIFIERS =
      new BcPGPContentVerifierBuilderProvider();
  private static final String BROKEN = "has another text";

  private SigningKey() {}

  static String fingerprint(PGPPublicKey key) {
    return HexFormat.of().withUpperCase().formatHex(key.getFingerprint());
  }

  static String userId(PGPPublicKey key) {
    Iterator<String> ids = key.getUserIDs();
    return ids.hasNext() ? ids.next() : "";
  }

  /// Why the signature vouches for nothing; empty when it does.
  ///
  /// @param ring has the key that it says it is of
  static Optional<String> problem(PGPPublicKeyRing ring, PGPSignature signature, byte[] text)
      throws PGPException {
    PGPPublicKey key = ring.getPublicKey(signature.getKeyID());
    int type = signature.getSignatureType();
    if (type != PGPSignature.BINARY_DOCUMENT && type != PGPSignature.CANONICAL_TEXT_DOCUMENT) {
      return Optional.of("is not of a text");
    }
    if (WEAK.contains(signature.getHashAlgorithm())) {
      return Optional.of("uses a hash that is broken");
    }
    signature.init(VERIFIERS, key);
    signature.update(text);
    if (!signature.verify()) {
      return Optional.of(BROKEN);
    }
    Instant signed = signature.getCreationTime().toInstant();
    long lasts =
        signature.getHashedSubPackets() == null
            ? 0
            : signature.getHashedSubPackets().getSignatureExpirationTime();
    if (lasts > 0 && signed.plusSeconds(lasts).isBefore(Instant.now())) {
      return Optional.of("has expired");
    }
    return keyProblem(ring, key, signed);
  }

  private static Optional<String> keyProblem(
      PGPPublicKeyRing ring, PGPPublicKey key, Instant signed) throws PGPException {
    PGPPublicKey primary = ring.getPublicKey();
    if (revoked(primary, primary, PGPSignature.KEY_REVOCATION)) {
      return Optional.of("is by a key that is revoked");
    }
    Optional<PGPSignature> self = newestSelf(primary);
    if (self.isEmpty()) {
      return Optional.of("is by a key that does not vouch for itself");
    }
    if (expired(primary, self.get(), signed)) {
      return Optional.of("is by a key that had expired");
    }
    if (key.getKeyID() == primary.getKeyID()) {
      return maySign(self.get(), true)
          ? Optional.empty()
          : Optional.of("is by a key that may not sign");
    }
    return subkeyProblem(primary, key, signed);
  }

  private static Optional<String> subkeyProblem(
      PGPPublicKey primary, PGPPublicKey subkey, Instant signed) throws PGPException {
    if (revoked(primary, subkey, PGPSignature.SUBKEY_REVOCATION)) {
      return Optional.of("is by a subkey that is revoked");
    }
    Optional<PGPSignature> bound = Optional.empty();
    for (Iterator<PGPSignature> each = subkey.getSignaturesOfType(PGPSignature.SUBKEY_BINDING);
        each.hasNext(); ) {
      PGPSignature binding = each.next();
      binding.init(VERIFIERS, primary);
      if (strong(binding)
          && binding.verifyCertification(primary, subkey)
          && newer(binding, bound)) {
        bound = Optional.of(binding);
      }
    }
    if (bound.isEmpty() || !boundBack(primary, subkey, bound.get())) {
      return Optional.of("is by a subkey that its key does not vouch for");
    }
    if (!maySign(bound.get(), false)) {
      return Optional.of("is by a subkey that may not sign");
    }
    return expired(subkey, bound.get(), signed)
        ? Optional.of("is by a subkey that had expired")
        : Optional.empty();
  }

  /// The subkey agreed to be the primary key's: nobody takes over another's signatures.
  private static boolean boundBack(PGPPublicKey primary, PGPPublicKey subkey, PGPSignature binding)
      throws PGPException {
    PGPSignatureSubpacketVector hashed = binding.getHashedSubPackets();
    PGPSignatureSubpacketVector unhashed = binding.getUnhashedSubPackets();
    for (PGPSignatureSubpacketVector packets :
        new PGPSignatureSubpacketVector[] {hashed, unhashed}) {
      if (packets == null) {
        continue;
      }
      for (PGPSignature back : packets.getEmbeddedSignatures()) {
        if (back.getSignatureType() == PGPSignature.PRIMARYKEY_BINDING && strong(back)) {
          back.init(VERIFIERS, subkey);
          if (back.verifyCertification(primary, subkey)) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private static boolean revoked(PGPPublicKey primary, PGPPublicKey key, int type)
      throws PGPException {
    for (Iterator<PGPSignature> each = key.getSignaturesOfType(type); each.hasNext(); ) {
      PGPSignature revocation = each.next();
      if (revocation.getKeyID() != primary.getKeyID()) {
        continue;
      }
      revocation.init(VERIFIERS, primary);
      boolean valid =
          key.getKeyID() == primary.getKeyID()
              ? revocation.verifyCertification(primary)
              : revocation.verifyCertification(primary, key);
      if (valid) {
        return true;
      }
    }
    return false;
  }

  /// The newest of the signatures by which a key says something of itself.
  private static Optional<PGPSignature> newestSelf(PGPPublicKey key) throws PGPException {
    Optional<PGPSignature> newest = Optional.empty();
    for (Iterator<String> ids = key.getUserIDs(); ids.hasNext(); ) {
      String id = ids.next();
      for (Iterator<PGPSignature> each = key.getSignaturesForID(id); each.hasNext(); ) {
        PGPSignature self = each.next();
        boolean certifies =
            self.getSignatureType() >= PGPSignature.DEFAULT_CERTIFICATION
                && self.getSignatureType() <= PGPSignature.POSITIVE_CERTIFICATION;
        if (certifies && self.getKeyID() == key.getKeyID()) {
          self.init(VERIFIERS, key);
          if (self.verifyCertification(id, key) && newer(self, newest)) {
            newest = Optional.of(self);
          }
        }
      }
    }
    return newest;
  }

  private static boolean newer(PGPSignature one, Optional<PGPSignature> other) {
    return other.isEmpty() || made(one).isAfter(made(other.get()));
  }

  private static Instant made(PGPSignature signature) {
    return signature.getCreationTime().toInstant();
  }

  private static boolean strong(PGPSignature signature) {
    return !WEAK.contains(signature.getHashAlgorithm());
  }

  private static boolean maySign(PGPSignature self, boolean otherwise) {
    PGPSignatureSubpacketVector packets = self.getHashedSubPackets();
    int flags = packets == null ? 0 : packets.getKeyFlags();
    return flags == 0 ? otherwise : (flags & KeyFlags.SIGN_DATA) != 0;
  }

  private static boolean expired(PGPPublicKey key, PGPSignature self, Instant signed) {
    PGPSignatureSubpacketVector packets = self.getHashedSubPackets();
    long lasts = packets == null ? 0 : packets.getKeyExpirationTime();
    Instant made = key.getCreationTime().toInstant();
    return signed.isBefore(made) || lasts > 0 && signed.isAfter(made.plusSeconds(lasts));
  }
}
