package dev.tidemark.sink;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/// Writes one file. The same rows give the same bytes.
///
/// Zstandard over dictionaries where they pay (tags always repeat, many fields do); a column whose
/// dictionary outgrows a page is written plain from there on. Each page carries a checksum.
///
/// Memory: one row group, [#ROW_GROUP_BYTES], checked again after at most as many rows as filled
/// half of what was left, and the page that is being compressed, in and out.
final class ParquetFile {

  static final int PAGE_BYTES = 1 << 20;
  static final long ROW_GROUP_BYTES = 32L << 20;

  /// The first look at the memory used comes after so many rows: rows of long texts are rare.
  private static final int ROWS_TO_FIRST_CHECK = 16;

  /// Longer values are cut in the statistics, which the footer holds once per column and row group.
  private static final int STATISTICS_BYTES = 64;

  private ParquetFile() {}

  /// Writes all rows and the footer.
  ///
  /// @param output where to, from its start; not synced and not closed
  /// @param footer goes to the key-value metadata
  /// @param schema the columns of `rows`
  /// @param rows what to write
  /// @return how many bytes were written
  /// @throws IOException if the output fails
  static long write(Disk.Output output, Footer footer, Schema schema, RowSource rows)
      throws IOException {
    ParquetOutput stream = new ParquetOutput(output);
    try (ParquetWriter<Integer> writer =
        new Builder(stream, new ParquetRows(schema, rows, footer.metadata())).build()) {
      for (int row = 0; row < footer.rows(); row++) {
        writer.write(row);
      }
    } catch (IOException | RuntimeException e) {
      stream.requireSound(); // the disk's own error, if that is behind it
      throw e;
    }
    stream.requireSound();
    return stream.getPos();
  }

  private static final class Builder extends ParquetWriter.Builder<Integer, Builder> {
    private final ParquetRows rows;

    Builder(ParquetOutput stream, ParquetRows rows) {
      super(stream);
      this.rows = rows;
      withConf(new PlainParquetConfiguration());
      withCompressionCodec(CompressionCodecName.ZSTD);
      withCodecFactory(new ZstdPages());
      withRowGroupSize(ROW_GROUP_BYTES);
      withPageSize(PAGE_BYTES);
      withMinRowCountForPageSizeCheck(ROWS_TO_FIRST_CHECK);
      withStatisticsTruncateLength(STATISTICS_BYTES);
      withPageWriteChecksumEnabled(true);
      withDictionaryEncoding(true);
      withDictionaryEncoding(Column.TIME, false); // times seldom repeat
    }

    @Override
    protected Builder self() {
      return this;
    }

    @Override
    @SuppressWarnings("deprecation") // abstract, so it has to be there
    protected WriteSupport<Integer> getWriteSupport(Configuration conf) {
      return rows;
    }

    @Override
    protected WriteSupport<Integer> getWriteSupport(ParquetConfiguration conf) {
      return rows;
    }
  }
}
