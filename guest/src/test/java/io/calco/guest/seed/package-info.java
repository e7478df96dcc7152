@NullMarked
package io.calco.guest.seed;

import org.jspecify.annotations.NullMarked;
