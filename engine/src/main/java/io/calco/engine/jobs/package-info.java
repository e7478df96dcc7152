/// Long work in a server: asked for by a page or the API, done beside it. [Jobs] is the start.
///
/// **How far.** The catalogue has what was asked for, by whom, when it began and how it ended:
/// three writes a job. How far it is now its process knows, and tells whoever asks; nothing is
/// pushed, and nobody who looks holds a thread.
///
/// **How many.** A few run at once, on platform threads, for they copy and compute and would keep
/// requests from their carriers; the others wait in order, a bounded number in all and for each
/// user. A job that is stopped hears of it between two pieces of work, and clears away what it had
/// made. One whose server was killed is recorded as interrupted by the next, and what it left is
/// cleared away by `Calco.open` and the store's collection as after any killed process.
///
/// **Who sees it**: whoever asked for it, and administrators.
@NullMarked
package io.calco.engine.jobs;

import org.jspecify.annotations.NullMarked;
