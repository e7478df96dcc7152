/// Tests of Linux MD.
@org.jspecify.annotations.NullMarked
package io.calco.volume.md;
