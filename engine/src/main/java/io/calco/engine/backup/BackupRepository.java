package io.calco.engine.backup;

import io.calco.backup.RestorePoint;
import io.calco.backup.RestorePoints;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.repository.Repositories;
import io.calco.engine.repository.RepositoryAddress;
import io.calco.engine.repository.RepositoryOptions;
import io.calco.engine.store.StoreKeys;
import io.calco.engine.store.StoreSecret;
import io.calco.store.NewStore;
import io.calco.store.Store;
import io.calco.store.StoreOptions;
import io.calco.store.backend.Backend;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// A place for restore points: a store, opened.
///
/// Thread rule: safe for several threads at once; [#close] excludes other calls.
public final class BackupRepository implements AutoCloseable {
  /// Names the repository where none is given.
  public static final String VARIABLE = "CALCO_REPO";

  /// Names the file that holds its passphrase.
  public static final String PASSPHRASE_VARIABLE = "CALCO_REPO_PASSPHRASE_FILE";

  private static final String FIRST_LABEL = "first";
  private static final String LATEST = "latest";
  private static final int SHORT_ID = 8;

  private final String address;
  private final Backend backend;
  private final StoreSecret secret;
  private final Store store;
  private final RestorePoints points;

  private BackupRepository(String address, Backend backend, StoreSecret secret, Store store) {
    this.address = address;
    this.backend = backend;
    this.secret = secret;
    this.store = store;
    this.points = new RestorePoints(store);
  }

  /// Opens one.
  ///
  /// @param address as [io.calco.engine.repository.RepositoryAddress] understands it
  /// @param secret stays the caller's to close, after this
  /// @throws OperationException USAGE when the address cannot be understood, NOT_FOUND when there
  ///   is no repository, DENIED when it is encrypted and no secret is given, REFUSED when it is not
  ///   encrypted and one is
  public static BackupRepository open(String address, RepositoryOptions options, StoreSecret secret)
      throws IOException {
    Backend backend;
    try {
      backend = Repositories.open(address, options);
    } catch (NoSuchFileException noPlace) {
      throw none(address);
    }
    try {
      checkSecret(address, Store.isEncrypted(backend), secret);
      Store store = Store.open(backend, secret.key(), StoreOptions.defaults());
      return new BackupRepository(address, backend, secret, store);
    } catch (NoSuchFileException noStore) {
      try (backend) {
        throw none(address);
      }
    } catch (IOException | RuntimeException e) {
      try (backend) {
        throw e;
      }
    }
  }

  private static OperationException none(String address) {
    return new OperationException(
        Kind.NOT_FOUND,
        address + ": there is no repository",
        "make one: calco repo init " + address);
  }

  private static void checkSecret(String address, boolean encrypted, StoreSecret secret) {
    if (encrypted && !secret.given()) {
      throw new OperationException(
          Kind.DENIED,
          address + ": the repository is encrypted, and no passphrase is given",
          "name the file that holds it: --repo-passphrase-file, or " + PASSPHRASE_VARIABLE);
    }
    if (!encrypted && secret.given()) {
      throw new OperationException(
          Kind.REFUSED,
          address + ": the repository is not encrypted, but a passphrase is given for it",
          "a repository is encrypted from its beginning or never");
    }
  }

  /// Makes one: encrypted when there is a secret.
  ///
  /// @param address as for [#open]; a directory need not be there
  /// @throws OperationException REFUSED when there is one already
  public static BackupRepository create(
      String address, RepositoryOptions options, StoreSecret secret) throws IOException {
    try (Backend backend = Repositories.create(RepositoryAddress.parse(address), options)) {
      if (secret.given()) {
        Store.createEncrypted(backend, NewStore.plain(), secret.passphrase(), FIRST_LABEL);
      } else {
        Store.create(backend, NewStore.plain());
      }
    } catch (FileAlreadyExistsException there) {
      throw new OperationException(Kind.REFUSED, address + ": there is a repository already");
    }
    return open(address, options, secret);
  }

  /// Where it is, as it was given.
  public String address() {
    return address;
  }

  /// Whether it is encrypted.
  public boolean isEncrypted() {
    return store.encrypted();
  }

  /// Its keys.
  ///
  /// @throws OperationException REFUSED when it is not encrypted
  public StoreKeys keys() {
    if (!isEncrypted()) {
      throw new OperationException(
          Kind.REFUSED, address + ": the repository is not encrypted, and has no keys");
    }
    return new StoreKeys(store, "calco repo key");
  }

  /// What holds the points.
  public Store store() {
    return store;
  }

  RestorePoints points() {
    return points;
  }

  Backend backend() {
    return backend;
  }

  StoreSecret secret() {
    return secret;
  }

  /// What is needed to read a point in here of a disk that holds these volumes.
  List<String> keys(InstalledSystems installed) {
    List<String> keys = new ArrayList<>(installed.keys());
    if (isEncrypted()) {
      keys.addFirst("repository");
    }
    return keys;
  }

  /// The point that a user means: the beginning of an id that no other has, `latest`,
  /// `machine@latest`, or `machine/disk@latest` of a machine of libvirt's.
  ///
  /// @throws OperationException NOT_FOUND when there is none, USAGE when there are several
  public RestorePoint find(String name) throws IOException {
    RestorePoints.Listing listing = points.list();
    List<RestorePoint> all = listing.points();
    if (name.equals(LATEST) || name.endsWith("@" + LATEST)) {
      String machine = name.equals(LATEST) ? "" : name.substring(0, name.lastIndexOf('@'));
      return all.stream()
          .filter(point -> machine.isEmpty() || isOf(point, machine))
          .reduce((older, newer) -> newer)
          .orElseThrow(() -> noPoint(name, listing));
    }
    String prefix = name.toLowerCase(Locale.ROOT);
    List<RestorePoint> meant =
        all.stream().filter(point -> point.id().toString().startsWith(prefix)).toList();
    if (prefix.isEmpty() || meant.isEmpty()) {
      throw noPoint(name, listing);
    }
    if (meant.size() > 1) {
      throw new OperationException(
          Kind.USAGE,
          "%d restore points begin with %s".formatted(meant.size(), name),
          "write more of it: " + meant.getFirst().id() + ", " + meant.get(1).id() + " …");
    }
    return meant.getFirst();
  }

  private static boolean isOf(RestorePoint point, String machine) {
    return point.machine().equals(machine)
        || point
            .domain()
            .filter(domain -> machine.equals(point.machine() + "/" + domain.target()))
            .isPresent();
  }

  private OperationException noPoint(String name, RestorePoints.Listing listing) {
    String damaged =
        listing.unreadable().isEmpty()
            ? ""
            : "; %d that cannot be read may be it".formatted(listing.unreadable().size());
    return new OperationException(
        Kind.NOT_FOUND,
        "%s: there is no restore point %s%s".formatted(address, name, damaged),
        "see: calco backup list --repo " + address);
  }

  /// As much of a point's id as people need.
  public static String shortId(RestorePoint point) {
    return point.id().toString().substring(0, SHORT_ID);
  }

  /// The address that is given, or the one that the environment names.
  ///
  /// @throws OperationException USAGE when there is neither
  public static String address(Optional<String> given, java.util.Map<String, String> environment) {
    String named = given.orElse(environment.getOrDefault(VARIABLE, ""));
    if (named.isEmpty()) {
      throw new OperationException(
          Kind.USAGE, "no repository is given", "name it: --repo DIR, or " + VARIABLE);
    }
    return named;
  }

  @Override
  public void close() throws IOException {
    try (backend) {
      store.close();
    }
  }
}
