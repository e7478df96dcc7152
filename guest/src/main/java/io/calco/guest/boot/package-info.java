/// Tasks that a guest runs by itself at boot, for the init systems that guests have: systemd,
/// OpenRC, System V. Works on a [io.calco.guest.Draft]; installing a task twice changes nothing.
@NullMarked
package io.calco.guest.boot;

import org.jspecify.annotations.NullMarked;
