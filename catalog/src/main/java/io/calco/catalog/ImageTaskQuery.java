package io.calco.catalog;

import java.util.Locale;
import java.util.Optional;

/// Which tasks to list, and in which order.
///
/// @param type of this type; empty for any
/// @param status so far; empty for any
/// @param order by what
/// @param direction up or down
/// @param after the id of the task that the list goes on after
/// @param limit at most that many
public record ImageTaskQuery(
    Optional<String> type,
    Optional<ImageTask.Status> status,
    Order order,
    ImageQuery.Direction direction,
    Optional<String> after,
    int limit) {

  /// What tasks are sorted by; equals by their id.
  public enum Order {
    ID,
    TYPE,
    STATUS,
    CREATED_AT,
    UPDATED_AT,
    EXPIRES_AT;

    /// The order of that name, as the API has it.
    public static Optional<Order> of(String text) {
      for (Order order : values()) {
        if (order.column().equals(text)) {
          return Optional.of(order);
        }
      }
      return Optional.empty();
    }

    String column() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// The newest of any kind.
  public static ImageTaskQuery newest(int limit) {
    return new ImageTaskQuery(
        Optional.empty(),
        Optional.empty(),
        Order.CREATED_AT,
        ImageQuery.Direction.DESCENDING,
        Optional.empty(),
        limit);
  }
}
