@NullMarked
package io.calco.engine.jobs;

import org.jspecify.annotations.NullMarked;
