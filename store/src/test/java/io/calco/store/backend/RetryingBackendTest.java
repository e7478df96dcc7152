package io.calco.store.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A backend that fails for the moment, every third time it is asked, keeps the contract when it is
/// tried again.
class RetryingBackendTest extends BackendContract {
  private static final Retries RETRIES =
      new Retries(30, Duration.ofMillis(1), Duration.ofMillis(2));

  @TempDir private Path directory;

  @Override
  protected Backend open() throws IOException {
    return RetryingBackend.owning(failing(3), RETRIES);
  }

  private final AtomicInteger calls = new AtomicInteger();

  /// Fails at each `nth` call, after it was done.
  private Backend failing(int nth) throws IOException {
    Backend local = LocalDirectory.create(directory.resolve("store"));
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (proxy, method, arguments) -> call(local, method, arguments, nth));
  }

  private Object call(Backend local, Method method, Object[] arguments, int nth) throws Throwable {
    Object answer;
    try {
      answer = method.invoke(local, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
    boolean free = method.getName().equals("place") || method.getName().equals("close");
    if (!free && calls.incrementAndGet() % nth == 0) {
      throw new TransientBackendException("there", "the line was cut");
    }
    return answer;
  }

  @Test
  void givesUpAfterAWhile() throws IOException {
    Backend backend = RetryingBackend.owning(failing(1), RETRIES);
    assertThatThrownBy(() -> backend.list(""))
        .isInstanceOf(TransientBackendException.class)
        .hasMessage("there: the line was cut; tried 30 times in 0 s");
    assertThat(calls).hasValue(30);
    backend.close();
  }

  @Test
  void takesOtherFailuresAsTheyAre() throws IOException {
    Backend backend = RetryingBackend.owning(failing(1), RETRIES);
    assertThatThrownBy(() -> backend.get("none", 1)).isInstanceOf(NoSuchFileException.class);
    assertThat(calls).hasValue(0);
    assertThatThrownBy(() -> backend.put("A", List.of(MemorySegment.ofArray(new byte[1]))))
        .isInstanceOf(IllegalArgumentException.class);
    backend.close();
  }

  @Test
  void waitsLongerEachTime() {
    Retries retries = Retries.defaults();
    assertThat(retries.pause(1, 0.5)).isEqualTo(Duration.ofMillis(500));
    assertThat(retries.pause(2, 0)).isEqualTo(Duration.ofMillis(750));
    assertThat(retries.pause(4, 0.5)).isEqualTo(Duration.ofSeconds(4));
    assertThat(retries.pause(70, 0.999)).isLessThan(Duration.ofSeconds(38));
  }

  /// A method that is added to [Backend] is not forgotten here.
  @Test
  void triesEveryCallAgain() {
    for (Method method : Backend.class.getMethods()) {
      assertThat(List.of(RetryingBackend.class.getDeclaredMethods()))
          .anySatisfy(own -> {
            assertThat(own.getName()).isEqualTo(method.getName());
            assertThat(own.getParameterTypes()).isEqualTo(method.getParameterTypes());
          });
    }
  }
}
