package io.calco.store;

import io.calco.disk.DiskException;
import io.calco.store.backend.Backend;
import io.calco.store.backend.StoredObject;
import io.calco.sys.ProcessMark;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/// Who may still add to a store, and who collects it: the sessions that lie in it.
///
/// Thread rule: safe for several threads at once.
final class LiveSessions {
  /// A session of a machine that we cannot ask is dead when it showed no life for so long.
  static final Duration SILENCE = Duration.ofHours(24);

  private final Backend backend;
  private final StoreCipher cipher;
  private final Instant now;

  LiveSessions(Backend backend, StoreCipher cipher, Instant now) {
    this.backend = backend;
    this.cipher = cipher;
    this.now = now;
  }

  /// The sessions that may still commit. Those of processes that have ended are removed.
  ///
  /// @throws DiskException when one cannot be read: it may be alive
  Map<UUID, Session> find() throws IOException {
    return find(damaged -> {
      throw damaged;
    });
  }

  /// What is done about a session that cannot be read.
  interface DamageSink {
    void accept(DiskException damaged) throws IOException;
  }

  /// As [#find()].
  Map<UUID, Session> find(DamageSink sink) throws IOException {
    Map<UUID, Session> live = new HashMap<>();
    for (StoredObject object : backend.list(Session.PREFIX)) {
      try {
        Session session = Envelope.SESSION.read(backend, cipher, object.name(), Session::decode);
        if (state(session) == ProcessMark.State.ENDED) {
          backend.delete(object.name());
        } else {
          live.put(session.id(), session);
        }
      } catch (NoSuchFileException ended) {
        // Between the listing and now.
      } catch (DiskException e) {
        sink.accept(e);
      }
    }
    return live;
  }

  /// Throws when another moves or deletes packs. Two that begin at the same time see each other,
  /// and both give way.
  void checkAlone(UUID own) throws IOException {
    checkAlone(own, find());
  }

  private void checkAlone(UUID own, Map<UUID, Session> live) throws IOException {
    for (Session session : live.values()) {
      boolean silent = Duration.between(session.beaten(), now).compareTo(SILENCE) > 0;
      if (session.purpose() == Session.Purpose.COLLECTION
          && !session.id().equals(own)
          && !(silent && state(session) == ProcessMark.State.UNKNOWN)) {
        throw new StoreBusyException(
            "%s: another collection or repair is running (process %s)"
                .formatted(backend.place(), session.mark()));
      }
    }
  }

  /// As [#checkAlone], but passing over sessions that cannot be read.
  void checkAloneSoFar(UUID own) throws IOException {
    checkAlone(own, find(damaged -> {}));
  }

  /// What is known of a session's process.
  static ProcessMark.State state(Session session) {
    return ProcessMark.parse(session.mark())
        .map(ProcessMark::state)
        .orElse(ProcessMark.State.UNKNOWN);
  }
}
