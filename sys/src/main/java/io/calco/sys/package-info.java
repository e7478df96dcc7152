/// Calls to the kernel through `java.lang.foreign`. The only user of [java.lang.foreign.Linker].
///
/// Layer 1 is the C call under its own name; layer 2 its meaning in Java. Where a call is missing
/// (another system, another architecture, a file system that refuses) there is a pure-Java way or a
/// clear refusal.
@NullMarked
package io.calco.sys;

import org.jspecify.annotations.NullMarked;
