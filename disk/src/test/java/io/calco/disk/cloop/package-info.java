@NullMarked
package io.calco.disk.cloop;

import org.jspecify.annotations.NullMarked;
