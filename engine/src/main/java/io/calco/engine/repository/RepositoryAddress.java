package io.calco.engine.repository;

import io.calco.engine.OperationException;
import io.calco.engine.repository.remote.RemotePlace;
import io.calco.engine.repository.remote.RemotePlace.Link;
import io.calco.store.s3.ObjectLock;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/// Where a store lies. None holds a secret; `toString` is the address again, without the options.
public sealed interface RepositoryAddress {

  /// Takes an address apart.
  ///
  /// @throws OperationException of kind USAGE when it cannot be understood, or has a secret in it;
  ///   says which part is wrong and never what stands there
  static RepositoryAddress parse(String text) {
    return new AddressText(text).parse();
  }

  /// A directory of this machine.
  ///
  /// @param path as it was given
  record Directory(Path path) implements RepositoryAddress {
    @Override
    public String toString() {
      return path.toString();
    }
  }

  /// A directory of an SSH server.
  ///
  /// @param user whom to log in as
  /// @param host a name or address, an IPv6 address without brackets
  /// @param port 1 to 65535
  /// @param path from `/` on, or from where the server puts the user
  /// @param fingerprint of the server's key, `SHA256:…`
  /// @param identity the file of a private key
  /// @param passwordFile the file of a password
  record Sftp(
      String user,
      String host,
      int port,
      String path,
      Optional<String> fingerprint,
      Optional<Path> identity,
      Optional<Path> passwordFile)
      implements RepositoryAddress {
    @Override
    public String toString() {
      return AddressText.server("sftp", user, host, port, AddressText.SSH_PORT)
          + (path.startsWith("/") ? "" : "/~/")
          + path;
    }
  }

  /// The objects of a bucket whose keys begin with a prefix.
  ///
  /// @param prefix without `/` at either end; empty for the whole bucket
  /// @param endpoint of a service that is not Amazon's
  /// @param region empty for the one that the settings of the AWS tools name
  /// @param profile of these settings, whose credentials are used
  /// @param lock how objects are locked
  record S3(
      String bucket,
      String prefix,
      Optional<URI> endpoint,
      Optional<String> region,
      Optional<String> profile,
      Optional<ObjectLock> lock)
      implements RepositoryAddress {
    @Override
    public String toString() {
      return "s3://" + bucket + (prefix.isEmpty() ? "" : "/" + prefix);
    }
  }

  /// A directory of a share of a Windows or Samba server.
  ///
  /// @param user whom to log in as
  /// @param host a name or address, an IPv6 address without brackets
  /// @param port 1 to 65535
  /// @param path in the share, without `/` at either end; empty for all of it
  /// @param credentials a file with `password=…` in it, as mount.cifs takes it
  record Smb(String user, String host, int port, String share, String path, Path credentials)
      implements RepositoryAddress {
    @Override
    public String toString() {
      return AddressText.server("smb", user, host, port, AddressText.SMB_PORT)
          + "/"
          + share
          + (path.isEmpty() ? "" : "/" + path);
    }
  }

  /// A repository that another Calco keeps.
  ///
  /// @param host a name or address, an IPv6 address without brackets
  /// @param port 1 to 65535
  /// @param name of the repository
  /// @param link whether what passes is encrypted
  /// @param authorities the file of certificates that vouch for the server
  /// @param credentials the file that says who logs in; empty for the environment
  record Remote(
      String host,
      int port,
      String name,
      Link link,
      Optional<Path> authorities,
      Optional<Path> credentials)
      implements RepositoryAddress {
    RemotePlace place() {
      return new RemotePlace(host, port, name, link, authorities, credentials);
    }

    @Override
    public String toString() {
      return place().toString();
    }
  }
}
