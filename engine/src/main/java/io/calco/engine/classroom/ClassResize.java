package io.calco.engine.classroom;

import io.calco.catalog.Clone;
import io.calco.engine.CloneRequest;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.guest.identity.Hostname;
import io.calco.guest.personalise.Personalisation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/// A class that gets other seats: those up to a number, and no more.
///
/// @param before the class as it is
/// @param added numbers of the seats that it lacks
/// @param removed seats that it has too many
public record ClassResize(ClassReport before, List<Integer> added, List<Seat> removed) {

  /// Copies the lists.
  public ClassResize {
    added = List.copyOf(added);
    removed = List.copyOf(removed);
  }

  static ClassResize of(ClassReport before, int seats) {
    List<String> wanted = ClassRequest.names(before.facts().prefix(), seats);
    Set<Integer> there = new HashSet<>();
    before.seats().forEach(seat -> there.add(seat.number()));
    List<Integer> added = new ArrayList<>();
    for (int number = 1; number <= wanted.size(); number++) {
      if (!there.contains(number)) {
        added.add(number);
      }
    }
    return new ClassResize(
        before, added, before.seats().stream().filter(seat -> seat.number() > seats).toList());
  }

  /// Names of the clones that are to be made.
  public List<String> names() {
    return added.stream()
        .map(number -> ClassRequest.name(before.facts().prefix(), number))
        .toList();
  }

  /// The clones that are to be made: as those that are there, beside the first of them.
  ///
  /// @param personalisation what each gets, by its host name
  /// @param keys of encrypted volumes
  /// @throws OperationException when the template is deleted
  public CloneRequest clones(
      Function<Hostname, Personalisation> personalisation, CloneRequest.Keys keys) {
    ClassReport.Origin origin =
        before
            .origin()
            .orElseThrow(() ->
                new OperationException(
                    Kind.REFUSED,
                    "class %s: its template is deleted, no more clones can be made"
                        .formatted(before.name())));
    Optional<Clone> first = before.seats().stream().map(seat -> seat.disk().facts()).findFirst();
    return new CloneRequest(
        origin.template(),
        Optional.of(origin.version()),
        names(),
        Clone.Kind.LINKED,
        first.map(clone -> OptionalLong.of(clone.virtualSize())).orElseGet(OptionalLong::empty),
        first.map(clone -> directory(clone.disk())),
        CloneRequest.BackingPath.RELATIVE,
        personalisation,
        Optional.empty(),
        keys);
  }

  private static Path directory(Path disk) {
    return disk.toAbsolutePath().resolveSibling("");
  }
}
