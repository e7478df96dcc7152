package io.calco.store;

import io.calco.disk.CorruptImageException;
import io.calco.disk.DiskException;
import io.calco.store.backend.Backend;
import io.calco.store.backend.StoredObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// The roots in the store. A root of a session that was given up for dead counts only if it was
/// there when the session was: see the package.
///
/// Thread rule: safe for several threads at once.
final class Roots {
  private final Backend backend;
  private final StoreCipher cipher;

  Roots(Backend backend, StoreCipher cipher) {
    this.backend = backend;
    this.cipher = cipher;
  }

  void put(Root root) throws IOException {
    Envelope.ROOT.put(backend, cipher, Root.object(cipher, root.name()), root.encode());
  }

  /// Removes a root if it is still this one.
  void remove(Root root) throws IOException {
    Optional<Root> now = read(Root.object(cipher, root.name()));
    if (now.isPresent() && now.get().id().equals(root.id())) {
      backend.delete(Root.object(cipher, root.name()));
    }
  }

  void remove(String name) throws IOException {
    backend.delete(Root.object(cipher, name));
  }

  void removeAll(Collection<String> names) throws IOException {
    backend.deleteAll(names.stream().map(name -> Root.object(cipher, name)).toList());
  }

  Optional<Root> find(String name) throws IOException {
    Optional<Root> root = read(Root.object(cipher, name));
    return root.isPresent() && counts(root.get(), new HashMap<>()) ? root : Optional.empty();
  }

  /// The root in an object of this name; empty when there is none that counts.
  Optional<Root> get(String object) throws IOException {
    Optional<Root> root = read(object);
    return root.isPresent() && counts(root.get(), new HashMap<>()) ? root : Optional.empty();
  }

  /// Throws when the object is there and not as it was written, whether or not it counts.
  void checkReadable(String object) throws IOException {
    if (read(object).isEmpty()) {
      throw new NoSuchFileException(object, null, "there is no such root");
    }
  }

  /// All roots that count.
  ///
  /// @throws CorruptImageException when one cannot be read
  List<Root> all() throws IOException {
    RootSurvey survey = survey();
    if (!survey.damages().isEmpty()) {
      throw new CorruptImageException(survey.damages().getFirst().what());
    }
    return survey.roots();
  }

  /// All roots that count, and what is damaged of them. A root of whose session the end cannot be
  /// read is among the damages: nobody can say whether it counts.
  RootSurvey survey() throws IOException {
    List<Root> read = new ArrayList<>();
    List<StoreReport.Damage> damages = new ArrayList<>();
    for (StoredObject object : backend.list(Root.PREFIX)) {
      try {
        read(object.name()).ifPresent(read::add);
      } catch (DiskException e) {
        damages.add(new StoreReport.Damage(object.name(), String.valueOf(e.getMessage())));
      }
    }
    // Listed after the roots were read: none that ended before is missed.
    Set<String> ended = new HashSet<>();
    backend.list(Session.ENDED).forEach(object -> ended.add(object.name()));
    List<Root> roots = new ArrayList<>();
    Map<UUID, Optional<Set<UUID>>> ends = new HashMap<>();
    for (Root root : read) {
      String end = Session.endObject(root.session());
      try {
        if (!ended.contains(end) || counts(root, ends)) {
          roots.add(root);
        }
      } catch (DiskException e) {
        damages.add(new StoreReport.Damage(end, String.valueOf(e.getMessage())));
      }
    }
    return new RootSurvey(roots, damages);
  }

  private boolean counts(Root root, Map<UUID, Optional<Set<UUID>>> ends) throws IOException {
    Optional<Set<UUID>> kept = ends.get(root.session());
    if (kept == null) {
      kept = readEnd(root.session());
      ends.put(root.session(), kept);
    }
    return kept.isEmpty() || kept.get().contains(root.id());
  }

  private Optional<Root> read(String object) throws IOException {
    try {
      Root root = Envelope.ROOT.read(backend, cipher, object, Root::decode);
      if (!Root.object(cipher, root.name()).equals(object)) {
        throw new CorruptImageException(
            "%s/%s: holds the root of another name".formatted(backend.place(), object));
      }
      return Optional.of(root);
    } catch (NoSuchFileException none) {
      return Optional.empty();
    }
  }

  /// Which roots of a session count, when it was given up for dead; empty when all do.
  private Optional<Set<UUID>> readEnd(UUID session) throws IOException {
    try {
      return Envelope.TOMBSTONE.read(backend, cipher, Session.endObject(session), Roots::decodeEnd);
    } catch (NoSuchFileException none) {
      return Optional.empty();
    }
  }

  private static Optional<Set<UUID>> decodeEnd(ByteBuffer body) {
    boolean closed = body.get() == 1;
    Set<UUID> kept = new HashSet<>();
    int count = body.getInt();
    for (int i = 0; i < count; i++) {
      kept.add(Root.getUuid(body));
    }
    return closed ? Optional.of(kept) : Optional.empty();
  }

  /// Gives a session up for dead: what roots it has now count, what it may still put does not.
  void endSession(UUID session) throws IOException {
    putEnd(session, false, Set.of());
    Set<UUID> kept = new HashSet<>();
    for (Root root : all()) {
      if (root.session().equals(session)) {
        kept.add(root.id());
      }
    }
    putEnd(session, true, kept);
    backend.delete(Session.PREFIX + session);
  }

  private void putEnd(UUID session, boolean closed, Set<UUID> kept) throws IOException {
    ByteBuffer body = Envelope.body(1 + 4 + 16 * kept.size());
    body.put((byte) (closed ? 1 : 0)).putInt(kept.size());
    kept.forEach(id -> Root.putUuid(body, id));
    Envelope.TOMBSTONE.put(backend, cipher, Session.endObject(session), body);
  }
}
