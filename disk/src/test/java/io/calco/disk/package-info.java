@NullMarked
package io.calco.disk;

import org.jspecify.annotations.NullMarked;
