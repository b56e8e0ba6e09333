package dev.tidemark.testkit.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.testkit.disk.Crash;
import dev.tidemark.testkit.disk.SimulatedDisk;
import dev.tidemark.testkit.disk.WatchedStorage;
import dev.tidemark.testkit.host.SimulatedHost;
import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.Subscription;
import dev.tidemark.wal.SyncPolicy;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalOptions;
import dev.tidemark.wal.storage.Storage;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Several callers at work on one new log at the same time, and the moments at which their machine
/// may stop.
final class CrowdRun {
  /// A moment.
  ///
  /// @param operation what was just done
  /// @param disk as it is, with what is not synced; never written
  /// @param books what is owed
  record Stop(String operation, SimulatedDisk disk, CrowdBooks books) {}

  private final WalOptions options;
  private final int callers;
  private final int steps;
  private final long seed;
  private final SimulatedHost host;
  private final boolean rests; // the others need no timer to go on
  private final SimulatedDisk disk = new SimulatedDisk();
  private final CrowdBooks books;
  private final List<Stop> stops = new ArrayList<>();
  private final List<CompletableFuture<?>> futures = new ArrayList<>();
  private @Nullable Wal open; // set by the host's first thread

  /// @param steps of each caller
  /// @param machine on which they work
  CrowdRun(WalOptions options, int callers, int steps, long seed, SimulatedHost machine) {
    this.options = options;
    this.callers = callers;
    this.steps = steps;
    this.seed = seed;
    rests = seed % 4 < 2;
    host = seed % 2 == 0 ? machine : machine.callersDoNotWrite();
    books = new CrowdBooks(!(options.sync() instanceof SyncPolicy.Async));
  }

  /// {@return how many callers there are, and how many steps each takes}
  String size() {
    return "callers: " + callers + ", steps of each: " + steps;
  }

  /// Lets them work, closes the log, and checks that nobody is left waiting.
  List<Stop> make(UnaryOperator<Storage> seenAs) throws Exception {
    Storage storage = seenAs.apply(new WatchedStorage(disk, this::before, this::stop));
    host.run(
        () -> {
          try (Wal wal = Wal.open(storage, host, options)) {
            open = wal;
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
              int caller = i;
              threads.add(host.start("caller-" + i, () -> work(wal, caller)));
            }
            for (Thread thread : threads) {
              assertThat(host.join(thread, Long.MAX_VALUE)).isTrue();
            }
          } finally {
            open = null;
          }
          return null;
        });
    assertThat(disk.openFiles()).as("files left open").isZero();
    assertThat(futures).as("futures").allMatch(CompletableFuture::isDone);
    assertThat(futures).as("futures").noneMatch(CompletableFuture::isCompletedExceptionally);
    assertThat(rests || host.nanoTime() == 0).as("woken by a timer alone").isTrue();
    books.durable = books.acknowledged.isEmpty() ? 0 : books.acknowledged.lastKey();
    stop(); // closed: under every policy all of it is durable
    return stops;
  }

  // Another may come first; and what is owed may have grown since the disk changed.
  private void before() {
    host.pass();
    Wal wal = open;
    if (wal != null && !stops.isEmpty()) {
      CrowdBooks now = books.copy(wal.durableLsn());
      if (now.hash() != stops.getLast().books().hash()) {
        stops.add(new Stop("behind " + disk.lastOperation(), disk.crash(Crash.keepingAll()), now));
      }
    }
  }

  private void stop() {
    Wal wal = open;
    long durable = wal == null ? 0 : wal.durableLsn();
    stops.add(new Stop(disk.lastOperation(), disk.crash(Crash.keepingAll()), books.copy(durable)));
  }

  private void work(Wal wal, int caller) {
    SplittableRandom random = new SplittableRandom(seed * 64 + caller);
    try {
      for (int i = 0; i < steps; i++) {
        step(wal, caller, i, random);
        host.pass();
        if (rests && random.nextInt(3) == 0) { // marks, syncs that are due
          host.rest(Duration.ofMillis(1 + random.nextInt(60)));
        }
        if (random.nextInt(4) == 0) {
          read(wal);
        }
      }
    } catch (IOException e) {
      throw new AssertionError("caller " + caller, e);
    }
  }

  // What a cursor delivers is durable.
  private void read(Wal wal) throws IOException {
    try (Cursor cursor = wal.read()) {
      while (cursor.next()) {
        books.durable = Math.max(books.durable, cursor.lsn());
        host.pass();
      }
    }
  }

  private void step(Wal wal, int caller, int number, SplittableRandom random) throws IOException {
    int bytes = 10 + random.nextInt(500);
    switch (random.nextInt(12)) {
      case 0, 1, 2, 3 -> append(wal, new Word(caller, number, 0, 1, bytes));
      case 4, 5 -> appendBatch(wal, caller, number, 2 + random.nextInt(30));
      case 6, 7 -> appendAsync(wal, new Word(caller, number, 0, 1, bytes));
      case 8 -> books.durable = Math.max(books.durable, wal.sync());
      case 9 -> wal.rotate();
      default -> own(wal, caller);
    }
  }

  private void append(Wal wal, Word word) throws IOException {
    books.attempting(List.of(word));
    books.acknowledged(wal.append(word.record()), List.of(word));
  }

  private void appendBatch(Wal wal, int caller, int number, int count) throws IOException {
    List<Word> words =
        IntStream.range(0, count).mapToObj(i -> new Word(caller, number, i, count, 90)).toList();
    Batch batch = new Batch();
    words.forEach(word -> batch.add(word.record()));
    books.attempting(words);
    books.acknowledged(wal.append(batch), words);
  }

  private void appendAsync(Wal wal, Word word) throws IOException {
    books.attempting(List.of(word));
    boolean durable = !(options.sync() instanceof SyncPolicy.Async);
    futures.add(
        wal.appendAsync(MemorySegment.ofArray(word.record()))
            .thenAccept(
                lsn -> {
                  if (durable) { // else it need not even be written
                    books.acknowledged(lsn, List.of(word));
                  }
                }));
  }

  // What is not appending has one owner each.
  private void own(Wal wal, int caller) throws IOException {
    switch (caller) {
      case 0 -> truncate(wal);
      case 1 -> checkpoint(wal);
      default -> acknowledge(wal, caller);
    }
  }

  private void truncate(Wal wal) throws IOException {
    long lsn = wal.durableLsn();
    if (books.checkpointing == 0 && lsn > 1) {
      books.truncating = Math.max(books.truncating, lsn);
      try {
        wal.truncateBefore(lsn);
      } catch (IllegalArgumentException e) {
        // a checkpoint came between
      }
    }
  }

  private void checkpoint(Wal wal) throws IOException {
    long lsn = wal.durableLsn();
    if (lsn > books.checkpointing) {
      books.checkpointing = lsn;
      try {
        wal.checkpoint(lsn, target -> target.write(Known.snapshot(lsn)));
        books.checkpoint = lsn;
      } catch (IllegalArgumentException e) {
        // records behind it were truncated meanwhile
      }
    }
  }

  private void acknowledge(Wal wal, int caller) throws IOException {
    String name = "reader-" + caller;
    Stands.Stand stand = books.stands.of(name);
    if (stand == null) {
      books.stands = books.stands.with(name, false, 0, 0);
    }
    try (Subscription subscription = wal.subscribe(name)) {
      long begin = subscription.acked();
      books.stands = books.stands.with(name, true, begin, begin);
      long lsn = wal.durableLsn();
      if (lsn > begin) {
        books.stands = books.stands.with(name, true, begin, lsn);
        subscription.ack(lsn);
        books.stands = books.stands.with(name, true, lsn, lsn);
      }
    }
  }
}
