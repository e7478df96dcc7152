@NullMarked
package io.calco.engine.upload;

import org.jspecify.annotations.NullMarked;
