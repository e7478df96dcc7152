package io.calco.engine;

import io.calco.catalog.Clone;
import io.calco.guest.identity.Hostname;
import io.calco.guest.personalise.Personalisation;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/// Which clones are made, and how.
///
/// @param template the template's name
/// @param version which version of it; the newest unless one is named
/// @param names the clones' names, each also its host name
/// @param kind linked or full
/// @param size virtual size in bytes, at least the template's; the template's unless stated
/// @param directory where the disks go; the pool unless one is named
/// @param backingPath how a linked clone names the template's disk
/// @param personalisation what each gets, by its host name
public record CloneRequest(
    String template,
    Optional<Integer> version,
    List<String> names,
    Clone.Kind kind,
    OptionalLong size,
    Optional<Path> directory,
    BackingPath backingPath,
    Function<Hostname, Personalisation> personalisation) {

  /// Copies the list.
  public CloneRequest {
    names = List.copyOf(names);
  }

  /// How an overlay names the image below it.
  public enum BackingPath {
    /// Relative to the overlay's directory: both can be moved together.
    RELATIVE,
    /// From the root: the overlay can be moved alone.
    ABSOLUTE
  }
}
