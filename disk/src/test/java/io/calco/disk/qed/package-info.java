@NullMarked
package io.calco.disk.qed;

import org.jspecify.annotations.NullMarked;
