package dev.tidemark.wal.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tidemark.wal.Cursor;
import dev.tidemark.wal.LsnGoneException;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Three processes: one writes and is killed again and again, one follows it, and this one passes
/// on to the writer how far the follower has come, and follows slowly itself.
@Timeout(120)
class FollowerProcessTest {
  private static final int LIVES = Integer.getInteger("tidemark.follower.lives", 6);
  private static final long RECORDS_PER_LIFE = 2500;

  private record Lsns(long from, long to) {}

  @TempDir Path directory;

  private final List<Lsns> discarded = new ArrayList<>();
  private final List<Lsns> gaps = new ArrayList<>();
  private volatile @Nullable Child writer; // the living one; set by the test's thread
  private long acked;
  private long count; // set by the thread that listens to the follower, before it ends
  private volatile @Nullable Exception deafness; // what ended that thread

  @Test
  void followerSeesEveryRecordOnceWhileTheWriterIsKilledAndTruncatesBehindIt() throws Exception {
    long started = System.nanoTime();
    long last;
    try (Child follower = Child.of(FollowingReader.class, directory.toString());
        WalReader reader = Wal.openReadOnly(directory)) {
      Thread listener = Thread.ofPlatform().start(() -> listen(follower));
      Slow slow = new Slow(reader);
      for (int life = 1; life < LIVES; life++) {
        write(life, false);
        slow.read(10);
      }
      last = write(LIVES, true);
      follower.tell("until " + last);
      assertThat(follower.exitCode()).isZero();
      listener.join();
      slow.read(Long.MAX_VALUE);
      assertThat(slow.last).isEqualTo(last);
      assertThat(slow.overtaken).isPositive();
      assertThat(reader.promisedLsn()).isEqualTo(last);
      assertThat(reader.firstLsn()).isGreaterThan(1);
    }
    assertThat(deafness).isNull();
    // Whatever is missing was never acknowledged and is known to be discarded.
    assertThat(discarded).containsAll(gaps);
    long missing = gaps.stream().mapToLong(gap -> gap.to() - gap.from() + 1).sum();
    assertThat(count).isEqualTo(last - missing);
    assertThat(segments()).as("files left").isLessThan(60);
    System.out.printf(
        "follower in a process of its own: %d records, %d lives of the writer, %d LSNs discarded,"
            + " %d ms%n",
        count, LIVES, missing, (System.nanoTime() - started) / 1_000_000);
  }

  // One life of the writer; answers its last LSN if it was allowed to close the log.
  private long write(int life, boolean close) throws Exception {
    try (Child child =
        Child.of(FollowedWriter.class, directory.toString(), Integer.toString(life))) {
      writer = child;
      long until = acked + RECORDS_PER_LIFE;
      long closed = 0;
      boolean ending = false;
      String[] words;
      while ((words = child.words()) != null) {
        if (words.length < 2) {
          continue; // cut off by the kill
        }
        switch (words[0]) {
          case "open" -> opened(Long.parseLong(words[1]), Long.parseLong(words[2]));
          case "acked" -> acked = Math.max(acked, Long.parseLong(words[1]));
          case "closed" -> closed = Long.parseLong(words[1]);
          default -> throw new AssertionError(String.join(" ", words));
        }
        if (acked >= until && !ending) {
          ending = true;
          if (close) {
            child.tell("stop");
          } else {
            child.kill(); // what it had said is still read
          }
        }
      }
      int code = child.exitCode();
      assertThat(code == 0).as("ended with %s", code).isEqualTo(close);
      return closed;
    } finally {
      writer = null;
    }
  }

  private void opened(long last, long next) {
    assertThat(last).as("acknowledged").isGreaterThanOrEqualTo(acked);
    if (next > last + 1) {
      discarded.add(new Lsns(last + 1, next - 1));
    }
  }

  private void listen(Child follower) {
    try {
      String[] words;
      while ((words = follower.words()) != null) {
        switch (words[0]) {
          case "at" -> truncate(words[1]);
          case "gap" -> gaps.add(new Lsns(Long.parseLong(words[1]), Long.parseLong(words[2])));
          default -> count = Long.parseLong(words[1]);
        }
      }
    } catch (IOException | RuntimeException e) {
      deafness = e;
    }
  }

  private void truncate(String lsn) {
    Child living = writer;
    if (living != null) {
      living.tell("truncate " + lsn);
    }
  }

  private int segments() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return (int) files.filter(file -> file.toString().endsWith(".wal")).count();
    }
  }

  /// Reads little at a time, and what it wants next is removed meanwhile.
  private static final class Slow {
    private final WalReader reader;
    private Cursor cursor;
    private long last;
    private int overtaken;

    Slow(WalReader reader) throws IOException {
      this.reader = reader;
      cursor = reader.read(1);
    }

    void read(long most) throws IOException {
      for (long i = 0; i < most; i++) {
        try {
          if (!cursor.next()) {
            return;
          }
        } catch (LsnGoneException e) {
          assertThat(e.firstAvailable()).isGreaterThan(last);
          overtaken++;
          cursor.close();
          cursor = reader.read(e.firstAvailable());
          continue;
        }
        assertThat(cursor.lsn()).isGreaterThan(last);
        last = cursor.lsn();
        boolean _ = FollowedWriter.check(last, cursor.bytes());
      }
    }
  }
}
