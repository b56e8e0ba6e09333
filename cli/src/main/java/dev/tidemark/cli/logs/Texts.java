package dev.tidemark.cli.logs;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// Bytes as people read them. Stateless.
public final class Texts {
  private Texts() {}

  /// {@return bytes as text, null if they are no UTF-8}
  ///
  /// @param bytes from position to limit, unchanged
  public static @Nullable String of(ByteBuffer bytes) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(bytes.duplicate())
          .toString();
    } catch (CharacterCodingException _) {
      return null;
    }
  }

  /// {@return bytes in hex}
  ///
  /// @param bytes from position to limit, unchanged
  public static String hex(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(bytes.position(), copy);
    return HexFormat.of().formatHex(copy);
  }
}
