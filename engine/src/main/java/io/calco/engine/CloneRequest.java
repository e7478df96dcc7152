package io.calco.engine;

import io.calco.catalog.Clone;
import io.calco.disk.Passphrase;
import io.calco.engine.TemplateRequest.MasterKeys;
import io.calco.guest.identity.Hostname;
import io.calco.guest.personalise.Personalisation;
import io.calco.guest.seed.Seed;
import io.calco.volume.VolumeKeys;
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
/// @param seed the disc for cloud-init that each has beside its own; none unless stated
/// @param keys what opens the template's encrypted volumes, and what opens the clones'
public record CloneRequest(
    String template,
    Optional<Integer> version,
    List<String> names,
    Clone.Kind kind,
    OptionalLong size,
    Optional<Path> directory,
    BackingPath backingPath,
    Function<Hostname, Personalisation> personalisation,
    Optional<Seed.Form> seed,
    Keys keys) {

  /// Copies the list.
  public CloneRequest {
    names = List.copyOf(names);
  }

  /// For templates that are not encrypted.
  public CloneRequest(
      String template,
      Optional<Integer> version,
      List<String> names,
      Clone.Kind kind,
      OptionalLong size,
      Optional<Path> directory,
      BackingPath backingPath,
      Function<Hostname, Personalisation> personalisation,
      Optional<Seed.Form> seed) {
    this(
        template,
        version,
        names,
        kind,
        size,
        directory,
        backingPath,
        personalisation,
        seed,
        new Keys(VolumeKeys.none(), MasterKeys.KEPT, Optional.empty()));
  }

  /// Of encrypted volumes.
  ///
  /// @param template what opens the template's
  /// @param master what becomes of the keys they are encrypted by; where they are renewed, a linked
  ///   clone holds all its encrypted data itself
  /// @param passphrase what opens the clones' and nothing else does; the template's if empty
  public record Keys(VolumeKeys template, MasterKeys master, Optional<Passphrase> passphrase) {}

  /// How an overlay names the image below it.
  public enum BackingPath {
    /// Relative to the overlay's directory: both can be moved together.
    RELATIVE,
    /// From the root: the overlay can be moved alone.
    ABSOLUTE
  }
}
