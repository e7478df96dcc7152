package io.calco.engine.backup.served;

import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.repository.RepositoryAddress;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What a server may do with backups.
///
/// @param repositories which it knows, in the order in which they are shown
/// @param directories in which restores may make and overwrite files
/// @param devices whether restores may write to disks of the host that nobody uses
/// @param sources disks, and directories of disks and image files, that plans made there may back
///   up
public record BackupSettings(
    List<Known> repositories, List<Path> directories, Devices devices, List<Path> sources) {

  /// Copies the lists.
  ///
  /// @throws OperationException USAGE when two repositories have one name
  public BackupSettings {
    repositories = List.copyOf(repositories);
    directories = directories.stream().map(path -> path.toAbsolutePath().normalize()).toList();
    sources = sources.stream().map(path -> path.toAbsolutePath().normalize()).toList();
    Set<String> names = new HashSet<>();
    for (Known each : repositories) {
      if (!names.add(each.name())) {
        throw new OperationException(
            Kind.USAGE, "two repositories are called \"%s\"".formatted(each.name()));
      }
    }
  }

  /// Whether restores may write to disks of the host that nobody uses.
  public enum Devices {
    REFUSED,
    UNUSED
  }

  /// A repository.
  ///
  /// @param name as people call it: 1 to 40 small letters, digits, `-`, `_` and `.`
  /// @param address as [RepositoryAddress] understands it
  /// @param keyFile holds its passphrase or recovery key
  public record Known(String name, String address, Optional<Path> keyFile) {
    /// Checks name and address.
    ///
    /// @throws OperationException USAGE when one cannot be understood
    public Known {
      if (!name.matches("[a-z0-9][a-z0-9._-]{0,39}")) {
        throw new OperationException(
            Kind.USAGE,
            "a repository's name is 1 to 40 small letters, digits, '-', '_' and '.', and begins with"
                + " a letter or digit");
      }
      RepositoryAddress.parse(address);
    }

    /// Where it lies, without what only the server needs to know: files of keys, fingerprints.
    public String place() {
      return RepositoryAddress.parse(address).toString();
    }
  }

  /// No repositories, and nowhere to restore to.
  public static BackupSettings none() {
    return new BackupSettings(List.of(), List.of(), Devices.REFUSED, List.of());
  }
}
