/// Helpers for tests, in test scope only; none of them knows a class of Calco's.
///
/// - [Oracle]: another program that knows the truth (`qemu-img`, `e2fsck`), run and asserted on.
/// - [ProcessEnd]: the end of a process that a test started.
/// - [Seeds]: random tests that say which seed failed, and take it back.
/// - [TestCache]: files that take long to make, made once per machine.
/// - [Shared]: samples and guest builders in the folder `shared` beside the repository.
///
/// What is missing skips a test with a word why; with `CI=true` a missing oracle fails it. All
/// classes are safe for use by several threads, and [TestCache] by several processes.
@NullMarked
package io.calco.testkit;

import org.jspecify.annotations.NullMarked;
