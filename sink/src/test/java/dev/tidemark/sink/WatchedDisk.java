package dev.tidemark.sink;

import java.io.IOException;
import java.io.SyncFailedException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The real disk, which tells what was done to it in which order, and fails when told to.
///
/// Steps read `create a/b`, `write a/b`, `sync a/b`, `rename a/b`, `sync-dir a`, `mkdir a`, `delete
/// a/b`, with paths below the root. For one thread.
final class WatchedDisk implements Disk {
  private final Disk disk = new LocalDisk();
  private final Path root;
  private final List<String> steps = new ArrayList<>();
  private List<String> failing = List.of();
  private @Nullable Runnable interruption;

  WatchedDisk(Path root) {
    this.root = root;
  }

  List<String> steps() {
    return steps;
  }

  /// From now on steps that begin with one of these fail, and no others.
  void fail(String... prefixes) {
    failing = List.of(prefixes);
  }

  /// Does something just before every write.
  void beforeWrite(Runnable action) {
    interruption = action;
  }

  private void step(String verb, Path path) throws IOException {
    String below = path.startsWith(root) ? root.relativize(path).toString() : "..";
    String step = (verb + " " + below).strip();
    String last = steps.isEmpty() ? "" : steps.getLast();
    if (!step.equals(last)) {
      steps.add(step);
    }
    if (failing.stream().anyMatch(step::startsWith)) {
      String message = "no " + verb + " today";
      throw verb.equals("sync-dir") ? new SyncFailedException(message) : new IOException(message);
    }
  }

  @Override
  public void createDirectory(Path directory) throws IOException {
    step("mkdir", directory);
    disk.createDirectory(directory);
  }

  @Override
  public Output create(Path file) throws IOException {
    step("create", file);
    Output output = disk.create(file);
    return new Output() {
      @Override
      public void write(ByteBuffer bytes) throws IOException {
        step("write", file);
        if (interruption != null) {
          interruption.run();
        }
        output.write(bytes);
      }

      @Override
      public void sync() throws IOException {
        step("sync", file);
        output.sync();
      }

      @Override
      public void close() throws IOException {
        output.close();
      }
    };
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    step("rename", to);
    disk.rename(from, to);
  }

  @Override
  public void delete(Path file) throws IOException {
    step("delete", file);
    disk.delete(file);
  }

  @Override
  public void syncFile(Path file) throws IOException {
    step("sync", file);
    disk.syncFile(file);
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    step("sync-dir", directory);
    disk.syncDirectory(directory);
  }
}
