package dev.tidemark.testkit.explorer;

import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Storage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// Makes sequences of calls on a log, each twice: the caller writes and syncs itself where it may,
/// and the log's threads do all of it, changing turns before any call to the disk. Stops the
/// machine after each call that changes the disk, lets happen whatever a power cut may, and
/// recovers; stops each recovery in the same way. What is shown then is held against what the log
/// owes.
///
/// Everything follows from the seed: a failure names the calls, the moment and the crash, and the
/// shortest sequence that still fails.
///
/// The logs are on simulated disks of its own: it tries the log, not a storage of somebody's, for
/// which there is [dev.tidemark.testkit.contract.StorageContract].
///
/// Sequences are explored on as many threads as asked for; an explorer itself is used by one.
public final class Explorer {
  private static final long LONGEST = 1 << 20;
  private static final List<Call> CALLS = List.of(Call.values());

  private final WalOptions options;
  private final long seed;
  private final int threads;
  private UnaryOperator<Storage> seenAs = UnaryOperator.identity();
  private List<Call> before = List.of();
  private final Set<Long> seen = ConcurrentHashMap.newKeySet();
  private final AtomicLong sequences = new AtomicLong();
  private final AtomicLong moments = new AtomicLong();
  private final AtomicLong recoveries = new AtomicLong();
  private final long begun = System.nanoTime();

  /// @param options of the logs; small segments make for more states
  /// @param seed of everything that is drawn
  /// @param threads how many explore
  public Explorer(WalOptions options, long seed, int threads) {
    this.options = options;
    this.seed = seed;
    this.threads = threads;
  }

  /// Puts something between the logs that are explored and their disk, while calls are made: a
  /// storage that lies shows whether the explorer would notice. To be called first.
  ///
  /// @param storage makes the storage the log gets of the one it would have had
  /// @return this
  public Explorer through(UnaryOperator<Storage> storage) {
    seenAs = storage;
    return this;
  }

  /// Gives every log a life before the calls that are explored: files that are recycled, an old
  /// checkpoint. To be called first.
  ///
  /// @param calls in order
  /// @return this
  public Explorer after(List<Call> calls) {
    before = List.copyOf(calls);
    return this;
  }

  /// {@return how much was seen so far}
  public Exploration seen() {
    return new Exploration(
        sequences.get(), moments.get(), seen.size(), recoveries.get(), System.nanoTime() - begun);
  }

  /// Explores all sequences of a length, in an order drawn from the seed, until time is up.
  ///
  /// @param length how many calls
  /// @param limit how long at most
  /// @param progress told now and then, on any thread; null for nobody
  /// @return how many sequences of that length were explored; of `12^length`
  /// @throws AssertionError if a recovery shows what it must not, or fails
  public long exhaust(int length, Duration limit, @Nullable Runnable progress) {
    int count = Math.toIntExact(Math.round(Math.pow(CALLS.size(), length)));
    int[] order = shuffled(count);
    return explore(count, limit, progress, i -> sequence(order[i], length));
  }

  private int[] shuffled(int count) {
    int[] order = new int[count];
    Arrays.setAll(order, i -> i);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = count - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int held = order[i];
      order[i] = order[other];
      order[other] = held;
    }
    return order;
  }

  private static List<Call> sequence(int number, int length) {
    List<Call> calls = new ArrayList<>();
    for (int i = 0, left = number; i < length; i++, left /= CALLS.size()) {
      calls.add(CALLS.get(left % CALLS.size()));
    }
    return calls;
  }

  /// Explores sequences drawn from the seed.
  ///
  /// @param length how many calls each has
  /// @param count how many sequences
  /// @param limit how long at most
  /// @return how many were explored
  /// @throws AssertionError if a recovery shows what it must not, or fails
  public long sample(int length, int count, Duration limit) {
    return explore(
        count,
        limit,
        null,
        i -> {
          SplittableRandom random = new SplittableRandom(seed * 1_000_003 + length * LONGEST + i);
          return random.ints(length, 0, CALLS.size()).mapToObj(CALLS::get).toList();
        });
  }

  private long explore(
      int count, Duration limit, @Nullable Runnable progress, IntFunction<List<Call>> source) {
    long until = System.nanoTime() + limit.toNanos();
    AtomicInteger next = new AtomicInteger();
    AtomicLong done = new AtomicLong();
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    Runnable body =
        () -> {
          while (failure.get() == null && System.nanoTime() - until < 0) {
            int i = next.getAndIncrement();
            if (i >= count) {
              return;
            }
            try {
              explore(source.apply(i));
            } catch (Throwable e) {
              failure.compareAndSet(null, e);
            }
            done.incrementAndGet();
            if (progress != null) {
              progress.run();
            }
          }
        };
    join(body);
    Throwable first = failure.get();
    if (first instanceof Error error) {
      throw error;
    }
    if (first != null) {
      throw new AssertionError(first);
    }
    return done.get();
  }

  private void join(Runnable body) {
    List<Thread> workers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      workers.add(Thread.ofVirtual().name("explorer-" + i).start(body));
    }
    boolean interrupted = false;
    for (Thread worker : workers) {
      while (worker.isAlive()) {
        try {
          worker.join();
        } catch (InterruptedException e) {
          interrupted = true;
          workers.forEach(Thread::interrupt);
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /// Explores one sequence: the moments of its last call, and those of closing the log after it.
  /// Those before belong to the shorter sequence.
  ///
  /// @param calls in order; none is an error
  /// @throws AssertionError if a recovery shows what it must not, or fails; the message has the
  ///   shortest sequence that still fails
  public void explore(List<Call> calls) {
    try {
      exploreOnce(calls, calls.size() - 1);
    } catch (AssertionError e) {
      List<Call> shortest = shrink(calls);
      throw new AssertionError(
          "seed " + seed + ", " + options.sync() + ", calls " + shortest + ": " + e.getMessage(),
          e);
    }
  }

  /// Explores every moment of a sequence, from the first call on.
  ///
  /// @param calls in order
  /// @throws AssertionError as [#explore(List)]
  public void exploreWhole(List<Call> calls) {
    exploreOnce(calls, 0);
  }

  // Leaves out one call after the other as long as what is left fails, too.
  private List<Call> shrink(List<Call> calls) {
    for (int i = 0; i < calls.size(); i++) {
      List<Call> shorter = new ArrayList<>(calls);
      shorter.remove(i);
      if (!shorter.isEmpty() && fails(shorter)) {
        return shrink(shorter);
      }
    }
    return calls;
  }

  private boolean fails(List<Call> calls) {
    Explorer other = new Explorer(options, seed, 1); // which has seen nothing yet
    other.through(seenAs).after(before);
    try {
      other.exploreOnce(calls, 0);
      return false;
    } catch (AssertionError e) {
      return true;
    }
  }

  private void exploreOnce(List<Call> calls, int from) {
    for (boolean callersWrite : new boolean[] {true, false}) {
      Plan plan = new Plan(options, seed, calls, from, callersWrite, seenAs).behind(before);
      List<Moment> stopped = Run.of(plan);
      Recoverer recoverer = new Recoverer(options, seed, seen::add, recoveries::incrementAndGet);
      for (Moment moment : stopped) {
        recoverer.recoverAll(moment);
      }
      moments.addAndGet(stopped.size());
    }
    sequences.incrementAndGet();
  }
}
