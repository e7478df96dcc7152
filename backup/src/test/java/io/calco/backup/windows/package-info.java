@NullMarked
package io.calco.backup.windows;

import org.jspecify.annotations.NullMarked;
