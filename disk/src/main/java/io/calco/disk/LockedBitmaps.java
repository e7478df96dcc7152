package io.calco.disk;

import java.io.IOException;
import java.util.List;

/// Keeps everybody else out of an image while its bitmaps change.
record LockedBitmaps(DirtyBitmaps bitmaps, FormatDisk disk) implements DirtyBitmaps {

  private interface Step {
    void run() throws IOException;
  }

  private void change(Step step) throws IOException {
    disk.alone(() -> {
      step.run();
      return disk;
    });
  }

  @Override
  public List<DirtyBitmap> list() throws IOException {
    return disk.shared(bitmaps::list);
  }

  @Override
  public void forEachDirty(String name, RunSink sink) throws IOException {
    disk.shared(() -> {
      bitmaps.forEachDirty(name, sink);
      return disk;
    });
  }

  @Override
  public void add(String name, long granularity, Recording recording) throws IOException {
    change(() -> bitmaps.add(name, granularity, recording));
  }

  @Override
  public void remove(String name) throws IOException {
    change(() -> bitmaps.remove(name));
  }

  @Override
  public void clear(String name) throws IOException {
    change(() -> bitmaps.clear(name));
  }

  @Override
  public void setRecording(String name, Recording recording) throws IOException {
    change(() -> bitmaps.setRecording(name, recording));
  }

  @Override
  public void mark(String name, List<Run> runs) throws IOException {
    change(() -> bitmaps.mark(name, runs));
  }
}
