/** What a spreadsheet may write text in. */
export type Encoding = 'utf-8' | 'utf-16le' | 'gb18030';

export interface DecodedText {
  readonly text: string;
  readonly encoding: Encoding;
}

const UTF8_BOM = [0xef, 0xbb, 0xbf];
const UTF16LE_BOM = [0xff, 0xfe];

/**
 * Reads bytes as text: UTF-8 with or without a byte order mark, UTF-16 as "Unicode text" of Excel, otherwise GB 18030,
 * in which a Chinese Excel writes CSV (GBK and GB 2312 are parts of it).
 * @returns undefined when it is none of them: no text, then
 */
export function decodeText(bytes: Uint8Array): DecodedText | undefined {
  const begins = (mark: readonly number[]): boolean => mark.every((byte, index) => bytes[index] === byte);
  if (begins(UTF16LE_BOM)) return decoded(bytes, 'utf-16le');
  if (begins(UTF8_BOM)) return decoded(bytes, 'utf-8');
  return decoded(bytes, 'utf-8') ?? decoded(bytes, 'gb18030');
}

function decoded(bytes: Uint8Array, encoding: Encoding): DecodedText | undefined {
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    // Text has no NUL; a picture or a workbook (.xlsx) has many.
    return text.includes('\0') ? undefined : { text, encoding };
  } catch {
    return undefined;
  }
}
