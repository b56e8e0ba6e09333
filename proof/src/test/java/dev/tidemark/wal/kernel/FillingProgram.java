package dev.tidemark.wal.kernel;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFullException;
import dev.tidemark.wal.WalOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.Arrays;

/// The program that fills a log on a full disk for [RealFullDiskTest]. Says `ready`, then, when it
/// is told to go on, `ack LSN` for each record, `refused` where there is no space for another,
/// `control LSN` for each control record, and `full`.
final class FillingProgram {
  static final WalOptions OPTIONS =
      WalOptions.builder().segmentBytes(256 << 10).stagingBytes(64 << 10).build();

  private static final int RECORD_BYTES = 1000;

  private FillingProgram() {}

  /// {@return the record that gets an LSN}
  static byte[] record(long lsn) {
    byte[] record = new byte[RECORD_BYTES];
    Arrays.fill(record, (byte) lsn);
    byte[] name = ("record " + lsn).getBytes(UTF_8);
    System.arraycopy(name, 0, record, 0, name.length);
    return record;
  }

  /// Appends one record.
  ///
  /// @return whether there was space
  static boolean append(Wal wal, boolean control) throws IOException {
    byte[] record = record(wal.lastLsn() + 1);
    try {
      long _ = control ? wal.appendControl(record) : wal.append(record);
      return true;
    } catch (WalFullException e) {
      return false;
    }
  }

  /// Fills the log and waits to be killed.
  ///
  /// @param arguments directory, how many control records at most
  public static void main(String[] arguments) throws Exception {
    Wal wal = Wal.open(Path.of(arguments[0]), OPTIONS);
    while (wal.lastLsn() < 100 && append(wal, false)) {
      Spoken.say("ack " + wal.lastLsn());
    }
    Spoken.say("ready");
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    String _ = in.readLine();
    while (append(wal, false)) {
      Spoken.say("ack " + wal.lastLsn());
    }
    Spoken.say(wal.metrics().failed() ? "failed" : "refused");
    int controls = Integer.parseInt(arguments[1]);
    for (int i = 0; i < controls && append(wal, true); i++) {
      Spoken.say("control " + wal.lastLsn());
    }
    Spoken.say(wal.metrics().failed() ? "failed" : "full");
    String _ = in.readLine(); // until it is killed
  }
}
