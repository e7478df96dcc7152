@NullMarked
package io.calco.engine.host;

import org.jspecify.annotations.NullMarked;
