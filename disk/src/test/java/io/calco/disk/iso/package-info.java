@NullMarked
package io.calco.disk.iso;

import org.jspecify.annotations.NullMarked;
