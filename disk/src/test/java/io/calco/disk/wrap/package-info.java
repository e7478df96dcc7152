/// Tests of files in wrappers.
@org.jspecify.annotations.NullMarked
package io.calco.disk.wrap;
