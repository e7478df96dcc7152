@NullMarked
package io.calco.fs.guestfish;

import org.jspecify.annotations.NullMarked;
