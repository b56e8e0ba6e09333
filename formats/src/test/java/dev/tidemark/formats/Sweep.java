package dev.tidemark.formats;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Every flipped bit and every length of one small file, read by one reader. Nothing may be thrown
/// but [IOException], nothing may take long or much memory; what else must hold, the caller says.
public final class Sweep {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final long MOST_BYTES = 8 << 20;
  private static final int MOST_RECORDS = 100_000;

  /// How the format under test is read.
  @FunctionalInterface
  public interface Opening {
    /// {@return a reader of the file}
    ///
    /// @param file its bytes
    /// @param damage to be told of damage
    /// @throws IOException if the file cannot be read at all
    RecordReader open(InputStream file, DamageListener damage) throws IOException;
  }

  /// What a reader made of one file.
  ///
  /// @param records in hex
  /// @param damage in the order in which it was told
  /// @param refusal why the file could not be read at all, or null
  public record Outcome(List<String> records, List<Damage> damage, @Nullable String refusal) {
    /// {@return whether the reader said in any way that not all is well}
    public boolean complains() {
      return refusal != null || !damage.isEmpty();
    }
  }

  /// What must hold for the outcome of one changed file.
  @FunctionalInterface
  public interface Law {
    /// Fails if it does not hold.
    ///
    /// @param what was changed
    /// @param outcome of reading the changed file
    void check(String what, Outcome outcome);
  }

  private Sweep() {}

  /// {@return what is made of one file}
  ///
  /// @param file its bytes
  /// @param opening how it is read
  public static Outcome read(byte[] file, Opening opening) {
    List<String> records = new ArrayList<>();
    List<Damage> damage = new ArrayList<>();
    try (RecordReader reader = opening.open(new ByteArrayInputStream(file), damage::add)) {
      while (reader.next()) {
        assertThat(reader.offset()).isNotNegative().isLessThanOrEqualTo(reader.endOffset());
        assertThat(reader.endOffset()).isLessThanOrEqualTo(file.length);
        ByteBuffer payload = reader.payload().duplicate();
        byte[] bytes = new byte[payload.remaining()];
        payload.get(bytes);
        records.add(HexFormat.of().formatHex(bytes));
        assertThat(records.size()).isLessThan(MOST_RECORDS);
      }
      assertThat(reader.next()).isFalse();
    } catch (IOException refused) {
      return new Outcome(records, damage, String.valueOf(refused.getMessage()));
    }
    return new Outcome(records, damage, null);
  }

  /// Flips every bit, one at a time.
  ///
  /// @param file a healthy file
  /// @param opening how it is read
  /// @param law what must hold each time
  public static void flips(byte[] file, Opening opening, Law law) {
    for (int bit = 0; bit < file.length * 8; bit++) {
      byte[] changed = file.clone();
      changed[bit / 8] ^= (byte) (1 << (bit % 8));
      measured("bit " + bit % 8 + " of byte " + bit / 8 + " flipped", changed, opening, law);
    }
  }

  /// Cuts the file to every length.
  ///
  /// @param file a healthy file
  /// @param opening how it is read
  /// @param law what must hold each time
  public static void cuts(byte[] file, Opening opening, Law law) {
    for (int length = 0; length < file.length; length++) {
      measured("cut to " + length + " bytes", Arrays.copyOf(file, length), opening, law);
    }
  }

  /// {@return a law for formats whose checksums cover all bytes: what is shown is what was written,
  /// in order, and if anything is missing, that is said}
  ///
  /// @param healthy the outcome of the unchanged file
  public static Law nothingWrong(Outcome healthy) {
    return (what, outcome) -> {
      assertThat(isPartOf(outcome.records(), healthy.records()))
          .as("%s: shows records that were never written: %s", what, outcome.records())
          .isTrue();
      if (outcome.records().size() < healthy.records().size()) {
        assertThat(outcome.complains()).as("%s: loses records and says nothing", what).isTrue();
      }
    };
  }

  /// {@return a law for flipped bits of a file that ends with a whole record: what is damaged never
  /// passes for what a crash leaves}
  ///
  /// @param law what must hold, too
  public static Law neverTorn(Law law) {
    return (what, outcome) -> {
      law.check(what, outcome);
      assertThat(
              !outcome.damage().isEmpty()
                  && outcome.damage().stream()
                      .allMatch(found -> found.kind() == Damage.Kind.TORN_TAIL))
          .as("%s: told as a torn tail: %s", what, outcome.damage())
          .isFalse();
    };
  }

  /// {@return whether the records of `part` are among those of `all`, in the same order}
  ///
  /// @param part records in hex
  /// @param all records in hex
  public static boolean isPartOf(List<String> part, List<String> all) {
    int at = 0;
    for (String record : all) {
      if (at < part.size() && part.get(at).equals(record)) {
        at++;
      }
    }
    return at == part.size();
  }

  private static void measured(String what, byte[] changed, Opening opening, Law law) {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    Outcome outcome;
    try {
      outcome = read(changed, opening);
    } catch (RuntimeException | Error failure) {
      throw new AssertionError(what + ": " + failure, failure);
    }
    assertThat(THREADS.getCurrentThreadAllocatedBytes() - before)
        .as("%s: memory taken, in bytes", what)
        .isLessThan(MOST_BYTES);
    law.check(what, outcome);
  }
}
