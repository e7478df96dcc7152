/// Long work: what runs, how far it is, what came of it. A page asks again every second for its
/// part that changes, and stops when the job has ended: nothing is held open, so any proxy will do.
@NullMarked
package io.calco.server.web.job;

import org.jspecify.annotations.NullMarked;
