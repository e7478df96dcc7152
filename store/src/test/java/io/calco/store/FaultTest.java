package io.calco.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.calco.disk.JobContext;
import io.calco.store.backend.Backend;
import io.calco.store.backend.Retries;
import io.calco.store.backend.RetryingBackend;
import io.calco.store.backend.StoredObject;
import io.calco.store.backend.TransientBackendException;
import io.calco.testkit.Seeds;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.FileSystemException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A store whose backend does everything wrong that one can: no root that was acknowledged is lost,
/// no wrong byte is given, and each failure is told in one line.
@Timeout(60)
class FaultTest {
  private static final Retries RETRIES = new Retries(4, Duration.ofMillis(1), Duration.ofMillis(2));

  /// What goes wrong.
  private enum Fault {
    /// A call now and then fails for the moment.
    FLAKY,
    /// From some call on none is answered.
    STOPS,
    /// Some call fails, and would again.
    ERROR,
    /// A call now and then takes its time.
    SLOW,
    /// Reads give bytes that are others.
    WRONG_BYTES,
    /// Reads of whole objects end early.
    SHORT,
    /// There is no more room.
    FULL
  }

  /// A backend with one fault, which begins at some call and comes now and then.
  private static final class Faulty implements Backend {
    private final Backend sound;
    private final Fault fault;
    private final Random random;
    private long callsLeft;

    Faulty(Backend sound, Fault fault, Random random) {
      this.sound = sound;
      this.fault = fault;
      this.random = new Random(random.nextLong());
      this.callsLeft = random.nextInt(25);
    }

    private synchronized boolean strikes() {
      if (callsLeft > 0) {
        callsLeft--;
        return false;
      }
      return fault == Fault.STOPS || random.nextInt(3) == 0;
    }

    private synchronized int below(int bound) {
      return random.nextInt(bound);
    }

    /// True when what the call gives must be spoilt.
    private boolean call(String name) throws IOException {
      if (!strikes()) {
        return false;
      }
      switch (fault) {
        case FLAKY, STOPS ->
            throw new TransientBackendException("far/" + name, "the server has not answered");
        case ERROR -> throw new FileSystemException("far/" + name, null, "Input/output error");
        case SLOW -> {
          try {
            Thread.sleep(3);
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
        }
        case WRONG_BYTES, SHORT, FULL -> {}
      }
      return fault == Fault.WRONG_BYTES || fault == Fault.SHORT;
    }

    @Override
    public String place() {
      return "far";
    }

    @Override
    public void put(String name, List<MemorySegment> content) throws IOException {
      if (fault == Fault.FULL && strikes()) {
        throw new FileSystemException("far/" + name, null, "No space left on device");
      }
      call(name);
      sound.put(name, content);
    }

    @Override
    public byte[] get(String name, int max) throws IOException {
      boolean spoilt = call(name);
      byte[] bytes = sound.get(name, max);
      if (spoilt && bytes.length > 0) {
        if (fault == Fault.SHORT) {
          return Arrays.copyOf(bytes, below(bytes.length));
        }
        bytes[below(bytes.length)] ^= (byte) (1 + below(255));
      }
      return bytes;
    }

    @Override
    public void get(String name, long offset, MemorySegment dst) throws IOException {
      boolean spoilt = call(name);
      sound.get(name, offset, dst);
      if (spoilt && dst.byteSize() > 0) {
        long at = below((int) dst.byteSize());
        byte other = (byte) (dst.get(ValueLayout.JAVA_BYTE, at) ^ (1 + below(255)));
        dst.set(ValueLayout.JAVA_BYTE, at, other);
      }
    }

    @Override
    public long size(String name) throws IOException {
      call(name);
      return sound.size(name);
    }

    @Override
    public List<StoredObject> list(String prefix) throws IOException {
      call(prefix);
      return sound.list(prefix);
    }

    @Override
    public void delete(String name) throws IOException {
      call(name);
      sound.delete(name);
    }

    @Override
    public void sweep() throws IOException {
      sound.sweep();
    }

    @Override
    public void close() {}
  }

  @Test
  void nothingIsLostAndNothingWrong() {
    Seeds.run(
        12,
        random -> {
          for (Fault fault : Fault.values()) {
            FaultyBackend objects = new FaultyBackend();
            Stores.create(objects).close();
            Map<String, byte[]> acknowledged = new HashMap<>();
            Backend far = RetryingBackend.owning(new Faulty(objects, fault, random), RETRIES);
            try (Store store = Store.open(far, StoreKey.none(), StoreOptions.defaults())) {
              work(store, random, acknowledged);
            } catch (IOException e) {
              isOneLine(fault, e);
            }
            assertThat(Store.verify(objects, StoreKey.none(), JobContext.SILENT).losses())
                .as(fault.name())
                .isEmpty();
            try (Store store = Store.open(objects, StoreKey.none(), StoreOptions.defaults())) {
              for (Map.Entry<String, byte[]> kept : acknowledged.entrySet()) {
                Root root = store.findRoot(kept.getKey()).orElseThrow();
                assertThat(Stores.read(store, root)).as(fault.name()).isEqualTo(kept.getValue());
              }
            }
          }
        });
  }

  private static void work(Store store, Random random, Map<String, byte[]> acknowledged) {
    for (int i = 0; i < 4; i++) {
      byte[] content = Stores.content(random, 60_000);
      String name = "disk " + i;
      try {
        Stores.add(store, name, Stores.disk(content));
        acknowledged.put(name, content);
        if (random.nextInt(3) == 0) {
          store.collect(JobContext.SILENT);
        }
      } catch (IOException e) {
        isOneLine(Fault.ERROR, e);
      }
      for (Map.Entry<String, byte[]> kept : acknowledged.entrySet()) {
        try {
          var root = store.findRoot(kept.getKey());
          if (root.isPresent()) {
            assertThat(Stores.read(store, root.get())).isEqualTo(kept.getValue());
          }
        } catch (IOException e) {
          isOneLine(Fault.ERROR, e);
        }
      }
    }
  }

  private static void isOneLine(Fault fault, IOException told) {
    assertThat(told.getMessage()).as(fault.name()).isNotBlank().doesNotContain("\n");
  }
}
