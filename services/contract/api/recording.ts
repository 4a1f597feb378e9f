import { type Static, Type } from 'typebox';
import { Code, Slug, Timestamp, Uuid } from '../identifiers.ts';
import { nullable } from './nullable.ts';
import { Reason } from './reason.ts';

const strict = { additionalProperties: false };

/** The longest that one time line shows. */
export const MAX_TIMELINE_MS = 31 * 24 * 3_600_000;
export const MAX_TIMELINE_SPANS = 5_000;
/** The longest that one export holds. */
export const MAX_EXPORT_MS = 6 * 3_600_000;

/**
 * Why nothing is there to see: it went (`expired` at the end of its time, `over-budget` of the camera's bytes, `evicted`
 * to make room on the disk, `damaged`, `disk-replaced`), it was never filmed (`by-event`: nothing happened; `camera-offline`;
 * `not-recorded`: the agent, the disk or the camera failed, or recording was off), or it is still to come (`not-yet`).
 */
export const RecordingGapCause = Type.Enum([
  'expired',
  'over-budget',
  'evicted',
  'damaged',
  'disk-replaced',
  'by-event',
  'camera-offline',
  'not-recorded',
  'not-yet',
]);
export type RecordingGapCause = Static<typeof RecordingGapCause>;

const range = { from: Timestamp, until: Timestamp };

/** Nothing in this time is deleted before the lock is over. */
export const EvidenceLock = Type.Object({ id: Uuid, ...range, expiresAt: Timestamp, reason: Type.String() }, strict);
export type EvidenceLock = Static<typeof EvidenceLock>;

export const NewEvidenceLock = Type.Object({ ...range, expiresAt: Timestamp, reason: Reason }, strict);
export type NewEvidenceLock = Static<typeof NewEvidenceLock>;

export const EvidenceRelease = Type.Object({ reason: Reason }, strict);
export type EvidenceRelease = Static<typeof EvidenceRelease>;

/** What is recorded of a camera in a time; spans and gaps take turns and cover the whole of it. */
export const Timeline = Type.Object(
  {
    device: Slug,
    mode: Type.Enum(['continuous', 'by-event']),
    ...range,
    /** Of all that there is, also outside of the time asked for. */
    earliestAt: nullable(Timestamp),
    latestAt: nullable(Timestamp),
    spans: Type.Array(Type.Object({ ...range, bytes: Type.Integer({ minimum: 0 }) }, strict), {
      maxItems: MAX_TIMELINE_SPANS,
    }),
    gaps: Type.Array(Type.Object({ ...range, cause: RecordingGapCause }, strict), {
      maxItems: MAX_TIMELINE_SPANS + 1,
    }),
    /** Those that touch the time and are not over. */
    locks: Type.Array(EvidenceLock),
  },
  strict,
);
export type Timeline = Static<typeof Timeline>;

/** A picture of a recording that somebody keeps; only put on record. */
export const SnapshotTaken = Type.Object({ at: Timestamp }, strict);
export type SnapshotTaken = Static<typeof SnapshotTaken>;

export const NewExport = Type.Object({ ...range, reason: Reason }, strict);
export type NewExport = Static<typeof NewExport>;

/** `waiting` until somebody fetches the file, `running` while it is handed out. */
export const ExportState = Type.Enum(['waiting', 'running', 'done', 'failed']);
export type ExportState = Static<typeof ExportState>;

export const ExportView = Type.Object(
  {
    id: Uuid,
    device: Slug,
    estate: Slug,
    ...range,
    reason: Type.String(),
    state: ExportState,
    /** Why it failed. */
    code: nullable(Code),
    /** Of the file, once it is done. */
    bytes: nullable(Type.Integer({ minimum: 0 })),
    sha256: nullable(Type.String()),
    requestedBy: Type.String(),
    requestedAt: Timestamp,
    /** Until then the file can be fetched, once. */
    expiresAt: Timestamp,
    finishedAt: nullable(Timestamp),
  },
  strict,
);
export type ExportView = Static<typeof ExportView>;

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });

/** A stretch of the range asked for that the file does not show. `other-format`: ask for it by itself. */
export const ExportGap = Type.Object(
  { ...range, cause: Type.Union([RecordingGapCause, Type.Literal('other-format')]) },
  strict,
);
export type ExportGap = Static<typeof ExportGap>;

/** What a file of an export is, byte for byte. */
export const ExportManifest = Type.Object(
  {
    version: Type.Literal(1),
    export: Uuid,
    device: Slug,
    estate: Slug,
    agent: Slug,
    asked: Type.Object(range, strict),
    /** From the first picture to the end of the last: an export is cut at key frames. */
    real: Type.Object(range, strict),
    gaps: Type.Array(ExportGap),
    /** Without gaps: each begins where the one before it ends. */
    parts: Type.Array(
      Type.Object(
        {
          /** When its first picture was taken; null for the head of the file. */
          at: nullable(Timestamp),
          offset: Type.Integer({ minimum: 0 }),
          bytes: Type.Integer({ minimum: 1 }),
          sha256: Sha256,
        },
        strict,
      ),
    ),
    bytes: Type.Integer({ minimum: 1 }),
    sha256: Sha256,
    mime: Type.String(),
    requestedBy: Type.String(),
    requestedAt: Timestamp,
    reason: Type.String(),
    finishedAt: Timestamp,
  },
  strict,
);
export type ExportManifest = Static<typeof ExportManifest>;

/** `typ` in the protected header (RFC 8725 §3.11). */
export const EXPORT_TYPE = 'dipper-export+jws';

/** The file of a manifest: to be read, and signed. */
export const SignedManifest = Type.Object(
  {
    manifest: ExportManifest,
    /** JWS in compact form over the same manifest, by the key that edges pin. */
    signature: Type.String(),
  },
  strict,
);
export type SignedManifest = Static<typeof SignedManifest>;
