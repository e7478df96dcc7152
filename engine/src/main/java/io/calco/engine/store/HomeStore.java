package io.calco.engine.store;

import io.calco.catalog.BlobUse;
import io.calco.disk.JobContext;
import io.calco.engine.Calco;
import io.calco.engine.Home;
import io.calco.engine.OperationException;
import io.calco.engine.OperationException.Kind;
import io.calco.engine.repository.Repositories;
import io.calco.engine.repository.RepositoryAddress;
import io.calco.engine.repository.RepositoryOptions;
import io.calco.store.CollectionPlan;
import io.calco.store.CollectionReport;
import io.calco.store.CopyReport;
import io.calco.store.NewStore;
import io.calco.store.RebuiltIndex;
import io.calco.store.Root;
import io.calco.store.Store;
import io.calco.store.StoreCensus;
import io.calco.store.StoreCopy;
import io.calco.store.StoreKey;
import io.calco.store.StoreOptions;
import io.calco.store.StoreReport;
import io.calco.store.backend.Backend;
import io.calco.store.backend.LocalDirectory;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// A store in the hands of its owner: that of a home, or another that is named by its address.
/// Everything here works while a server serves it.
///
/// Thread rule: confined.
public final class HomeStore implements AutoCloseable {
  private static final String FIRST_LABEL = "first";

  private final Backend backend;
  private final StoreSecret secret;
  private final StoreKey key;

  private HomeStore(Backend backend, StoreSecret secret) {
    this.backend = backend;
    this.secret = secret;
    this.key = secret.key();
  }

  /// The store of a home.
  ///
  /// @param secret stays the caller's to close
  /// @throws OperationException NOT_FOUND when the home has none yet, DENIED when it is encrypted
  ///   and no secret is given, REFUSED when it is not encrypted and one is
  public static HomeStore of(Home home, StoreSecret secret) throws IOException {
    return in(home.store(), secret)
        .orElseThrow(() ->
            new OperationException(
                Kind.NOT_FOUND,
                home.store() + ": there is no store yet",
                "calco serve makes one, and so does calco store init"));
  }

  /// The store at an address; the caller closes it.
  ///
  /// @param secret stays the caller's to close
  /// @throws OperationException USAGE when the address cannot be understood, and as [#of]
  public static HomeStore at(String address, RepositoryOptions options, StoreSecret secret)
      throws IOException {
    RepositoryAddress place = RepositoryAddress.parse(address);
    Backend backend = Repositories.open(place, options);
    try {
      return on(backend, secret)
          .orElseThrow(() ->
              new OperationException(
                  Kind.NOT_FOUND,
                  place + ": there is no store",
                  "calco store init --store makes one"));
    } catch (IOException | RuntimeException e) {
      backend.close();
      throw e;
    }
  }

  private static Optional<HomeStore> in(Path directory, StoreSecret secret) throws IOException {
    return Files.isDirectory(directory)
        ? on(LocalDirectory.open(directory), secret)
        : Optional.empty();
  }

  private static Optional<HomeStore> on(Backend backend, StoreSecret secret) throws IOException {
    boolean encrypted;
    try {
      encrypted = Store.isEncrypted(backend);
    } catch (NoSuchFileException none) {
      return Optional.empty();
    }
    if (encrypted && !secret.given()) {
      throw new OperationException(
          Kind.DENIED,
          backend.place() + ": the store is encrypted, and no passphrase is given",
          "name the file that holds it: --passphrase-file, or " + StoreSecret.VARIABLE);
    }
    if (!encrypted && secret.given()) {
      throw new OperationException(
          Kind.REFUSED,
          backend.place() + ": the store is not encrypted, but a passphrase is given for it",
          "a store is encrypted from its beginning or never: see calco store init --help");
    }
    return Optional.of(new HomeStore(backend, secret));
  }

  /// Makes a home its store: encrypted when there is a secret.
  ///
  /// @throws OperationException REFUSED when it has one already
  public static HomeStore create(Home home, StoreSecret secret) throws IOException {
    return createOn(LocalDirectory.create(home.store()), secret);
  }

  /// Makes a store at an address: encrypted when there is a secret. The caller closes it.
  ///
  /// @throws OperationException REFUSED when there is one already, USAGE when the address cannot be
  ///   understood
  public static HomeStore createAt(String address, RepositoryOptions options, StoreSecret secret)
      throws IOException {
    Backend backend = Repositories.create(RepositoryAddress.parse(address), options);
    try {
      return createOn(backend, secret);
    } catch (IOException | RuntimeException e) {
      backend.close();
      throw e;
    }
  }

  private static HomeStore createOn(Backend backend, StoreSecret secret) throws IOException {
    try {
      if (secret.given()) {
        Store.createEncrypted(backend, NewStore.plain(), secret.passphrase(), FIRST_LABEL);
      } else {
        Store.create(backend, NewStore.plain());
      }
    } catch (FileAlreadyExistsException there) {
      throw new OperationException(Kind.REFUSED, backend.place() + ": there is a store already");
    }
    return new HomeStore(backend, secret);
  }

  /// The store of a home, made if it is not there.
  ///
  /// @throws OperationException as [#of]
  public static HomeStore ofOrCreate(Home home, StoreSecret secret) throws IOException {
    Optional<HomeStore> there = in(home.store(), secret);
    return there.isPresent() ? there.get() : create(home, secret);
  }

  /// Where it lies.
  public String place() {
    return backend.place();
  }

  /// Whether it is encrypted.
  public boolean isEncrypted() {
    return secret.given(); // else it was refused
  }

  /// Opens it; the caller closes it.
  ///
  /// @throws io.calco.disk.PassphraseException when the secret does not open it
  public Store open() throws IOException {
    return Store.open(backend, key, StoreOptions.defaults());
  }

  /// What it holds and what that takes; reads no content.
  ///
  /// @param calco tells whose content it is
  public StoreStatus status(Calco calco, JobContext job) throws IOException {
    Map<String, StoreHolder> holders = holders(calco);
    return status(root -> true, holders, job);
  }

  /// Likewise what a project's images hold, as if there were no others: what others have tells
  /// nothing here.
  ///
  /// @param projectId the project
  public StoreStatus statusOf(Calco calco, String projectId, JobContext job) throws IOException {
    Map<String, StoreHolder> holders = holders(calco, use -> use.owner().equals(projectId));
    return status(holders::containsKey, holders, job);
  }

  private StoreStatus status(
      Predicate<String> roots, Map<String, StoreHolder> holders, JobContext job)
      throws IOException {
    try (Store store = open()) {
      StoreCensus census = store.census(roots, job);
      List<StoreStatus.Content> contents = new ArrayList<>();
      for (StoreCensus.Cost cost : census.roots()) {
        contents.add(new StoreStatus.Content(holder(holders, cost.root()), cost));
      }
      contents.sort(
          Comparator.comparingLong((StoreStatus.Content content) -> -content.cost().ownBytes())
              .thenComparing(content -> content.holder().text()));
      return new StoreStatus(place(), census, contents);
    }
  }

  private static Map<String, StoreHolder> holders(Calco calco) throws IOException {
    return holders(calco, use -> true);
  }

  private static Map<String, StoreHolder> holders(Calco calco, Predicate<BlobUse> wanted)
      throws IOException {
    Map<String, StoreHolder> holders = new HashMap<>();
    for (BlobUse use : calco.catalog().images().blobUses()) {
      if (wanted.test(use)) {
        holders.putIfAbsent(
            use.blob(), new StoreHolder(use.blob(), Optional.of(use.imageId()), use.name()));
      }
    }
    return holders;
  }

  private static StoreHolder holder(Map<String, StoreHolder> holders, String root) {
    return holders.getOrDefault(root, new StoreHolder(root, Optional.empty(), ""));
  }

  /// Reads everything and compares it with its hashes.
  public StoreVerification verify(Calco calco, JobContext job) throws IOException {
    return told(calco, Store.verify(backend, key, job));
  }

  /// Verifies, and mends what is damaged: the index from the packs, and pieces from another store.
  ///
  /// @param other the address of another store with the same key; also the directory of a home that
  ///   has one
  /// @return what is damaged still
  /// @throws OperationException BUSY when a collection runs
  public StoreVerification repair(
      Calco calco, Optional<String> other, RepositoryOptions options, JobContext job)
      throws IOException {
    if (other.isEmpty()) {
      return told(calco, Store.repair(backend, key, Optional.empty(), job));
    }
    try (HomeStore second = other(other.get(), options);
        Store source = second.open()) {
      return told(calco, Store.repair(backend, key, Optional.of(source), job));
    }
  }

  private HomeStore other(String address, RepositoryOptions options) throws IOException {
    RepositoryAddress place = RepositoryAddress.parse(address);
    if (!(place instanceof RepositoryAddress.Directory directory)) {
      checkOther(place.toString());
      return at(address, options, secret);
    }
    HomeStore second = in(directory.path(), secret).or(() -> inHome(directory.path())).orElse(null);
    if (second == null) {
      throw new OperationException(Kind.NOT_FOUND, place + ": there is no store");
    }
    checkOther(second.place());
    return second;
  }

  private void checkOther(String place) throws IOException {
    boolean same = place.equals(place());
    if (!same && Files.isDirectory(Path.of(place)) && Files.isDirectory(Path.of(place()))) {
      same = Files.isSameFile(Path.of(place), Path.of(place()));
    }
    if (same) {
      throw new OperationException(
          Kind.USAGE, place + ": a store cannot be mended or filled from itself");
    }
  }

  private Optional<HomeStore> inHome(Path place) {
    try {
      return in(new Home(place).store(), secret);
    } catch (IOException e) {
      throw OperationException.of(e);
    }
  }

  /// Copies what another store does not have to it: content, and what it is called.
  ///
  /// @param names of the roots; empty for all
  /// @throws OperationException NOT_FOUND when there is no such root
  public CopyReport copyTo(HomeStore other, Set<String> names, JobContext job) throws IOException {
    checkOther(other.place());
    try (Store from = open();
        Store to = other.open()) {
      return StoreCopy.copy(from, to, wanted(from, names), job);
    }
  }

  /// What [#copyTo] would copy, by name; changes nothing.
  public List<String> planCopy(HomeStore other, Set<String> names) throws IOException {
    checkOther(other.place());
    try (Store from = open();
        Store to = other.open()) {
      return StoreCopy.missing(from, to, wanted(from, names)).stream().map(Root::name).toList();
    }
  }

  private static Predicate<Root> wanted(Store from, Set<String> names) throws IOException {
    for (String name : names) {
      if (from.findRoot(name).isEmpty()) {
        throw new OperationException(
            Kind.NOT_FOUND, "the store has nothing that is called " + name);
      }
    }
    return root -> names.isEmpty() || names.contains(root.name());
  }

  private static StoreVerification told(Calco calco, StoreReport report) throws IOException {
    Map<String, List<StoreReport.Loss>> byRoot = new LinkedHashMap<>();
    for (StoreReport.Loss loss : report.losses()) {
      byRoot.computeIfAbsent(loss.root(), root -> new ArrayList<>()).add(loss);
    }
    Map<String, StoreHolder> holders = byRoot.isEmpty() ? Map.of() : holders(calco);
    List<StoreVerification.Sufferer> sufferers = new ArrayList<>();
    byRoot.forEach((root, losses) -> {
      boolean whole = losses.stream().anyMatch(loss -> loss.length() == 0);
      long bytes = whole ? 0 : losses.stream().mapToLong(StoreReport.Loss::length).sum();
      sufferers.add(new StoreVerification.Sufferer(holder(holders, root), bytes, losses));
    });
    return new StoreVerification(report, sufferers);
  }

  /// Deletes what nothing leads to.
  ///
  /// @throws OperationException BUSY when another collection runs
  public CollectionReport collect(JobContext job) throws IOException {
    try (Store store = open()) {
      return store.collect(job);
    }
  }

  /// What [#collect] would do; changes nothing.
  public CollectionPlan plan(JobContext job) throws IOException {
    try (Store store = open()) {
      return store.planCollection(Set.of(), job);
    }
  }

  /// Writes the index anew from the packs.
  ///
  /// @throws OperationException BUSY when a collection runs
  public RebuiltIndex rebuildIndex(JobContext job) throws IOException {
    return Store.rebuildIndex(backend, key, job);
  }

  /// Does something with its keys.
  ///
  /// @throws OperationException REFUSED when it is not encrypted
  public <T> T withKeys(StoreKeys.Work<T> work) throws IOException {
    try (Store store = openEncrypted()) {
      return work.run(new StoreKeys(store, "calco store key"));
    }
  }

  private Store openEncrypted() throws IOException {
    if (!secret.given()) {
      throw new OperationException(
          Kind.REFUSED, place() + ": the store is not encrypted, and has no keys");
    }
    return open();
  }

  @Override
  public void close() throws IOException {
    backend.close();
  }
}
