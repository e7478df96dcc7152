@NullMarked
package io.calco.machine;

import org.jspecify.annotations.NullMarked;
