@NullMarked
package io.calco.engine;

import org.jspecify.annotations.NullMarked;
