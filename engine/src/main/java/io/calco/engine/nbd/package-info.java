/// Disks served over NBD, as commands ask for it.
@NullMarked
package io.calco.engine.nbd;

import org.jspecify.annotations.NullMarked;
