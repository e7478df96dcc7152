package io.calco.store;

import io.calco.disk.ThreadEnd;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;

/// Chunks of one image on their way through the [Workers], whose identities go to the map in the
/// order of the image. Confined.
final class OrderedChunks implements AutoCloseable {
  private record Step(long holes, Future<ChunkId> chunk) {}

  private final Workers workers;
  private final MapBuilder map;
  private final ArrayDeque<Step> steps = new ArrayDeque<>();
  private long holes;

  OrderedChunks(Workers workers, MapBuilder map) {
    this.workers = workers;
    this.map = map;
  }

  void addHoles(long count) {
    holes += count;
  }

  void add(Callable<ChunkId> chunk) throws IOException {
    makeRoom();
    put(workers.submit(chunk));
  }

  /// The next chunk, which is stored already.
  void add(ChunkId chunk) throws IOException {
    makeRoom();
    put(CompletableFuture.completedFuture(chunk));
  }

  private void makeRoom() throws IOException {
    while (steps.size() >= Workers.PLACES || !steps.isEmpty() && steps.peek().chunk.isDone()) {
      takeOldest();
    }
  }

  private void put(Future<ChunkId> chunk) {
    steps.add(new Step(holes, chunk));
    holes = 0;
  }

  private void takeOldest() throws IOException {
    Step oldest = steps.remove();
    map.addHoles(oldest.holes);
    map.add(ThreadEnd.result(oldest.chunk));
  }

  /// Returns when all are in the map.
  void finish() throws IOException {
    while (!steps.isEmpty()) {
      takeOldest();
    }
    map.addHoles(holes);
    holes = 0;
  }

  /// Waits for what is under way, after a failure.
  @Override
  public void close() {
    for (Step step : steps) {
      Workers.settle(step.chunk);
    }
  }
}
