package io.calco.engine.images;

import io.calco.catalog.ImageOrigin.Verified;
import io.calco.disk.LimitExceededException;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.published.Checksum;
import io.calco.engine.published.ChecksumList;
import io.calco.engine.published.OpenPgp;
import io.calco.engine.published.Signed;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// What an image that comes is compared with.
///
/// @param checksum of the file as it is published, packed perhaps
/// @param list where a list of checksums lies that names the file: a path or an address
/// @param signature where that list's signature lies, unless it holds it in itself
/// @param keyring whose signatures are believed
public record ImportProof(
    Optional<Checksum> checksum,
    Optional<String> list,
    Optional<String> signature,
    Optional<Path> keyring) {

  /// Nothing.
  public static final ImportProof NONE =
      new ImportProof(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

  /// Refuses what does not go together.
  public ImportProof {
    if (list.isEmpty() && (signature.isPresent() || keyring.isPresent())) {
      throw ImageAttributes.usage("A signature is of a list of checksums: name it with --sums.");
    }
    if (signature.isPresent() && keyring.isEmpty()) {
      throw ImageAttributes.usage(
          "Whose signature is believed? Name a file with the publisher's keys with --keyring.");
    }
    if (checksum.isPresent() && list.isPresent()) {
      throw ImageAttributes.usage("One of --checksum and --sums is enough.");
    }
  }

  /// What the publisher says of a file, once that was verified.
  ///
  /// @throws OperationException CORRUPT when the signature does not hold, NOT_FOUND when the list
  ///   does not name the file
  Expected expected(String fileName, WebAddresses addresses) throws IOException {
    if (checksum.isPresent()) {
      return new Expected(
          checksum, new Verified(checksum.get().toString(), "", "", "", Optional.empty()));
    }
    if (list.isEmpty()) {
      return new Expected(Optional.empty(), Verified.NOTHING);
    }
    if (fileName.isEmpty()) {
      throw ImageAttributes.usage(
          "What comes by standard input has no name to look up in a list: give its --checksum.");
    }
    String place = list.get();
    byte[] text = read(place, ChecksumList.BYTES_MAX, addresses);
    Optional<Signed> signed = verify(place, text, addresses);
    byte[] believed = signed.map(Signed::text).orElse(text);
    Checksum sum = ChecksumList.parse(place, believed).get(fileName);
    return new Expected(
        Optional.of(sum),
        new Verified(
            sum.toString(),
            place,
            signed.map(Signed::fingerprint).orElse(""),
            signed.map(Signed::signer).orElse(""),
            signed.map(Signed::signedAt)));
  }

  /// What a file shall be.
  record Expected(Optional<Checksum> checksum, Verified verified) {}

  private Optional<Signed> verify(String place, byte[] text, WebAddresses addresses)
      throws IOException {
    if (keyring.isEmpty()) {
      return Optional.empty();
    }
    OpenPgp keys =
        OpenPgp.of(
            keyring.get().toString(),
            read(keyring.get().toString(), OpenPgp.KEYRING_MAX, addresses));
    if (signature.isPresent()) {
      byte[] detached = read(signature.get(), OpenPgp.SIGNATURE_MAX, addresses);
      return Optional.of(keys.verifyDetached(place, text, detached));
    }
    if (!OpenPgp.isCleartextSigned(text)) {
      throw new OperationException(
          Kind.CORRUPT,
          place + ": holds no signature in itself",
          "name the file with its signature with --sums-signature");
    }
    return Optional.of(keys.verifyCleartext(place, text));
  }

  private static byte[] read(String place, int limit, WebAddresses addresses) throws IOException {
    byte[] bytes;
    if (isAddress(place)) {
      try (WebSource source = WebSource.open(addresses.parse(place), addresses)) {
        bytes = source.body().readNBytes(limit + 1);
      }
    } else {
      try (InputStream file = Files.newInputStream(Path.of(place))) {
        bytes = file.readNBytes(limit + 1);
      }
    }
    if (bytes.length > limit) {
      throw new LimitExceededException(
          "%s: has more than %d bytes, our limit for what verifies images".formatted(place, limit));
    }
    return bytes;
  }

  /// True for an address of the web.
  public static boolean isAddress(String place) {
    return place.regionMatches(true, 0, "http://", 0, 7)
        || place.regionMatches(true, 0, "https://", 0, 8);
  }

  /// The hosts that the user named, each as `host:port` or `host`.
  WebAddresses widened(WebAddresses addresses, ImportSource source) {
    WebAddresses wide = addresses;
    if (source instanceof ImportSource.Web web) {
      wide = wide.allowing(web.address());
    }
    for (Optional<String> place : java.util.List.of(list, signature)) {
      if (place.isPresent() && isAddress(place.get())) {
        wide = wide.allowing(place.get());
      }
    }
    return wide;
  }
}
