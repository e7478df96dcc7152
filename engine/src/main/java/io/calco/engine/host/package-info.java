/// Templates, clones and machines of this host, for those who ask a server for them. [HostWork] and
/// [HostMachines] are the start: they know who may, find disks by their names in the pool (no path
/// ever comes from a client), and have what takes long done as a job.
///
/// **Who may**: administrators; members of a project where the server is set so. A reader looks at
/// neither: a template tells what is in a machine, and they are the host's, no project's.
///
/// **Machines** are libvirt's, and asked for each time. A libvirt that hangs costs whoever asks
/// some seconds, and for a while after nobody anything. A console is a channel of bytes: the serial
/// port by libvirt's stream, the screen by the VNC server that the machine has on this host's
/// loopback.
@NullMarked
package io.calco.engine.host;

import org.jspecify.annotations.NullMarked;
