package io.calco.catalog;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Which images to list, and in which order.
///
/// @param sight who asks
/// @param scope which of what they may see
/// @param conditions that all hold
/// @param order by the first, among equals by the next; may be empty
/// @param after the id of the image that the list goes on after
/// @param limit at most that many
public record ImageQuery(
    Sight sight,
    Scope scope,
    List<Condition> conditions,
    List<Order> order,
    Optional<String> after,
    int limit) {

  /// Copies the lists.
  public ImageQuery {
    conditions = List.copyOf(conditions);
    order = List.copyOf(order);
  }

  /// Who asks.
  public sealed interface Sight {
    /// Whoever sees all that there is.
    ///
    /// @param project theirs
    record All(String project) implements Sight {}

    /// A project, which sees its own images, public ones and those shared with it.
    ///
    /// @param project its id
    record Project(String project) implements Sight {}
  }

  /// Which of the images that somebody sees.
  public sealed interface Scope {
    /// All but community images of others.
    ///
    /// @param membership what the project made of the images that are shared with it; empty for all
    ///   of them
    record Usual(Optional<ImageMember.Status> membership) implements Scope {}

    /// Those of one visibility.
    ///
    /// @param visibility which
    /// @param membership as in [Usual]
    record Only(ImageEntry.Visibility visibility, Optional<ImageMember.Status> membership)
        implements Scope {}

    /// All, community images too.
    ///
    /// @param membership as in [Usual]
    record Everything(Optional<ImageMember.Status> membership) implements Scope {}

    /// What the project made of the images that are shared with it; empty for all of them.
    Optional<ImageMember.Status> membership();
  }

  /// A field of an image that lists are filtered and sorted by.
  public enum Field {
    ID,
    OWNER,
    NAME,
    STATUS,
    PROTECTED,
    HIDDEN,
    DISK_FORMAT,
    CONTAINER_FORMAT,
    MIN_DISK,
    MIN_RAM,
    SIZE,
    VIRTUAL_SIZE,
    MD5,
    SHA512,
    CREATED_AT,
    UPDATED_AT;

    /// Its column.
    String column() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// How a field is compared.
  public enum Comparison {
    EQUAL("="),
    NOT_EQUAL("<>"),
    LESS("<"),
    AT_MOST("<="),
    GREATER(">"),
    AT_LEAST(">=");

    private final String sql;

    Comparison(String sql) {
      this.sql = sql;
    }

    String sql() {
      return sql;
    }
  }

  /// What must hold for an image in a list.
  public sealed interface Condition {
    /// A field with text has one of some values.
    ///
    /// @param field the field
    /// @param values what it may be, not empty
    record Text(Field field, List<String> values) implements Condition {
      /// Copies the list.
      public Text {
        values = List.copyOf(values);
      }
    }

    /// A field with text begins so.
    ///
    /// @param field the field
    /// @param prefix what it begins with, not empty, of characters below U+FFFF
    record Prefix(Field field, String prefix) implements Condition {
      /// The first text that does not begin so, and comes after all that do.
      String end() {
        int last = prefix.length() - 1;
        return prefix.substring(0, last) + (char) (prefix.charAt(last) + 1);
      }
    }

    /// A field with a number, or truth as 0 and 1, compares so with a value.
    ///
    /// @param field the field
    /// @param comparison how
    /// @param value with what
    record Amount(Field field, Comparison comparison, long value) implements Condition {}

    /// A moment compares so with another.
    ///
    /// @param field the field
    /// @param comparison how
    /// @param value with what
    record Moment(Field field, Comparison comparison, Instant value) implements Condition {}

    /// The image has a tag.
    ///
    /// @param tag which
    record Tag(String tag) implements Condition {}

    /// The image's name or one of its tags has this in it, or its id begins with it; the case of
    /// ASCII letters does not matter.
    ///
    /// @param text what somebody is looking for, not empty
    record Search(String text) implements Condition {}

    /// The image has a property of that value.
    ///
    /// @param name of the property
    /// @param value its value
    record Property(String name, String value) implements Condition {}
  }

  /// What a list is sorted by.
  ///
  /// @param field the field
  /// @param direction up or down
  public record Order(Field field, Direction direction) {}

  /// Up or down.
  public enum Direction {
    ASCENDING,
    DESCENDING;

    String sql() {
      return this == ASCENDING ? "asc" : "desc";
    }
  }
}
