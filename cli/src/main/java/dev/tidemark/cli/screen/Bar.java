package dev.tidemark.cli.screen;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.BooleanSupplier;

/// How far long work has got: a bar that is drawn over and over where stderr is a terminal, and a
/// plain line now and then where it is not. Nothing is shown of work that is done within a second.
/// For one thread.
///
/// ```java
/// try (Bar bar = Bar.begin("verifying")) { …; bar.at(doneBytes, totalBytes); }
/// ```
public final class Bar implements AutoCloseable {
  private static final long QUIET_NANOS = 1_000_000_000L;
  private static final long REDRAWN_NANOS = 100_000_000L;
  private static final long LINE_NANOS = 10_000_000_000L;
  private static final int CELLS = 30;
  private static final double TELLING = 0.02; // before that a rest is guesswork
  private static final String WIPE = "\r\u001b[K";

  private final PrintStream err;
  private final String what;
  private final BooleanSupplier isTerminal; // asked once, and only if the work takes long
  private final long begunNanos;
  private long nextNanos;
  private boolean asked;
  private boolean terminal;
  private boolean drawn;

  Bar(PrintStream err, String what, BooleanSupplier isTerminal, long nowNanos) {
    this.err = err;
    this.what = what;
    this.isTerminal = isTerminal;
    begunNanos = nowNanos;
    nextNanos = nowNanos + QUIET_NANOS;
  }

  /// {@return a bar on stderr that begins now}
  ///
  /// @param what is being done, as a participle
  public static Bar begin(String what) {
    return new Bar(System.err, what, Terminal::isStderr, System.nanoTime());
  }

  /// Shows how far the work is, if it is time to.
  ///
  /// @param done how many bytes
  /// @param total of how many; at least `done`
  public void at(long done, long total) {
    at(done, total, System.nanoTime());
  }

  void at(long done, long total, long nowNanos) {
    if (nowNanos - nextNanos < 0) {
      return;
    }
    if (!asked) {
      asked = true;
      terminal = isTerminal.getAsBoolean();
      if (!terminal) {
        nextNanos = begunNanos + LINE_NANOS;
        at(done, total, nowNanos);
        return;
      }
    }
    String text = text(done, Math.max(done, total), (nowNanos - begunNanos) / 1e9);
    if (terminal) {
      nextNanos = nowNanos + REDRAWN_NANOS;
      drawn = true;
      err.print(WIPE + text);
      err.flush();
    } else {
      nextNanos = nowNanos + LINE_NANOS;
      err.println("tidemark: " + text);
    }
  }

  private String text(long done, long total, double seconds) {
    double share = total == 0 ? 1 : (double) done / total;
    int full = (int) (share * CELLS);
    String cells = terminal ? " [" + "#".repeat(full) + " ".repeat(CELLS - full) + "]" : "";
    String rate =
        String.format(
            Locale.ROOT, "%3.0f %%, %.2f GB/s", share * 100, done / 1e9 / Math.max(seconds, 1e-9));
    long left = Math.round(seconds * (1 - share) / Math.max(share, 1e-9));
    String rest = share < TELLING ? "" : ", " + left + " s left";
    return what + cells + " " + rate + rest;
  }

  /// Wipes the bar away.
  @Override
  public void close() {
    if (drawn) {
      drawn = false;
      err.print(WIPE);
      err.flush();
    }
  }
}
