package io.calco.engine.images;

import io.calco.catalog.ImageData;
import io.calco.catalog.ImageEntry;
import io.calco.catalog.ImageEntry.Status;
import io.calco.catalog.ImageLocation;
import io.calco.disk.HostFile;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.audit.Action;
import io.calco.engine.identity.Caller;
import io.calco.engine.images.ImagePatch.Change;
import io.calco.engine.images.NewLocation.Claims;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Where images' content lies. An operator who shows locations lets clients say that an image's
/// content is at an address on the web (http, https): it stays there, and is fetched whenever
/// somebody reads it. Such content is not looked at as stored content is: it may be another
/// tomorrow.
///
/// Thread rule: safe for several threads.
public final class ImageLocations {
  private static final String TYPE = "location_import";

  /// How often a hash that takes long looks whether its image is still there, in bytes.
  private static final long LOOK = 16L << 20;

  private static final int PIECE = 256 << 10;

  private final Images images;
  private final ContentStores contents;
  private final WebAddresses addresses;
  private final Shown shown;
  private final BackgroundTasks tasks;

  ImageLocations(
      Images images,
      ContentStores contents,
      ImageService.Settings settings,
      BackgroundTasks tasks) {
    this.images = images;
    this.contents = contents;
    this.addresses = settings.addresses();
    this.shown = settings.locations();
    this.tasks = tasks;
  }

  /// Whether clients see where content lies, and may say so.
  public enum Shown {
    /// They don't.
    NO,
    /// They do.
    YES
  }

  /// Whether clients see where content lies, and may say so.
  public Shown shown() {
    return shown;
  }

  /// The locations that a caller may know of.
  public List<ImageLocation> of(Caller caller, ImageEntry image) {
    boolean may = caller.isAdmin() || caller.has(Caller.READER) && ImagePolicy.owns(caller, image);
    return may && isComplete(image)
        ? image.data().map(ImageData::locations).orElse(List.of())
        : List.of();
  }

  private static boolean isComplete(ImageEntry image) {
    return image.status().complete();
  }

  /// The locations of an image, for another service of the cloud and an admin.
  public List<ImageLocation> list(Caller caller, String id) throws IOException {
    ImageEntry image = images.get(caller, id);
    if (!isService(caller)) {
      throw ImagePolicy.denied("You are not authorized to look at the image's locations.");
    }
    return isComplete(image) ? image.data().map(ImageData::locations).orElse(List.of()) : List.of();
  }

  private static boolean isService(Caller caller) {
    return caller.isAdmin() || caller.has(Caller.SERVICE);
  }

  /// Makes changes of an image's attributes and locations: all, or none. Addresses that are new are
  /// asked before, for what is at them.
  public ImageEntry patch(Caller caller, String id, ImagePatch patch) throws IOException {
    if (!patch.touchesLocations()) {
      return images.patch(caller, id, patch, new LocationChanges(Map.of()));
    }
    if (shown == Shown.NO) {
      throw ImagePolicy.denied("It's not allowed to change locations if locations are invisible.");
    }
    ImageEntry image = images.get(caller, id);
    ImagePolicy.requireOwner(caller, image, "modify");
    Set<String> known = new HashSet<>();
    image
        .data()
        .ifPresent(
            data -> data.places().forEach(place -> known.add(ContentStores.addressOf(place))));
    Map<String, Long> sizes = new HashMap<>();
    for (Change change : patch.changes()) {
      List<NewLocation> named =
          switch (change) {
            case Change.AddLocation add -> List.of(add.location());
            case Change.ReplaceLocations replace -> replace.locations();
            default -> List.of();
          };
      if (named.size() > images.limits().locations()
          || sizes.size() > images.limits().locations()) {
        throw Images.limit(
            "Attempted: %d locations, maximum: %d"
                .formatted(named.size() + sizes.size(), images.limits().locations()));
      }
      for (NewLocation each : named) {
        if (!sizes.containsKey(each.address())
            && (change instanceof Change.AddLocation || !known.contains(each.address()))) {
          sizes.put(each.address(), size(each.address()));
        }
      }
    }
    List<String> before = image.data().map(ImageData::places).orElse(List.of());
    ImageEntry after = images.patch(caller, id, patch, new LocationChanges(sizes));
    List<String> left = after.data().map(ImageData::places).orElse(List.of());
    for (String place : before) {
      if (!left.contains(place)) {
        contents.release(place);
      }
    }
    return after;
  }

  /// How long what lies at an address is, in bytes.
  ///
  /// @throws OperationException USAGE when nothing is there, or it may not be fetched
  private long size(String address) throws IOException {
    try (WebSource source = WebSource.open(addresses.parse(address), addresses)) {
      long size = source.size().orElse(0);
      if (size > 0) {
        return size;
      }
    } catch (IOException | OperationException e) {
      throw invalid(address);
    }
    throw invalid(address);
  }

  private static OperationException invalid(String address) {
    return ImageAttributes.usage(
        "Invalid location: %s".formatted(address.substring(0, Math.min(address.length(), 200))));
  }

  /// Says where a queued image's content lies. It is hashed in the background: before the image is
  /// active where a hash is claimed, which must be it; afterwards else.
  ///
  /// @param requestId of the request, for the task
  /// @param input what was asked for, as JSON, for the task
  /// @throws OperationException REFUSED when the image is not queued
  public void add(Caller caller, String id, NewLocation location, String requestId, String input)
      throws IOException {
    ImageEntry image = images.get(caller, id);
    if (image.status() != Status.QUEUED) {
      throw new OperationException(
          Kind.REFUSED,
          "It's not allowed to add locations if image status is %s."
              .formatted(image.status().text()));
    }
    images
        .audit()
        .make(
            Images.deed(caller, Action.IMAGE_LOCATE, image)
                .with(ImageImports.withoutSecrets(location.address())),
            () -> begin(caller, image, location, new Asked(requestId, input)));
  }

  /// What a task says of its request.
  private record Asked(String requestId, String input) {}

  private void begin(Caller caller, ImageEntry image, NewLocation location, Asked asked)
      throws IOException {
    String id = image.id();
    if (!isService(caller)) {
      ImagePolicy.requireOwner(caller, image, "add a location to");
    }
    if (shown == Shown.NO) {
      throw ImagePolicy.denied("http store must be enabled to use location API.");
    }
    location.claims().ifPresent(ImageLocations::requireHash);
    addresses.parse(location.address());
    images.update(id, now -> ImageStates.jump(now, Status.IMPORTING));
    tasks.begin(
        caller,
        new BackgroundTasks.Description(TYPE, id, asked.requestId(), asked.input()),
        () -> {
          try {
            return take(id, location);
          } catch (IOException | RuntimeException e) {
            backToQueued(id, e);
            throw e;
          }
        });
  }

  private static void requireHash(Claims claims) {
    int digits =
        switch (claims.algorithm()) {
          case "sha256" -> 64;
          case "sha512" -> 128;
          default ->
              throw ImageAttributes.usage(
                  "os_hash_algo must be sha256 or sha512, and not '%s'"
                      .formatted(
                          claims
                              .algorithm()
                              .substring(0, Math.min(claims.algorithm().length(), 20))));
        };
    if (claims.hash().length() != digits || !claims.hash().matches("[0-9a-fA-F]+")) {
      throw ImageAttributes.usage(
          "os_hash_value is not the correct size for (%s) (should be (%d) bytes)"
              .formatted(claims.algorithm(), digits / 2));
    }
  }

  private ImageEntry take(String id, NewLocation location) throws IOException {
    String place = location.address();
    long size = size(place);
    ImageData data =
        new ImageData(
            List.of(location.at(place)), size, java.util.OptionalLong.empty(), "", "", "", place);
    if (location.claims().isPresent()) {
      Hashed hashed = hash(id, place, size);
      Claims claims = location.claims().get();
      String found = claims.algorithm().equals("sha256") ? hashed.sha256() : hashed.sha512();
      if (!found.equalsIgnoreCase(claims.hash())) {
        throw new OperationException(
            Kind.CORRUPT,
            "os_hash_value: (%s) not matched with actual os_hash_value: (%s)"
                .formatted(claims.hash(), found));
      }
      boolean sha256 = claims.algorithm().equals("sha256");
      ImageData told = data.withDigests(hashed.md5(), sha256 ? found : "", sha256 ? "" : found);
      return activate(id, told);
    }
    ImageEntry active = activate(id, data);
    Hashed hashed = hash(id, place, size);
    return images.update(
        active.id(),
        now ->
            now.with(
                now.status(),
                now.data()
                    .map(had -> had.withDigests(hashed.md5(), hashed.sha256(), hashed.sha512()))));
  }

  private ImageEntry activate(String id, ImageData data) throws IOException {
    return images.update(
        id, now -> ImageStates.jump(now.with(now.status(), Optional.of(data)), Status.ACTIVE));
  }

  private void backToQueued(String id, Exception failure) {
    try {
      images.update(
          id, now -> now.status() == Status.IMPORTING ? ImageStates.jump(now, Status.QUEUED) : now);
    } catch (IOException | RuntimeException e) { // deleted meanwhile, for one
      failure.addSuppressed(e);
    }
  }

  private record Hashed(String md5, String sha256, String sha512) {}

  private Hashed hash(String id, String place, long size) throws IOException {
    MessageDigest md5 = digest("MD5");
    MessageDigest sha256 = digest("SHA-256");
    MessageDigest sha512 = digest("SHA-512");
    try (HostFile file = contents.open(place);
        InputStream in = new ContentStream(file)) {
      byte[] piece = new byte[PIECE];
      long done = 0;
      for (int length = in.read(piece); length > 0; length = in.read(piece)) {
        md5.update(piece, 0, length);
        sha256.update(piece, 0, length);
        sha512.update(piece, 0, length);
        if (done / LOOK < (done + length) / LOOK && images.find(id).isEmpty()) {
          throw Images.notFound(id);
        }
        done += length;
      }
      if (done != size) {
        throw invalid(place);
      }
    }
    HexFormat hex = HexFormat.of();
    return new Hashed(
        hex.formatHex(md5.digest()),
        hex.formatHex(sha256.digest()),
        hex.formatHex(sha512.digest()));
  }

  private static MessageDigest digest(String name) {
    try {
      return MessageDigest.getInstance(name);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has " + name, e);
    }
  }
}
