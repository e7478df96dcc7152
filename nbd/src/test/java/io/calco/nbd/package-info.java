@NullMarked
package io.calco.nbd;

import org.jspecify.annotations.NullMarked;
