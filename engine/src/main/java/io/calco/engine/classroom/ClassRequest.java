package io.calco.engine.classroom;

import io.calco.engine.CloneRequest;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.machine.MachineRequest;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/// A class to be made.
///
/// @param name unique among classes
/// @param prefix what its clones' names begin with
/// @param clones the clones, named as [#names] has them
/// @param machines what their machines are made of; they get none if empty
/// @param quota bytes that a clone's disk may take on the host before it is not started any more
/// @param pace time between one machine's start and the next one's
public record ClassRequest(
    String name,
    String prefix,
    CloneRequest clones,
    Optional<MachineRequest> machines,
    OptionalLong quota,
    Duration pace) {
  /// Ours: more seats are a slip of the finger.
  static final int SEATS_MAX = 1000;

  /// What the clones' names of a class begin with unless somebody says otherwise: `2-asir-`.
  public static String standardPrefix(String className) {
    return className.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-") + "-";
  }

  /// The names of the first seats.
  ///
  /// @throws OperationException when there are fewer than one, or too many
  public static List<String> names(String prefix, int seats) {
    if (seats < 1 || seats > SEATS_MAX) {
      throw new OperationException(
          Kind.USAGE, "%d seats; a class has 1 to %d".formatted(seats, SEATS_MAX));
    }
    return IntStream.rangeClosed(1, seats).mapToObj(number -> name(prefix, number)).toList();
  }

  /// A seat's name: `2-asir-07`.
  static String name(String prefix, int number) {
    return "%s%02d".formatted(prefix, number);
  }
}
