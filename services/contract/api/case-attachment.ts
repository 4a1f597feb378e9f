import { type Static, Type } from 'typebox';
import { Timestamp, Uuid } from '../identifiers.ts';
import { nullable } from './nullable.ts';

const strict = { additionalProperties: false };

/** Pictures alone: a PDF can carry programs, and HEIC needs a decoder that is not free of patents. */
export const ATTACHMENT_TYPES = ['image/jpeg', 'image/png', 'image/webp'] as const;
/** A phone's largest photo has some 8 MB. */
export const MAX_ATTACHMENT_BYTES = 12 * 1024 * 1024;
export const MAX_ATTACHMENTS = 20;

/** A picture of a case; its bytes come from `GET /api/v1/cases/{id}/attachments/{attachment}`. */
export const CaseAttachment = Type.Object(
  {
    id: Uuid,
    /** What is kept, whatever was sent: pictures are drawn anew, so that nothing hides in them. */
    mime: Type.Enum(ATTACHMENT_TYPES),
    bytes: Type.Integer({ minimum: 1 }),
    widthPx: Type.Integer({ minimum: 1 }),
    heightPx: Type.Integer({ minimum: 1 }),
    /** Where it was taken, by the phone; only where the sender wanted it kept. */
    location: nullable(Type.Object({ latitudeDeg: Type.Number(), longitudeDeg: Type.Number() }, strict)),
    by: Type.String(),
    byName: nullable(Type.String()),
    at: Timestamp,
  },
  strict,
);
export type CaseAttachment = Static<typeof CaseAttachment>;

/** Query of `POST /api/v1/cases/{id}/attachments`; the body is the picture itself with its content type. */
export const AttachmentQuery = Type.Object(
  {
    /** Sent again with it, a picture is kept once. */
    key: Type.Optional(Uuid),
    /** Whether the place that the phone wrote into the picture is wanted; it is dropped otherwise. */
    location: Type.Optional(Type.Enum(['keep', 'drop'])),
    /** When it was added, for what was added offline. */
    takenAt: Type.Optional(Timestamp),
  },
  strict,
);
export type AttachmentQuery = Static<typeof AttachmentQuery>;
