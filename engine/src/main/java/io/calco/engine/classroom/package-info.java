/// Classes: a room of machines as one thing. A class is linked clones of one version of a template,
/// each at a seat with a number; its machines are libvirt's, found by their disks.
///
/// Start with [Classes]. Recorded are the seats, the quota and the pace; what a machine does, and
/// whether it is frozen, is libvirt's to say each time it is asked.
@NullMarked
package io.calco.engine.classroom;

import org.jspecify.annotations.NullMarked;
