/// The use cases: the one interface that front ends call. Everything a command, a page or a program
/// can ask of Calco is here; front ends only parse and show.
///
/// Failures reach a front end as [OperationException], whose kind it turns into an exit code or a
/// status.
@NullMarked
package io.calco.engine;

import org.jspecify.annotations.NullMarked;
