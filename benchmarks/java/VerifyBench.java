import dev.tidemark.wal.Batch;
import dev.tidemark.wal.Wal;
import dev.tidemark.wal.WalFindings;
import dev.tidemark.wal.WalInspection;
import dev.tidemark.wal.WalOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/// How fast a log is verified that the page cache holds: `DIR RECORD_BYTES TOTAL_BYTES ROUNDS`. The log is made if the
/// directory is not there.
public class VerifyBench {
  public static void main(String[] arguments) throws Exception {
    Path directory = Path.of(arguments[0]);
    int recordBytes = Integer.parseInt(arguments[1]);
    long totalBytes = Long.parseLong(arguments[2]);
    if (!Files.exists(directory)) {
      byte[] record = new byte[recordBytes];
      new Random(1).nextBytes(record);
      Batch batch = new Batch();
      for (long bytes = 0; bytes < 128 << 10; bytes += recordBytes) {
        batch.add(record);
      }
      try (Wal wal = Wal.open(directory, WalOptions.defaults())) {
        for (long bytes = 0; bytes < totalBytes; bytes += (long) batch.count() * recordBytes) {
          wal.append(batch);
        }
      }
    }
    for (int round = 0; round < Integer.parseInt(arguments[3]); round++) {
      long begun = System.nanoTime();
      WalFindings found = Wal.inspect(directory).verify(WalInspection.Progress.none());
      double seconds = (System.nanoTime() - begun) / 1e9;
      System.out.printf(
          "%s, %d frames, %.2f s, %.2f GB/s%n",
          found.verdict(), found.frames(), seconds, found.verifiedBytes() / 1e9 / seconds);
    }
  }
}
