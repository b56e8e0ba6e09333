import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.tidemark.formats.leveldb.BatchWriter;
import dev.tidemark.formats.leveldb.LogWriter;
import java.io.BufferedOutputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/// Makes a log of LevelDB's with one put in each batch, keys of 16 bytes: `FILE VALUE_BYTES TOTAL_BYTES`.
public class LevelDbLog {
  public static void main(String[] arguments) throws Exception {
    byte[] value = new byte[Integer.parseInt(arguments[1])];
    new Random(1).nextBytes(value);
    long totalBytes = Long.parseLong(arguments[2]);
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(Path.of(arguments[0])), 1 << 20);
        LogWriter log = new LogWriter(out)) {
      BatchWriter batch = new BatchWriter();
      long sequence = 0;
      for (long bytes = 0; bytes < totalBytes; bytes += value.length) {
        batch.clear();
        batch.put(ByteBuffer.wrap(String.format("%016x", bytes).getBytes(US_ASCII)), ByteBuffer.wrap(value));
        log.append(batch.payload(++sequence));
      }
    }
  }
}
