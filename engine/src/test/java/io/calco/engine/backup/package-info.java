@NullMarked
package io.calco.engine.backup;

import org.jspecify.annotations.NullMarked;
