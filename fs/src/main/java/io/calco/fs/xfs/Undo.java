package io.calco.fs.xfs;

import java.util.ArrayDeque;
import java.util.Deque;

/// How to undo what an operation changed in memory, last change first.
final class Undo {
  private final Deque<Runnable> steps = new ArrayDeque<>();

  void add(Runnable step) {
    steps.push(step);
  }

  void forget() {
    steps.clear();
  }

  void undo() {
    while (!steps.isEmpty()) {
      steps.pop().run();
    }
  }
}
