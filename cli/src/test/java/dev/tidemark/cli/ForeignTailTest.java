package dev.tidemark.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tidemark.cli.logs.Defect;
import dev.tidemark.cli.logs.ForeignLog;
import dev.tidemark.cli.logs.Health;
import dev.tidemark.cli.logs.Log;
import dev.tidemark.cli.logs.Numbering;
import dev.tidemark.cli.logs.Shown;
import dev.tidemark.cli.logs.Taker;
import dev.tidemark.cli.screen.Results;
import dev.tidemark.formats.FormatException;
import dev.tidemark.formats.ValueSink;
import dev.tidemark.formats.leveldb.BatchWriter;
import dev.tidemark.formats.leveldb.LevelDbFormat;
import dev.tidemark.formats.leveldb.LogWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/// What `tail` makes of files that their system removes while they are read.
@Timeout(60)
class ForeignTailTest {
  @TempDir private Path folder;

  private Path log(long number) throws IOException {
    Path file = folder.resolve("%06d.log".formatted(number));
    BatchWriter batch = new BatchWriter();
    batch.delete(ByteBuffer.wrap(new byte[] {1}));
    try (LogWriter writer = new LogWriter(Files.newOutputStream(file))) {
      writer.append(batch.payload(number));
    }
    return file;
  }

  /// A log of which a file is removed when it was listed and is not open yet.
  private record Removing(Log log, Path file) implements Log {
    @Override
    public Path path() {
      return log.path();
    }

    @Override
    public String format() {
      return log.format();
    }

    @Override
    public String rule() {
      return log.rule();
    }

    @Override
    public List<Path> files() throws IOException {
      return log.files();
    }

    @Override
    public Numbering numbering() {
      return log.numbering();
    }

    @Override
    public Health verify(Watch watch) throws IOException {
      return log.verify(watch);
    }

    @Override
    public boolean describes() {
      return log.describes();
    }

    @Override
    public void describe(ByteBuffer payload, ValueSink sink) throws FormatException {
      log.describe(payload, sink);
    }

    @Override
    public void read(long from, long to, boolean all, Taker taker) throws IOException {
      log.read(
          from,
          to,
          all,
          new Taker() {
            @Override
            public boolean record(Shown record) throws IOException {
              return taker.record(record);
            }

            @Override
            public void defect(Defect defect) {
              taker.defect(defect);
            }

            @Override
            public @Nullable Extent known(String name) {
              try {
                if (file.endsWith(name)) {
                  Files.deleteIfExists(file);
                }
              } catch (IOException e) {
                throw new AssertionError(e);
              }
              return taker.known(name);
            }

            @Override
            public void ended(String name, Extent extent) {
              taker.ended(name, extent);
            }
          });
    }
  }

  private List<String> tail(Log log, String... options) throws Exception {
    Range range = CommandLine.populateCommand(new Range(), options);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Results results = new Results(out);
    new ForeignTail(log, new RecordLine(log, RecordLine.Shape.JSON, results), range, 10).run();
    results.flush();
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "1"})
  void aFileThatIsRemovedMeanwhileIsPassedOverAndTheOthersAreShownOnceEach(String from)
      throws Exception {
    log(3);
    Path removed = log(4);
    log(5);
    Log log = new Removing(new ForeignLog(folder, new LevelDbFormat()), removed);
    List<String> lines = tail(log, "--from", from, "--limit", "2");
    assertThat(lines).hasSize(2);
    assertThat(lines.getFirst()).contains("\"sequence\":3,");
    assertThat(lines.getLast()).contains("\"sequence\":5,");
  }

  @Test
  void aFileThatIsNotInADirectoryMustBeThere() throws IOException {
    Path file = log(3);
    Log log = new Removing(new ForeignLog(file, new LevelDbFormat()), file);
    assertThatThrownBy(() -> tail(log, "--from", "1", "--limit", "1"))
        .isInstanceOf(NoSuchFileException.class);
  }
}
