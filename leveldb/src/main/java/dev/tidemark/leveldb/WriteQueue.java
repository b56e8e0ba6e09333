package dev.tidemark.leveldb;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Those who wait to write, in the order in which they came (the idea is LevelDB's, db/db_impl.cc,
/// without its lock). The oldest leads: it writes for itself and for those behind it that it takes
/// along, in its own thread, and hands the lead to the oldest of the rest.
///
/// Coming costs one compare-and-set; who comes first need not be woken by anybody. Safe for use by
/// any number of threads.
final class WriteQueue {
  /// The one that came last; null if nobody is there.
  private final AtomicReference<@Nullable Writer> newest = new AtomicReference<>();

  /// Joins the queue and waits.
  ///
  /// @return whether the writer leads; if not, it is done
  boolean enter(Writer writer) {
    Writer before;
    do {
      before = newest.get();
      writer.older = before;
    } while (!newest.compareAndSet(before, writer));
    return before == null || writer.await() == Writer.LEADS;
  }

  /// {@return the writer behind one, null if there is none yet; for who leads}
  ///
  /// @param writer the leader, or one that it found behind itself
  @Nullable Writer behind(Writer writer) {
    if (writer.newer == null) {
      link(writer);
    }
    return writer.newer;
  }

  /// Writers know who came before them; here they learn who came next, back to one that knows.
  private void link(Writer oldest) {
    Writer at = newest.get();
    while (at != null && at != oldest) {
      Writer before = at.older;
      if (before == null || before.newer != null) {
        return;
      }
      before.newer = at;
      at = before;
    }
  }

  /// Ends a group: the next writer leads, and those who were taken along are done.
  ///
  /// @param leader the calling thread's
  /// @param last of its group, perhaps itself
  void leave(Writer leader, Writer last) {
    if (!newest.compareAndSet(last, null)) {
      Writer next = behind(last);
      if (next == null) {
        throw new IllegalStateException("the queue has lost a writer");
      }
      next.older = null;
      // So that who is done leads to nobody who came later: a collector that meets an old one among
      // long-lived objects would keep all that follow it.
      last.newer = null;
      next.wake(Writer.LEADS); // first, so that it writes while the others wake
    }
    Writer woken = leader;
    while (woken != last) {
      // None but the last lacks one. Nobody else looks at those of this group, or changes them: who
      // leads now goes no further back than itself.
      Writer next = woken.newer;
      if (next == null) {
        throw new IllegalStateException("the queue has lost a writer of a group");
      }
      if (woken != leader) {
        woken.wake(Writer.DONE);
      }
      woken = next;
    }
    if (last != leader) {
      last.wake(Writer.DONE);
    }
  }
}
