package dev.tidemark.wal.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.wal.kernel.Trace.Call;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/// In which order a log changes names, writes and syncs: what is promised on a file holds only if
/// the directory that names the file was synced before.
///
/// @param directory of the log
/// @param calls of one process, in the order in which they ended
record NameOrder(Path directory, List<Call> calls) {
  /// Checks everything.
  ///
  /// @return how many names of each kind were changed
  Map<String, Integer> check() {
    Map<String, Integer> kinds = new TreeMap<>();
    for (Call call : calls) {
      if (call.isRename()) {
        kinds.merge(kind(call), 1, Integer::sum);
        checkSyncedBefore(call);
        checkDirectoryBeforeUse(call);
      }
      if (call.is("mkdir") && call.result() == 0) {
        kinds.merge("directory", 1, Integer::sum);
        String parent = String.valueOf(directory.getParent());
        checkBetween(call, firstSaid(call), sync(parent), "the parent is synced");
      }
      if (call.isOfFrames() && call.offset() == FIRST_FRAME) {
        kinds.merge("activated", 1, Integer::sum);
        checkActivation(call);
      }
    }
    return kinds;
  }

  private static final long FIRST_FRAME = 256;

  private static String kind(Call rename) {
    String from = kind(rename.path());
    return from + " to " + kind(rename.target());
  }

  private static String kind(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    return name.replaceAll("[0-9a-f]{16}", "N");
  }

  // What is in a file is durable before the file gets a name by which it is believed.
  private void checkSyncedBefore(Call rename) {
    Call last = null;
    for (Call call : calls) {
      if (call.isWrite() && call.path().equals(rename.path()) && call.ended() < rename.begun()) {
        last = call;
      }
    }
    if (last != null) {
      checkBetween(last, rename, sync(rename.path()), "the file is synced");
    }
  }

  // A new name is durable before anything is built upon it: a write to that file, one to the
  // manifest that names it, or a promise.
  private void checkDirectoryBeforeUse(Call rename) {
    String target = rename.target();
    Predicate<Call> use =
        call -> call.isWrite() && call.path().equals(target) && call.begun() > rename.ended();
    String kind = kind(target);
    if (kind.startsWith("checkpoint") || kind.equals("subscriptions")) {
      use = use.or(call -> call.isWrite() && isManifest(call) && call.begun() > rename.ended());
    }
    if (!kind.equals("N.wal")) { // that of a spare is nobody's business until it is written to
      use = use.or(call -> call.said().isPresent() && call.begun() > rename.ended());
    }
    Call first = calls.stream().filter(use).findFirst().orElse(null);
    if (first != null) {
      checkBetween(rename, first, sync(directory.toString()), "the directory is synced");
    }
  }

  // The segment before is synced; the header, synced; the manifest, synced; the first frame.
  private void checkActivation(Call frame) {
    String segment = frame.path();
    Call header = last(frame, call -> call.isWrite() && call.path().equals(segment));
    checkBetween(header, frame, sync(segment), "the header is synced");
    Call synced = last(frame, call -> sync(segment).test(call) && call.begun() > header.ended());
    Call manifest = last(frame, call -> call.isWrite() && isManifest(call));
    assertThat(manifest.begun())
        .as("manifest behind header: %s", frame)
        .isGreaterThan(synced.ended());
    checkBetween(manifest, frame, sync(manifest.path()), "the manifest is synced");
    Call previous =
        calls.stream()
            .filter(call -> call.isOfFrames() && call.ended() < header.begun())
            .filter(call -> !call.path().equals(segment))
            .reduce((_, later) -> later)
            .orElse(null);
    if (previous != null) {
      checkBetween(previous, header, sync(previous.path()), "the segment before is synced");
    }
  }

  private Call last(Call before, Predicate<Call> which) {
    return calls.stream()
        .filter(call -> call.ended() < before.begun())
        .filter(which)
        .reduce((_, later) -> later)
        .orElseThrow(() -> new AssertionError("nothing comes before " + before));
  }

  private Call firstSaid(Call after) {
    return calls.stream()
        .filter(call -> call.said().isPresent() && call.begun() > after.ended())
        .findFirst()
        .orElseThrow(() -> new AssertionError("nothing was said after " + after));
  }

  private boolean isManifest(Call call) {
    return call.path().equals(directory.resolve("manifest").toString());
  }

  private static Predicate<Call> sync(String path) {
    return call -> call.isSync() && call.path().equals(path);
  }

  private void checkBetween(Call from, Call to, Predicate<Call> which, String what) {
    boolean there =
        calls.stream()
            .anyMatch(
                call ->
                    call.begun() > from.ended() && call.ended() < to.begun() && which.test(call));
    assertThat(there).as("%s between %s and %s", what, from, to).isTrue();
  }
}
