/// Templates and clones of this host, for those who ask a server for them. [HostWork] is the start:
/// it knows who may, finds disks by their names in the pool (no path ever comes from a client), and
/// has what takes long done as a job.
///
/// **Who may**: administrators; members of a project where the server is set so. A reader looks at
/// neither: a template tells what is in a machine, and they are the host's, no project's.
@NullMarked
package io.calco.engine.host;

import org.jspecify.annotations.NullMarked;
