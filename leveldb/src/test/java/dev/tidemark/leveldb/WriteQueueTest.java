package dev.tidemark.leveldb;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// One leads at a time, everybody has a turn once and in order, and nobody waits for ever.
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD) // what hangs here hears no interrupt
final class WriteQueueTest {
  private final WriteQueue queue = new WriteQueue();
  private final AtomicInteger leading = new AtomicInteger();
  private final AtomicLong wrong = new AtomicLong();

  /// Whose turns were taken. Not volatile: owned by who leads, which is what is tested.
  private final int[] turns = new int[6];

  private long groups;

  /// Who is in the queue for whom. Each written by its thread before it enters.
  private final Writer[] entered = new Writer[6];

  private static Writer writer() {
    return Writer.put(new byte[0], new byte[0], false);
  }

  /// A crowd, and two who find the queue empty more often than not.
  @ParameterizedTest
  @CsvSource({"6,20000", "2,100000"})
  void everybodyHasATurnAndOneLeadsAtATime(int crowd, int count) throws InterruptedException {
    long seed = new Random().nextInt();
    System.out.printf("queue of %d, seed %d%n", crowd, seed);
    List<Thread> threads = new ArrayList<>();
    AtomicInteger interrupted = new AtomicInteger();
    for (int t = 0; t < crowd; t++) {
      int mine = t;
      Random random = new Random(seed + t);
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    for (int turn = 0; turn < count; turn++) {
                      boolean interrupt = random.nextInt(16) == 0;
                      if (interrupt) {
                        Thread.currentThread().interrupt();
                      }
                      take(mine, turn, random.nextInt(crowd));
                      interrupted.addAndGet(Thread.interrupted() == interrupt ? 0 : 1);
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(wrong).hasValue(0);
    assertThat(interrupted).as("interrupts that were lost").hasValue(0);
    assertThat(Arrays.copyOf(turns, crowd)).containsOnly(count);
    assertThat(groups).as("some were taken along").isLessThan((long) crowd * count);
  }

  private void take(int mine, int turn, int mostTaken) {
    Writer writer = writer();
    entered[mine] = writer;
    if (queue.enter(writer)) {
      wrong.addAndGet(leading.incrementAndGet() == 1 ? 0 : 1);
      Writer last = writer;
      turns[of(writer)]++;
      for (int most = mostTaken; most > 0; most--) {
        Writer next = queue.behind(last);
        if (next == null) {
          break;
        }
        last = next;
        turns[of(last)]++;
      }
      groups++;
      leading.decrementAndGet();
      queue.leave(writer, last);
    }
    wrong.addAndGet(turns[mine] == turn + 1 ? 0 : 1); // handed over with the word that it is done
  }

  private int of(Writer writer) {
    return Arrays.asList(entered).indexOf(writer);
  }

  /// Or one that the collector holds for old would keep all that came after it.
  @Test
  void whoIsDoneLeadsToNobodyWhoCameLater() throws InterruptedException {
    Writer first = writer();
    assertThat(queue.enter(first)).isTrue();
    CompletableFuture<Writer> second = new CompletableFuture<>();
    CompletableFuture<Writer> third = new CompletableFuture<>();
    Thread one = waiting(second);
    Thread other = waiting(third);
    assertThat(queue.behind(first)).isSameAs(second.join());
    assertThat(queue.behind(second.join())).isSameAs(third.join());
    queue.leave(first, second.join());
    one.join();
    other.join();
    assertThat(wrong).as("who led").hasValue(1);
    assertThat(second.join().newer).isNull();
    assertThat(third.join().older).isNull();
    queue.leave(third.join(), third.join());
  }

  private Thread waiting(CompletableFuture<Writer> writer) {
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  Writer mine = writer();
                  writer.complete(mine);
                  wrong.addAndGet(queue.enter(mine) ? 1 : 0);
                });
    writer.join();
    while (thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    return thread;
  }
}
