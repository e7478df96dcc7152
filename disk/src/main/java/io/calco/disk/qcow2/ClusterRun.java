package io.calco.disk.qcow2;

/// A run of host clusters.
///
/// @param first the first cluster's number
/// @param count clusters in the run
record ClusterRun(long first, long count) {
  long end() {
    return first + count;
  }
}
