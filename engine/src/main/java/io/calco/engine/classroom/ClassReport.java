package io.calco.engine.classroom;

import io.calco.catalog.Classroom;
import java.util.List;
import java.util.Optional;

/// A class as it is now.
///
/// @param facts what is recorded of it
/// @param origin the template that its clones are made from; empty once that is deleted
/// @param seats in their order
public record ClassReport(Classroom facts, Optional<Origin> origin, List<Seat> seats) {

  /// Copies the list.
  public ClassReport {
    seats = List.copyOf(seats);
  }

  /// A version of a template.
  public record Origin(String template, int version) {
    @Override
    public String toString() {
      return template + " v" + version;
    }
  }

  /// The class's name.
  public String name() {
    return facts.name();
  }

  /// The seats' names, in their order.
  public List<String> names() {
    return seats.stream().map(Seat::name).toList();
  }

  /// How many machines are active.
  public long active() {
    return seats.stream().filter(Seat::active).count();
  }

  /// How many machines are frozen.
  public long frozen() {
    return seats.stream().filter(Seat::frozen).count();
  }

  /// Host bytes that all its disks take.
  public long allocatedSize() {
    return seats.stream().mapToLong(seat -> seat.disk().allocatedSize()).sum();
  }
}
