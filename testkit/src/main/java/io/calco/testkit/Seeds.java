package io.calco.testkit;

import java.util.Random;
import java.util.SplittableRandom;
import org.opentest4j.TestAbortedException;

/// Random tests that can be had again.
///
/// ```java
/// Seeds.run(100, random -> { … });
/// ```
///
/// The seeds are the same in every run, so that a change is judged by what it changed;
/// `-Dcalco.seed=fresh` (of Maven, or of `./test`) looks where nobody has looked yet. A failure
/// names its seed, and `-Dcalco.seed=0x…` makes every random test run that seed alone.
public final class Seeds {
  private static final String PROPERTY = "calco.seed";
  private static final String FRESH = "fresh";
  private static final long USUAL = 20261121;

  private Seeds() {}

  /// A test's body.
  @FunctionalInterface
  public interface Body {
    /// Runs with the numbers of one seed.
    void run(Random random) throws Exception;
  }

  /// Runs the body with `count` seeds, or with the one asked for.
  ///
  /// @throws AssertionError at the first failure, with its seed and the failure as its cause
  public static void run(int count, Body body) {
    String asked = System.getProperty(PROPERTY, "");
    boolean fresh = asked.equals(FRESH);
    if (!asked.isEmpty() && !fresh) {
      runOne(Long.decode(asked), body);
      return;
    }
    var seeds = fresh ? new SplittableRandom() : new SplittableRandom(USUAL);
    for (int i = 0; i < count; i++) {
      runOne(seeds.nextLong(Long.MAX_VALUE), body);
    }
  }

  private static void runOne(long seed, Body body) {
    try {
      body.run(new Random(seed));
    } catch (TestAbortedException e) {
      throw e;
    } catch (Exception | AssertionError e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw new AssertionError(
          "seed 0x%x (again with -D%s=0x%x): %s".formatted(seed, PROPERTY, seed, e), e);
    }
  }
}
