package io.calco.engine.images;

import io.calco.catalog.ImageData;
import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageEntry.Status;
import io.calco.catalog.ImageLocation;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.NewLocation.Claims;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/// Changes of an image's locations, as a patch asks for them: what they do to the image. Addresses
/// on the web were asked for the content's size before.
///
/// @param sizes of what lies at addresses that the image has not yet, in bytes
record LocationChanges(Map<String, Long> sizes) {
  private static final String HEX = "[0-9a-f]+";

  ImageEntry add(ImageEntry image, OptionalInt position, NewLocation added, int limit) {
    requireStatus(image, "add", Status.ACTIVE, Status.QUEUED);
    Optional<Claims> claims = newClaims(image, Stream.of(added));
    List<ImageLocation> all =
        new ArrayList<>(image.data().map(ImageData::locations).orElse(List.of()));
    if (all.size() >= limit) {
      throw Images.limit("Attempted: %d locations, maximum: %d".formatted(all.size() + 1, limit));
    }
    ImageLocation location = added.at(web(added.address()));
    if (all.contains(location)) {
      throw ImageAttributes.usage("The location %s already exists".formatted(added.address()));
    }
    all.add(Math.min(position.orElse(all.size()), all.size()), location);
    return located(image, all, claims);
  }

  ImageEntry replace(ImageEntry image, List<NewLocation> wanted, int limit) {
    if (wanted.isEmpty()) {
      throw ImagePolicy.denied("Cannot set locations to empty list.");
    }
    requireStatus(image, "replace", Status.ACTIVE, Status.QUEUED);
    Optional<Claims> claims = newClaims(image, wanted.stream());
    if (wanted.size() > limit) {
      throw Images.limit("Attempted: %d locations, maximum: %d".formatted(wanted.size(), limit));
    }
    List<String> had = new ArrayList<>(image.data().map(ImageData::places).orElse(List.of()));
    boolean first = had.isEmpty();
    List<ImageLocation> all = new ArrayList<>();
    for (NewLocation each : wanted) {
      Optional<String> known =
          had.stream()
              .filter(place -> ContentStores.addressOf(place).equals(each.address()))
              .findFirst();
      known.ifPresent(had::remove);
      if (known.isEmpty() && !first) {
        throw differs();
      }
      all.add(each.at(known.orElseGet(() -> web(each.address()))));
    }
    if (!had.isEmpty()) {
      throw differs();
    }
    if (new HashSet<>(all).size() < all.size()) {
      throw ImageAttributes.usage("A location is there twice.");
    }
    return located(image, all, claims);
  }

  private static OperationException differs() {
    return ImageAttributes.usage(
        "Original locations is not empty: they can be added, removed, put in order and described, and not be exchanged.");
  }

  /// @return the image, and nothing of what lay at the place that it has no more is let go yet
  ImageEntry remove(ImageEntry image, OptionalInt position, Caller caller) {
    requireStatus(image, "remove", Status.ACTIVE);
    ImageData data = image.data().orElseThrow();
    if (data.locations().size() == 1) {
      throw ImagePolicy.denied("Cannot remove last location in the image.");
    }
    int at = position.orElse(data.locations().size() - 1);
    if (at >= data.locations().size()) {
      throw ImageAttributes.usage("Invalid position for removing a location.");
    }
    if (!ContentStores.isWeb(data.locations().get(at).place())) {
      ImagePolicy.requireAdmin(caller, "You are not permitted to delete images from stores.");
    }
    List<ImageLocation> left = new ArrayList<>(data.locations());
    left.remove(at);
    return image.with(image.status(), Optional.of(data.with(left)));
  }

  private static void requireStatus(ImageEntry image, String what, Status... allowed) {
    if (!Set.of(allowed).contains(image.status())) {
      throw new OperationException(
          Kind.REFUSED,
          "It's not allowed to %s locations if image status is %s."
              .formatted(what, image.status().text()));
    }
  }

  /// An address on the web where something is. No other: by its address alone, anybody could read
  /// what is another's in a store.
  private String web(String address) {
    if (!sizes.containsKey(address)) {
      throw ImageAttributes.usage("Invalid location");
    }
    return address;
  }

  private ImageEntry located(ImageEntry image, List<ImageLocation> all, Optional<Claims> claims) {
    if (image.data().isPresent()) {
      return image.with(image.status(), image.data().map(data -> data.with(all)));
    }
    long size = Objects.requireNonNull(sizes.get(all.getFirst().place()));
    ImageData data =
        new ImageData(all, size, OptionalLong.empty(), "", "", "", all.getFirst().place());
    ImageEntry complete =
        image.with(image.status(), Optional.of(claims.map(told -> with(data, told)).orElse(data)));
    return ImageStates.jump(complete, Status.ACTIVE);
  }

  private static ImageData with(ImageData data, Claims claims) {
    return data.withDigests(
        claims.md5(),
        claims.algorithm().equals("sha256") ? claims.hash() : "",
        claims.algorithm().equals("sha512") ? claims.hash() : "");
  }

  /// What is claimed and not known yet. What is known may be claimed again, and nothing else.
  ///
  /// @throws OperationException REFUSED when claims contradict each other or the image, or are none
  private static Optional<Claims> newClaims(ImageEntry image, Stream<NewLocation> locations) {
    List<Claims> all = locations.flatMap(each -> each.claims().stream()).distinct().toList();
    if (all.isEmpty()) {
      return Optional.empty();
    }
    if (all.size() > 1) {
      throw refused("Conflicting values for validation_data");
    }
    Claims claims = all.getFirst();
    Optional<ImageData> data = image.data();
    if (data.isPresent() && claims.equals(known(data.get(), claims))) {
      return Optional.empty();
    }
    if (data.isPresent() && !known(data.get(), claims).equals(new Claims("", "", ""))) {
      throw refused("validation_data is already set with a different value");
    }
    if (image.status() != Status.QUEUED) {
      throw refused(
          "New value(s) for validation_data may only be provided when image status is 'queued'");
    }
    if (!claims.algorithm().equals("sha512")
        || claims.hash().length() != 128
        || !claims.hash().matches(HEX)) {
      throw refused("os_hash_algo must be sha512, and os_hash_value one");
    }
    if (!claims.md5().isEmpty() && (claims.md5().length() != 32 || !claims.md5().matches(HEX))) {
      throw refused("checksum (%s) is no MD5".formatted(claims.md5()));
    }
    return Optional.of(claims);
  }

  /// What is known of that which is claimed.
  private static Claims known(ImageData data, Claims claims) {
    boolean sha512 = !data.sha512().isEmpty();
    String hash = sha512 ? data.sha512() : data.sha256();
    String algorithm = hash.isEmpty() ? "" : sha512 ? "sha512" : "sha256";
    return new Claims(
        claims.md5().isEmpty() ? "" : data.md5(),
        claims.hash().isEmpty() ? "" : algorithm,
        claims.hash().isEmpty() ? "" : hash);
  }

  private static OperationException refused(String message) {
    return new OperationException(Kind.REFUSED, message);
  }
}
