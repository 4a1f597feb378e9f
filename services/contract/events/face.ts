import { type Static, Type } from 'typebox';
import { Code, Slug, Timestamp, Uuid } from '../identifiers.ts';
import { Box } from './box.ts';

const strict = { additionalProperties: false };

export const FaceQuality = Type.Object(
  {
    /** 0..1, the product that best shots are compared by. */
    score: Type.Number({ minimum: 0, maximum: 1 }),
    /** Variance of the Laplacian on the crop scaled to a fixed size. */
    sharpness: Type.Number({ minimum: 0 }),
    /** Shorter side of the face box in the picture the shot was cut from. */
    sizePx: Type.Number({ minimum: 0 }),
    yawDeg: Type.Number({ minimum: -180, maximum: 180 }),
    pitchDeg: Type.Number({ minimum: -180, maximum: 180 }),
    rollDeg: Type.Number({ minimum: -180, maximum: 180 }),
    bothEyes: Type.Boolean(),
  },
  strict,
);
export type FaceQuality = Static<typeof FaceQuality>;

/** Where a captured picture can be asked for. The picture itself stays on the edge. */
export const MediaReference = Type.Union([
  Type.Object({ ref: Uuid, mime: Type.Literal('image/jpeg'), expiresAt: Timestamp }, strict),
  Type.Object({ unavailable: Code }, strict),
]);
export type MediaReference = Static<typeof MediaReference>;

const FaceCaptured = Type.Object(
  {
    track: Uuid,
    firstSeenAt: Timestamp,
    /** When the frame of the shot was taken, local time of the edge. */
    capturedAt: Timestamp,
    /** The same instant by the camera's own clock. */
    senderAt: Timestamp,
    /** Which stream the shot was cut from: `sub` only where main could not give it. */
    source: Type.Enum(['main', 'sub']),
    frame: Type.Object({ widthPx: Type.Integer({ minimum: 1 }), heightPx: Type.Integer({ minimum: 1 }) }, strict),
    box: Box,
    quality: FaceQuality,
    media: MediaReference,
  },
  strict,
);

/** What somebody who is being enrolled can do next. */
export const EnrolmentAdvice = Type.Enum([
  'come-alone',
  'come-nearer',
  'face-camera',
  'open-eyes',
  'hold-still',
  'turn-head',
]);
export type EnrolmentAdvice = Static<typeof EnrolmentAdvice>;

/** How an enrolment at the gate's own camera goes on. Neither a picture nor a template is in it, nor anything made of one. */
const FaceEnrolment = Type.Object(
  {
    enrolment: Uuid,
    holder: Uuid,
    consent: Uuid,
    accessPoint: Slug,
    state: Type.Enum(['watching', 'seen', 'done', 'failed']),
    /** Frames that were good enough so far. */
    goodFrames: Type.Integer({ minimum: 0, maximum: 64 }),
    /** Why it failed, or what is in the way at the moment. */
    code: Type.Optional(Code),
    advice: Type.Optional(EnrolmentAdvice),
  },
  strict,
);

/** Why a face template went. */
export const ErasureReason = Type.Enum([
  'withdrawn',
  'not-in-policy',
  'consent-expired',
  'policy-expired',
  'model-changed',
  'unreadable',
]);
export type ErasureReason = Static<typeof ErasureReason>;

/** The receipt of a deletion: this edge has no template of that person any more. */
const FaceTemplateErased = Type.Object(
  {
    holder: Uuid,
    consent: Uuid,
    reason: ErasureReason,
    at: Timestamp,
    /** `erasureSignature` under the agent's credential key: a broker that was taken over writes no receipts. */
    signature: Type.Optional(Type.String({ pattern: '^[0-9a-f]{64}$' })),
  },
  strict,
);

/** Faces: captured, enrolled, erased. None carries a picture or a template. */
export const FACE_EVENTS = {
  'face.captured': { data: FaceCaptured, retention: 'face' },
  'face.enrolment': { data: FaceEnrolment, retention: 'passage' },
  'face.template-erased': { data: FaceTemplateErased, retention: 'passage' },
} as const;
