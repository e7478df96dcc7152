@NullMarked
package io.calco.disk.luks;

import org.jspecify.annotations.NullMarked;
