package dev.tidemark.sink;

import io.airlift.compress.v3.zstd.ZstdJavaCompressor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.parquet.bytes.ByteBufferAllocator;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/// Compresses the pages of one file with Zstandard, in Java.
///
/// Parquet's own codecs for Zstandard and Snappy are both native code that unpacks itself into the
/// temporary directory at first use, and fails at the first flush where nothing may be executed
/// from there. This one needs nothing of the machine, and gives the same bytes on each. For one
/// thread.
final class ZstdPages implements CompressionCodecFactory {

  private final Pages pages = new Pages();

  @Override
  public BytesInputCompressor getCompressor(CompressionCodecName codec) {
    if (codec != CompressionCodecName.ZSTD) {
      throw new IllegalArgumentException("only ZSTD is written, not " + codec);
    }
    return pages;
  }

  @Override
  public BytesInputDecompressor getDecompressor(CompressionCodecName codec) {
    throw new UnsupportedOperationException("a sink reads no pages");
  }

  @Override
  public void release() {}

  private static final class Pages implements BytesInputCompressor {
    private final ByteBufferAllocator heap = HeapByteBufferAllocator.getInstance();
    private final ZstdJavaCompressor zstd = new ZstdJavaCompressor();

    @Override
    public BytesInput compress(BytesInput page) throws IOException {
      ByteBuffer plain = page.toByteBuffer(heap, buffer -> {});
      byte[] packed = new byte[zstd.maxCompressedLength(plain.remaining())];
      int length = zstd.compress(MemorySegment.ofBuffer(plain), MemorySegment.ofArray(packed));
      // A copy of its own size: Parquet holds every page of a row group until the group is written.
      return BytesInput.from(Arrays.copyOf(packed, length));
    }

    @Override
    public CompressionCodecName getCodecName() {
      return CompressionCodecName.ZSTD;
    }

    @Override
    public void release() {}
  }
}
