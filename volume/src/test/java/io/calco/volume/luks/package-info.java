@NullMarked
package io.calco.volume.luks;

import org.jspecify.annotations.NullMarked;
