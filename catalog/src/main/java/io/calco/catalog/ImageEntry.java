package io.calco.catalog;

import java.time.Instant;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// An image of the catalogue, as the Image API v2 knows it.
///
/// @param id never changes
/// @param owner the id of the project that it belongs to; empty for nobody's
/// @param status where it is in its life
/// @param facts what its owner says of it
/// @param data its content; staged, not yet the image's, while it is [Status#UPLOADING] or
///   [Status#IMPORTING]
/// @param tags in order
/// @param properties what else is said of it, by name
/// @param createdAt when, in microseconds
/// @param updatedAt likewise
public record ImageEntry(
    String id,
    String owner,
    Status status,
    ImageFacts facts,
    Optional<ImageData> data,
    SortedSet<String> tags,
    SortedMap<String, String> properties,
    Instant createdAt,
    Instant updatedAt) {

  /// Copies the collections.
  public ImageEntry {
    tags = Collections.unmodifiableSortedSet(new TreeSet<>(tags));
    properties = Collections.unmodifiableSortedMap(new TreeMap<>(properties));
  }

  /// Its content, once all of that is there.
  public Optional<ImageData> content() {
    return status.complete() ? data : Optional.empty();
  }

  /// Where an image is in its life.
  public enum Status {
    /// Known, without content.
    QUEUED,
    /// Its content is coming.
    SAVING,
    /// Content is being staged, or staged.
    UPLOADING,
    /// Staged content is being taken over, or content fetched.
    IMPORTING,
    /// Complete.
    ACTIVE,
    /// Complete, and may not be downloaded.
    DEACTIVATED,
    /// An upload failed for good.
    KILLED;

    /// As the API has it.
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    /// True when all of the content is there.
    public boolean complete() {
      return this == ACTIVE || this == DEACTIVATED;
    }

    /// The status of that text.
    public static Optional<Status> of(String text) {
      for (Status status : values()) {
        if (status.text().equals(text)) {
          return Optional.of(status);
        }
      }
      return Optional.empty();
    }
  }

  /// Who sees an image.
  public enum Visibility {
    /// Everybody.
    PUBLIC,
    /// Everybody who knows its id or asks for such; in others' lists it is not.
    COMMUNITY,
    /// Its project and its members.
    SHARED,
    /// Its project.
    PRIVATE;

    /// As the API has it.
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    /// The visibility of that text.
    public static Optional<Visibility> of(String text) {
      for (Visibility visibility : values()) {
        if (visibility.text().equals(text)) {
          return Optional.of(visibility);
        }
      }
      return Optional.empty();
    }
  }

  /// The same of another project.
  public ImageEntry withOwner(String other) {
    return new ImageEntry(id, other, status, facts, data, tags, properties, createdAt, updatedAt);
  }

  /// The same in another state.
  public ImageEntry with(Status other) {
    return new ImageEntry(id, owner, other, facts, data, tags, properties, createdAt, updatedAt);
  }

  /// The same with other facts.
  public ImageEntry with(ImageFacts other) {
    return new ImageEntry(id, owner, status, other, data, tags, properties, createdAt, updatedAt);
  }

  /// The same in another state with other content, or none.
  public ImageEntry with(Status otherStatus, Optional<ImageData> otherData) {
    return new ImageEntry(
        id, owner, otherStatus, facts, otherData, tags, properties, createdAt, updatedAt);
  }

  /// The same with other tags.
  public ImageEntry withTags(Set<String> other) {
    return new ImageEntry(
        id, owner, status, facts, data, new TreeSet<>(other), properties, createdAt, updatedAt);
  }

  /// The same with other properties.
  public ImageEntry withProperties(Map<String, String> other) {
    return new ImageEntry(
        id, owner, status, facts, data, tags, new TreeMap<>(other), createdAt, updatedAt);
  }

  /// The same, changed at another time.
  ImageEntry updatedAt(Instant when) {
    return new ImageEntry(id, owner, status, facts, data, tags, properties, createdAt, when);
  }
}
