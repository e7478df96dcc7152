@NullMarked
package io.calco.backup;

import org.jspecify.annotations.NullMarked;
