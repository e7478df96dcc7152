package io.calco.engine.repository;

import io.calco.engine.repository.RepositoryAddress.Directory;
import io.calco.engine.repository.RepositoryAddress.Remote;
import io.calco.engine.repository.RepositoryAddress.S3;
import io.calco.engine.repository.RepositoryAddress.Sftp;
import io.calco.engine.repository.RepositoryAddress.Smb;
import io.calco.engine.repository.remote.RemoteRepository;
import io.calco.ssh.SshLogin;
import io.calco.store.backend.Backend;
import io.calco.store.backend.LocalDirectory;
import io.calco.store.backend.RetryingBackend;
import io.calco.store.s3.S3Bucket;
import io.calco.store.s3.S3Place;
import io.calco.store.sftp.SftpDirectory;
import io.calco.store.sftp.SftpPlace;
import io.calco.store.smb.SmbDirectory;
import io.calco.store.smb.SmbPlace;
import java.io.IOException;

/// Opens the place that an address names: what a [io.calco.store.Store] is opened or made on.
///
/// ```java
/// try (Backend backend = Repositories.open("sftp://ana@nas/srv/calco", options);
///     Store store = Store.open(backend, key, StoreOptions.defaults())) {
/// ```
///
/// Thread rule: safe for several threads at once; so is what is opened.
public final class Repositories {
  private Repositories() {}

  /// Whether a directory is made that is not there.
  private enum Missing {
    REFUSED,
    MADE
  }

  /// Opens a place that is there. The caller closes it.
  ///
  /// @throws io.calco.engine.OperationException USAGE when the address cannot be understood
  /// @throws java.nio.file.NoSuchFileException when there is no such directory, share or bucket
  /// @throws java.nio.file.AccessDeniedException when it lets nobody in with what there is
  /// @throws io.calco.store.backend.TransientBackendException when it cannot be reached
  public static Backend open(String address, RepositoryOptions options) throws IOException {
    return open(RepositoryAddress.parse(address), options);
  }

  /// As [#open(String, RepositoryOptions)].
  public static Backend open(RepositoryAddress address, RepositoryOptions options)
      throws IOException {
    return retrying(at(address, options, Missing.REFUSED), options);
  }

  /// As [#open(String, RepositoryOptions)]; a directory that is not there is made, with those above
  /// it. Shares and buckets are for others to make.
  public static Backend create(RepositoryAddress address, RepositoryOptions options)
      throws IOException {
    return retrying(at(address, options, Missing.MADE), options);
  }

  private static Backend retrying(Backend backend, RepositoryOptions options) {
    return RetryingBackend.owning(backend, options.retries());
  }

  // Each in a method of its own, so that a client's classes are loaded when it is asked for.
  private static Backend at(RepositoryAddress address, RepositoryOptions options, Missing missing)
      throws IOException {
    return switch (address) {
      case Directory directory -> local(directory, options, missing);
      case Sftp sftp -> sftp(sftp, options, missing);
      case S3 s3 -> s3(s3, options);
      case Smb smb -> smb(smb, options, missing);
      case Remote remote -> remote(remote, options, missing);
    };
  }

  private static Backend local(Directory at, RepositoryOptions options, Missing missing)
      throws IOException {
    LocalDirectory directory =
        missing == Missing.MADE ? LocalDirectory.create(at.path()) : LocalDirectory.open(at.path());
    return directory.withRate(options.rate());
  }

  private static Backend sftp(Sftp at, RepositoryOptions options, Missing missing)
      throws IOException {
    SshLogin login =
        new SshLogin(options.sshDirectory(), at.identity(), at.passwordFile(), at.fingerprint());
    SftpPlace place = new SftpPlace(at.user(), at.host(), at.port(), at.path(), login);
    return missing == Missing.MADE
        ? SftpDirectory.create(place, options.rate())
        : SftpDirectory.open(place, options.rate());
  }

  private static Backend s3(S3 at, RepositoryOptions options) throws IOException {
    S3Place place =
        new S3Place(at.bucket(), at.prefix(), at.endpoint(), at.region(), at.profile(), at.lock());
    return S3Bucket.open(place, options.rate());
  }

  private static Backend smb(Smb at, RepositoryOptions options, Missing missing)
      throws IOException {
    SmbPlace place =
        new SmbPlace(at.user(), at.host(), at.port(), at.share(), at.path(), at.credentials());
    return missing == Missing.MADE
        ? SmbDirectory.create(place, options.rate())
        : SmbDirectory.open(place, options.rate());
  }

  private static Backend remote(Remote at, RepositoryOptions options, Missing missing)
      throws IOException {
    return missing == Missing.MADE
        ? RemoteRepository.create(at.place(), options.rate())
        : RemoteRepository.open(at.place(), options.rate());
  }
}
