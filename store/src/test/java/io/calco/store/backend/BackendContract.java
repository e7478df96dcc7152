package io.calco.store.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.calco.disk.LimitExceededException;
import io.calco.testkit.Seeds;
import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What every backend does, as [Backend] and its package promise. Two instances on one place stand
/// for two processes.
@Timeout(120)
public abstract class BackendContract {
  private static final int PACK = 33 << 20;

  private Backend backend;
  private Backend other;

  /// Opens the place of this test, which is empty at its beginning; each time another instance.
  protected abstract Backend open() throws IOException;

  /// Objects in a listing that is taken to be long: more than are told at a time.
  protected int many() {
    return 150;
  }

  @BeforeEach
  void openBoth() throws IOException {
    backend = open();
    other = open();
  }

  @AfterEach
  void closeBoth() throws IOException {
    backend.close();
    other.close();
  }

  private static byte[] noise(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private static List<MemorySegment> parts(byte[] content) {
    return List.of(MemorySegment.ofArray(content));
  }

  private static byte[] read(Backend from, String name, long offset, int length)
      throws IOException {
    byte[] bytes = new byte[length];
    from.get(name, offset, MemorySegment.ofArray(bytes));
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 4096, 32_767, 32_768, 300_001, 1 << 20})
  void givesBackWhatWasPut(int length) throws IOException {
    byte[] content = noise(new Random(length), length);
    backend.put("keys/one", parts(content));
    for (Backend any : List.of(backend, other)) {
      assertThat(any.get("keys/one", 1 << 20)).isEqualTo(content);
      assertThat(any.size("keys/one")).isEqualTo(length);
      assertThat(read(any, "keys/one", length / 3, length / 2))
          .isEqualTo(Arrays.copyOfRange(content, length / 3, length / 3 + length / 2));
      assertThat(any.list("keys/")).containsExactly(new StoredObject("keys/one", length));
    }
  }

  /// A pack comes in many parts, from outside the heap, and is read in ranges.
  @Test
  void givesBackRangesOfAPack() {
    Seeds.run(
        1,
        random -> {
          byte[] content = noise(random, PACK + random.nextInt(1000));
          try (Arena arena = Arena.ofShared()) {
            List<MemorySegment> parts = new ArrayList<>();
            int at = 0;
            while (at < content.length) {
              int part = Math.min(content.length - at, 1 + random.nextInt(3 << 20));
              MemorySegment bytes = arena.allocate(part);
              MemorySegment.copy(MemorySegment.ofArray(content), at, bytes, 0, part);
              parts.add(bytes);
              at += part;
            }
            backend.put("packs/ab/pack", parts);
            for (int i = 0; i < 12; i++) {
              int from = random.nextInt(content.length);
              int length = random.nextInt(Math.min(content.length - from, 3 << 20) + 1);
              MemorySegment dst = arena.allocate(Math.max(1, length)).asSlice(0, length);
              other.get("packs/ab/pack", from, dst);
              assertThat(dst.mismatch(MemorySegment.ofArray(content).asSlice(from, length)))
                  .isEqualTo(-1);
            }
          }
        });
  }

  @Test
  void replacesAWholeObject() throws IOException {
    backend.put("roots/a", parts(noise(new Random(1), 5000)));
    byte[] content = noise(new Random(2), 70);
    other.put("roots/a", parts(content));
    assertThat(backend.get("roots/a", 100)).isEqualTo(content);
    assertThat(backend.size("roots/a")).isEqualTo(70);
    assertThat(backend.list("")).containsExactly(new StoredObject("roots/a", 70));
  }

  @Test
  void tellsWhatIsNotThere() throws IOException {
    backend.put("roots/there", parts(new byte[10]));
    for (String name : List.of("roots/not", "none/not", "config")) {
      assertThatThrownBy(() -> backend.get(name, 10)).isInstanceOf(NoSuchFileException.class);
      assertThatThrownBy(() -> read(backend, name, 0, 1)).isInstanceOf(NoSuchFileException.class);
      assertThatThrownBy(() -> backend.size(name)).isInstanceOf(NoSuchFileException.class);
      backend.delete(name);
    }
    assertThat(backend.list("none/")).isEmpty();
    assertThat(backend.get("roots/there", 10)).hasSize(10);
  }

  @Test
  void readsNoMoreThanIsAllowed() throws IOException {
    backend.put("a", parts(new byte[1000]));
    assertThat(backend.get("a", 1000)).hasSize(1000);
    assertThatThrownBy(() -> backend.get("a", 999)).isInstanceOf(LimitExceededException.class);
    assertThat(read(backend, "a", 990, 10)).hasSize(10);
    assertThatThrownBy(() -> read(backend, "a", 990, 11)).isInstanceOf(EOFException.class);
    assertThatThrownBy(() -> read(backend, "a", 5000, 11)).isInstanceOf(EOFException.class);
    assertThat(backend.get("a", 1000)).as("after failures").hasSize(1000);
  }

  @Test
  void listsWhatBeginsWithAPrefix() throws IOException {
    TreeMap<String, Long> wanted = new TreeMap<>();
    String longest = "x/" + "y".repeat(ObjectNames.LENGTH_MAX - 2);
    for (String name :
        List.of("config", "packs/00/a", "packs/00/b", "packs/ff/a.b_c-d", "packs-2/a", longest)) {
      wanted.put(name, (long) name.length());
      backend.put(name, parts(new byte[name.length()]));
    }
    assertThat(listed("")).isEqualTo(wanted);
    assertThat(listed("packs/")).isEqualTo(wanted.subMap("packs/", "packs0"));
    assertThat(listed("packs/00/")).containsOnlyKeys("packs/00/a", "packs/00/b");
    assertThat(listed("pack/")).isEmpty();
    backend.delete("packs/00/a");
    assertThat(listed("packs/00/")).containsOnlyKeys("packs/00/b");
    backend.delete("packs/00/b");
    assertThat(listed("packs/00/")).isEmpty();
    backend.put("packs/00/b", parts(new byte[1]));
    assertThat(listed("packs/00/")).containsOnlyKeys("packs/00/b");
  }

  private SortedMap<String, Long> listed(String prefix) throws IOException {
    TreeMap<String, Long> listed = new TreeMap<>();
    for (StoredObject object : other.list(prefix)) {
      assertThat(listed.put(object.name(), object.size())).as("listed twice").isNull();
    }
    return listed;
  }

  @Test
  void listsMany() throws Exception {
    int many = many();
    int threads = 8;
    List<Callable<Void>> puts = new ArrayList<>();
    for (int thread = 0; thread < threads; thread++) {
      int first = thread;
      puts.add(() -> {
        for (int i = first; i < many; i += threads) {
          backend.put("packs/%02x/%d".formatted(i % 40, i), parts(new byte[0]));
        }
        return null;
      });
    }
    together(puts);
    assertThat(listed("packs/")).hasSize(many);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "/", "a/", "/a", "a//b", ".a", "a/.b", "..", "a/../b", "A", "é", "a b", "a\n"})
  void refusesOtherNames(String name) {
    List<MemorySegment> content = parts(new byte[1]);
    assertThatThrownBy(() -> backend.put(name, content))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> backend.get(name, 1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> read(backend, name, 0, 1))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> backend.size(name)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> backend.delete(name)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesOtherPrefixes() {
    for (String prefix : List.of("packs", "/", "../", "a//")) {
      assertThatThrownBy(() -> backend.list(prefix)).isInstanceOf(IllegalArgumentException.class);
    }
    assertThatThrownBy(() -> backend.size("a".repeat(ObjectNames.LENGTH_MAX + 1)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /// What a put that fails amid its content leaves: nothing, or what was there before.
  @Test
  void leavesNothingOfAPutThatWasCutOff() throws IOException {
    byte[] old = noise(new Random(3), 100);
    backend.put("roots/old", parts(old));
    Arena arena = Arena.ofShared();
    MemorySegment gone = arena.allocate(100);
    arena.close();
    List<MemorySegment> content = List.of(MemorySegment.ofArray(new byte[3 << 20]), gone);
    assertThatThrownBy(() -> backend.put("roots/new", content)).isInstanceOf(Exception.class);
    assertThatThrownBy(() -> backend.put("roots/old", content)).isInstanceOf(Exception.class);
    for (Backend any : List.of(backend, other)) {
      assertThatThrownBy(() -> any.size("roots/new")).isInstanceOf(NoSuchFileException.class);
      assertThat(any.get("roots/old", 100)).isEqualTo(old);
      assertThat(any.list("")).containsExactly(new StoredObject("roots/old", 100));
    }
    backend.put("roots/new", parts(old));
    assertThat(other.get("roots/new", 100)).isEqualTo(old);
  }

  @Test
  void sweepingTakesNoObjectAndNoPutThatRuns() throws Exception {
    AtomicBoolean ended = new AtomicBoolean();
    List<Callable<Void>> work = new ArrayList<>();
    work.add(() -> {
      while (!ended.get()) {
        other.sweep();
      }
      return null;
    });
    work.add(() -> {
      try {
        for (int i = 0; i < 20; i++) {
          backend.put("packs/00/" + i, parts(noise(new Random(i), 200_000)));
        }
      } finally {
        ended.set(true);
      }
      return null;
    });
    together(work);
    assertThat(other.list("packs/")).hasSize(20);
    for (int i = 0; i < 20; i++) {
      assertThat(other.get("packs/00/" + i, 200_000)).isEqualTo(noise(new Random(i), 200_000));
    }
  }

  @Test
  void servesManyAtOnce() throws Exception {
    List<Callable<Void>> work = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      int number = i;
      work.add(() -> {
        byte[] content = noise(new Random(number), 1 + number * 40_000);
        Backend mine = number % 2 == 0 ? backend : other;
        Backend theirs = number % 2 == 0 ? other : backend;
        String name = "packs/%02d/%d".formatted(number % 3, number);
        mine.put(name, parts(content));
        assertThat(theirs.get(name, content.length)).isEqualTo(content);
        assertThat(theirs.list("packs/")).contains(new StoredObject(name, content.length));
        theirs.delete(name);
        assertThatThrownBy(() -> mine.size(name)).isInstanceOf(NoSuchFileException.class);
        return null;
      });
    }
    together(work);
    assertThat(backend.list("")).isEmpty();
  }

  /// Whoever reads while others replace sees one of the objects, whole.
  @Test
  void replacesAtOneStroke() throws Exception {
    int length = 150_000;
    AtomicBoolean ended = new AtomicBoolean();
    backend.put("roots/a", parts(filled(length, 0)));
    List<Callable<Void>> work = new ArrayList<>();
    for (Backend writer : List.of(backend, other)) {
      work.add(() -> {
        try {
          for (int i = 0; i < 25; i++) {
            writer.put("roots/a", parts(filled(length + i, i)));
          }
        } finally {
          ended.set(true);
        }
        return null;
      });
    }
    for (Backend reader : List.of(backend, other)) {
      work.add(() -> {
        do {
          byte[] seen = reader.get("roots/a", 1 << 20);
          assertThat(seen).isEqualTo(filled(seen.length, seen[0]));
          assertThat(seen.length - length).isEqualTo(seen[0]);
          assertThat(reader.list("roots/"))
              .filteredOn(object -> object.name().equals("roots/a"))
              .hasSize(1);
        } while (!ended.get());
        return null;
      });
    }
    together(work);
  }

  private static byte[] filled(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return bytes;
  }

  private static void together(List<Callable<Void>> work) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Void>> all = work.stream().map(threads::submit).toList();
      for (Future<Void> one : all) {
        one.get();
      }
    }
  }

  @Test
  void tellsWhereItIs() {
    assertThat(backend.place()).isNotBlank().doesNotContain("\n").isEqualTo(other.place());
  }
}
