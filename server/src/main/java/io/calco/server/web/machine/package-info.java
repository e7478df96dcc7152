/// Machines of this host's libvirt: what they do, what they are made of, and their consoles. A list
/// and a machine's page ask again every few seconds for their part that changes, and get nothing
/// when nothing has.
@NullMarked
package io.calco.server.web.machine;

import org.jspecify.annotations.NullMarked;
