import { type Static, Type } from 'typebox';
import { nullable } from './api/nullable.ts';
import { ExportGap, Timeline } from './api/recording.ts';
import { StreamName } from './commands.ts';
import { Code, Slug, Timestamp, Uuid } from './identifiers.ts';

/**
 * The uplink is a WebSocket that the edge opens to the hub because a signed command asked for it. The ticket goes in
 * the `Authorization: Bearer` header. Text frames are headers, binary frames are content.
 *
 * - `live`: a header, then init segment and fragments; a new header whenever the stream's parameters change.
 *   The hub sends the same frames on to every viewer, untouched. As MPEG-1 (`MPEG1_MIME`) the init segment is the tables of
 *   a transport stream, and each fragment the whole packets of one picture.
 * - `media`: one header, then the picture's bytes, then close 1000.
 * - `playback`: as `live`, from a recording: whole groups of pictures, with a new header where the stream began anew, then
 *   an `end`. The edge sends the first ten seconds by itself and then as far as a `more` of the viewer allows.
 * - `timeline`: one text frame.
 * - `export`: a header, then frames whose contents are, one after another, the bytes of the file, then an `end`.
 */
/** MPEG-1 video in an MPEG transport stream: RFC 6381 with the object type 0x6A of ISO/IEC 14496-1 (11172-2 video). */
export const MPEG1_MIME = 'video/mp2t; codecs="mp4v.6A"';

export const LiveHeader = Type.Object(
  {
    kind: Type.Literal('live'),
    device: Slug,
    stream: StreamName,
    /** RFC 6381, for `MediaSource.isTypeSupported`, e.g. `video/mp4; codecs="avc1.64001f"`. */
    mime: Type.String({ maxLength: 128 }),
    widthPx: Type.Integer({ minimum: 1 }),
    heightPx: Type.Integer({ minimum: 1 }),
  },
  { additionalProperties: false },
);
export type LiveHeader = Static<typeof LiveHeader>;

export const MediaHeader = Type.Object(
  {
    kind: Type.Literal('media'),
    ref: Uuid,
    status: Type.Enum(['available', 'expired', 'erased', 'unknown', 'corrupt']),
    mime: Type.Optional(Type.Literal('image/jpeg')),
    bytes: Type.Optional(Type.Integer({ minimum: 1, maximum: 16 * 1024 * 1024 })),
  },
  { additionalProperties: false },
);
export type MediaHeader = Static<typeof MediaHeader>;

export const PlaybackHeader = Type.Object(
  {
    kind: Type.Literal('playback'),
    device: Slug,
    mime: LiveHeader.properties.mime,
    widthPx: Type.Integer({ minimum: 1 }),
    heightPx: Type.Integer({ minimum: 1 }),
  },
  { additionalProperties: false },
);
export type PlaybackHeader = Static<typeof PlaybackHeader>;

/** From the viewer through the hub to the edge: groups that begin before `until` may come. */
export const PlaybackMore = Type.Object(
  { kind: Type.Literal('more'), until: Timestamp },
  { additionalProperties: false },
);
export type PlaybackMore = Static<typeof PlaybackMore>;

/** How much is sent before a viewer says that it wants more. */
export const PLAYBACK_AHEAD_MS = 10_000;
/** `until` of a `more` counts up to this much behind what was sent last. */
export const PLAYBACK_MAX_AHEAD_MS = 60_000;

/** The last frame of a playback or an export: nothing was recorded from here on, or something is wrong. */
export const RecordingEnd = Type.Object(
  {
    kind: Type.Literal('end'),
    /** Where the recording goes on. Null: nowhere yet. */
    nextAt: nullable(Timestamp),
    /** Why it ends here although it should not. */
    code: nullable(Code),
  },
  { additionalProperties: false },
);
export type RecordingEnd = Static<typeof RecordingEnd>;

export const TimelineHeader = Type.Object(
  { kind: Type.Literal('timeline'), ...Timeline.properties },
  { additionalProperties: false },
);
export type TimelineHeader = Static<typeof TimelineHeader>;

export const ExportHeader = Type.Object(
  { kind: Type.Literal('export'), device: Slug, mime: Type.String({ maxLength: 128 }) },
  { additionalProperties: false },
);
export type ExportHeader = Static<typeof ExportHeader>;

/** The last frame of an export. */
export const ExportEnd = Type.Object(
  {
    kind: Type.Literal('end'),
    /** When the last picture has been shown. */
    until: nullable(Timestamp),
    gaps: Type.Array(ExportGap, { maxItems: 10_000 }),
    code: nullable(Code),
  },
  { additionalProperties: false },
);
export type ExportEnd = Static<typeof ExportEnd>;

/** First byte of every binary frame of a live uplink. */
export const LIVE_FRAME = { init: 1, key: 2, delta: 3 } as const;
export type LiveFrameKind = keyof typeof LIVE_FRAME;

/** kind (1 byte) and the instant of the picture by the edge's clock (float64, big endian, ms since 1970), then fMP4 bytes. */
export const LIVE_FRAME_HEADER_BYTES = 9;

/** Writes one binary frame of a live uplink. */
export function encodeLiveFrame(kind: LiveFrameKind, atMs: number, content: Uint8Array): Uint8Array {
  const frame = new Uint8Array(LIVE_FRAME_HEADER_BYTES + content.byteLength);
  frame[0] = LIVE_FRAME[kind];
  new DataView(frame.buffer).setFloat64(1, atMs);
  frame.set(content, LIVE_FRAME_HEADER_BYTES);
  return frame;
}

/** Reads one binary frame; undefined if it is none. The content is a view, not a copy. */
export function decodeLiveFrame(
  frame: Uint8Array,
): { kind: LiveFrameKind; atMs: number; content: Uint8Array } | undefined {
  if (frame.byteLength < LIVE_FRAME_HEADER_BYTES) return undefined;
  const kind = (Object.keys(LIVE_FRAME) as LiveFrameKind[]).find((name) => LIVE_FRAME[name] === frame[0]);
  if (kind === undefined) return undefined;
  const atMs = new DataView(frame.buffer, frame.byteOffset).getFloat64(1);
  return { kind, atMs, content: frame.subarray(LIVE_FRAME_HEADER_BYTES) };
}
