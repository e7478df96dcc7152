@NullMarked
package io.calco.machine.libvirt;

import org.jspecify.annotations.NullMarked;
