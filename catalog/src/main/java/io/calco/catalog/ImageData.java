package io.calco.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// An image's content.
///
/// @param locations where it lies, one or more; the first is read
/// @param size in bytes
/// @param virtualSize what the guest sees, in bytes, when it could be told
/// @param md5 of the content, hexadecimal in lower case; empty, as the next two may be, of content
///   on the web that nobody has hashed
/// @param sha256 likewise
/// @param sha512 likewise
/// @param source where it came from: `upload`, an address, a path
public record ImageData(
    List<ImageLocation> locations,
    long size,
    OptionalLong virtualSize,
    String md5,
    String sha256,
    String sha512,
    String source) {

  /// Copies the list.
  public ImageData {
    locations = List.copyOf(locations);
    if (locations.isEmpty()) {
      throw new IllegalArgumentException("content lies nowhere");
    }
  }

  /// Content in one place.
  public ImageData(
      String blob,
      long size,
      OptionalLong virtualSize,
      String md5,
      String sha256,
      String sha512,
      String source) {
    this(List.of(ImageLocation.at(blob)), size, virtualSize, md5, sha256, sha512, source);
  }

  /// The first place.
  public String blob() {
    return locations.getFirst().place();
  }

  /// All places, in order.
  public List<String> places() {
    return locations.stream().map(ImageLocation::place).toList();
  }

  /// The same elsewhere.
  public ImageData with(List<ImageLocation> others) {
    return new ImageData(others, size, virtualSize, md5, sha256, sha512, source);
  }

  /// The same in one more place.
  public ImageData and(ImageLocation another) {
    List<ImageLocation> all = new ArrayList<>(locations);
    all.add(another);
    return with(all);
  }

  /// The same, and what the guest sees of it.
  public ImageData withVirtualSize(OptionalLong bytes) {
    return new ImageData(locations, size, bytes, md5, sha256, sha512, source);
  }

  /// The same with these digests.
  public ImageData withDigests(String newMd5, String newSha256, String newSha512) {
    return new ImageData(locations, size, virtualSize, newMd5, newSha256, newSha512, source);
  }
}
