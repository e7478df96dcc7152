package io.calco.store;

import io.calco.disk.CorruptImageException;
import io.calco.store.backend.Backend;
import io.calco.store.backend.StoredObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/// Packs that a collection means to delete, and whom it waits for.
///
/// @param object the list's name
/// @param packs the packs' names
/// @param awaited the sessions that may have chosen pieces of these packs before the list was
///   there, each with its beat when the collection looked; empty and not `complete` until it looked
/// @param complete whether `awaited` is known
/// @param looked when, by the collector's clock
record Condemned(
    String object, Set<ChunkId> packs, Map<UUID, Long> awaited, boolean complete, Instant looked) {
  static final String PREFIX = "condemned/";

  Condemned {
    packs = Set.copyOf(packs);
    awaited = Map.copyOf(awaited);
  }

  static Condemned of(Set<ChunkId> packs, Instant now) {
    return new Condemned(PREFIX + UUID.randomUUID(), packs, Map.of(), false, now);
  }

  Condemned awaiting(Map<UUID, Long> sessions, Instant now) {
    return new Condemned(object, packs, sessions, true, now);
  }

  Condemned without(Set<ChunkId> spared) {
    Set<ChunkId> rest = new LinkedHashSet<>(packs);
    rest.removeAll(spared);
    return new Condemned(object, rest, awaited, complete, looked);
  }

  void put(Backend backend, StoreCipher cipher) throws IOException {
    ByteBuffer body =
        Envelope.body(1 + 8 + 4 + awaited.size() * 24 + 4 + packs.size() * ChunkId.BYTES);
    body.put((byte) (complete ? 1 : 0)).putLong(looked.toEpochMilli()).putInt(awaited.size());
    awaited.forEach((session, beat) -> {
      Root.putUuid(body, session);
      body.putLong(beat);
    });
    body.putInt(packs.size());
    for (ChunkId pack : packs) {
      byte[] name = new byte[ChunkId.BYTES];
      pack.write(name, 0);
      body.put(name);
    }
    Envelope.CONDEMNED.put(backend, cipher, object, body);
  }

  private static Condemned decode(String object, ByteBuffer body) {
    boolean complete = body.get() == 1;
    Instant looked = Instant.ofEpochMilli(body.getLong());
    Map<UUID, Long> awaited = new LinkedHashMap<>();
    int sessions = body.getInt();
    for (int i = 0; i < sessions; i++) {
      UUID session = Root.getUuid(body);
      awaited.put(session, body.getLong());
    }
    Set<ChunkId> packs = new LinkedHashSet<>();
    int count = body.getInt();
    for (int i = 0; i < count; i++) {
      byte[] name = new byte[ChunkId.BYTES];
      body.get(name);
      packs.add(ChunkId.read(name, 0));
    }
    return new Condemned(object, packs, awaited, complete, looked);
  }

  /// What is done about a list that is damaged.
  interface DamageSink {
    void accept(String object, CorruptImageException damaged) throws IOException;
  }

  /// All lists there are.
  static List<Condemned> readAll(Backend backend, StoreCipher cipher) throws IOException {
    return readAll(
        backend,
        cipher,
        (_, damaged) -> {
          throw damaged;
        });
  }

  /// All lists there are that can be read.
  static List<Condemned> readAll(Backend backend, StoreCipher cipher, DamageSink sink)
      throws IOException {
    List<Condemned> lists = new ArrayList<>();
    for (StoredObject object : backend.list(PREFIX)) {
      try {
        lists.add(
            Envelope.CONDEMNED.read(
                backend, cipher, object.name(), body -> decode(object.name(), body)));
      } catch (NoSuchFileException deletedMeanwhile) {
        // Its packs are gone, and so is the index of them.
      } catch (CorruptImageException damaged) {
        sink.accept(object.name(), damaged);
      }
    }
    return lists;
  }

  static Set<ChunkId> packsOf(List<Condemned> lists) {
    Set<ChunkId> packs = new LinkedHashSet<>();
    lists.forEach(list -> packs.addAll(list.packs));
    return packs;
  }
}
