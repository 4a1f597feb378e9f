import { type Static, Type } from 'typebox';
import { EnrolmentAdvice, ErasureReason } from '../events/face.ts';
import { Code, Slug, Timestamp, Uuid } from '../identifiers.ts';
import { nullable } from './nullable.ts';
import { Reason } from './reason.ts';

const strict = { additionalProperties: false };

/** The text that is shown to whoever consents; the console has it in both languages. A changed text is a new version. */
export const FACE_NOTICE_VERSION = '2026-11';

/** Consent to one purpose is none to another one. */
export const FacePurpose = Type.Enum(['estate-access']);
const AccessPoints = Type.Array(Slug, {
  minItems: 1,
  maxItems: 64,
  uniqueItems: true,
  examples: [['east-way-in']],
});
const Name = Type.String({ minLength: 1, maxLength: 64, examples: ['王建国'] });
const Proof = Type.String({ minLength: 1, maxLength: 200, examples: ['户口簿，当面核验'] });
export const ConsentHow = Type.Enum(['in-person', 'paper']);

/** How an enrolment at a camera stands, as the edge told last. */
export const FaceEnrolmentView = Type.Object(
  {
    id: Uuid,
    device: Slug,
    agent: Slug,
    accessPoint: Slug,
    state: Type.Enum(['asked', 'watching', 'seen', 'done', 'failed']),
    goodFrames: Type.Integer({ minimum: 0 }),
    code: nullable(Code),
    /** What the resident can do next; null where nothing is to be done differently. */
    advice: nullable(EnrolmentAdvice),
    askedAt: Timestamp,
    askedBy: Type.String(),
  },
  strict,
);
export type FaceEnrolmentView = Static<typeof FaceEnrolmentView>;

/** An edge erased the template. */
export const FaceErasureView = Type.Object(
  {
    agent: Slug,
    reason: ErasureReason,
    erasedAt: Timestamp,
    /** Whether its signature is that agent's. */
    signed: Type.Boolean(),
  },
  strict,
);
export type FaceErasureView = Static<typeof FaceErasureView>;

export const FaceConsentView = Type.Object(
  {
    id: Uuid,
    holder: Uuid,
    estate: Slug,
    purpose: FacePurpose,
    noticeVersion: Type.String(),
    accessPoints: Type.Array(Slug),
    how: ConsentHow,
    minor: Type.Boolean(),
    guardian: nullable(Type.String()),
    guardianProof: nullable(Type.String()),
    givenAt: Timestamp,
    recordedBy: Type.String(),
    validUntil: Timestamp,
    withdrawnAt: nullable(Timestamp),
    withdrawnBy: nullable(Type.String()),
    /** Newest first. */
    enrolments: Type.Array(FaceEnrolmentView),
    /** Agents that were told to have a template, and have not signed for its deletion since the withdrawal. */
    awaited: Type.Array(Slug),
    erasures: Type.Array(FaceErasureView),
  },
  strict,
);
export type FaceConsentView = Static<typeof FaceConsentView>;

export const FaceConsentList = Type.Object({ items: Type.Array(FaceConsentView) }, strict);

export const NewFaceConsent = Type.Object(
  {
    purpose: FacePurpose,
    /** Of the text that was shown; REQUEST_INVALID when it is not the present one. */
    noticeVersion: Type.String({ minLength: 1, maxLength: 32, examples: [FACE_NOTICE_VERSION] }),
    accessPoints: AccessPoints,
    how: ConsentHow,
    /** Under fourteen. */
    minor: Type.Boolean(),
    guardian: Type.Optional(Name),
    guardianProof: Type.Optional(Proof),
    /** At most two years ahead. */
    validUntil: Timestamp,
  },
  strict,
);
export type NewFaceConsent = Static<typeof NewFaceConsent>;

export const ConsentWithdrawal = Type.Object({ reason: Type.Optional(Reason) }, strict);
export type ConsentWithdrawal = Static<typeof ConsentWithdrawal>;

export const NewFaceEnrolment = Type.Object(
  {
    accessPoint: { ...Slug, examples: ['east-way-in'] },
    /** The camera that recognises at that access point. */
    device: { ...Slug, examples: ['lanting-service-face'] },
  },
  strict,
);
export type NewFaceEnrolment = Static<typeof NewFaceEnrolment>;

export const ImpactAssessmentView = Type.Object(
  {
    id: Uuid,
    estate: Slug,
    title: Type.String(),
    /** Its number or address. */
    document: Type.String(),
    validUntil: Timestamp,
    filedAt: Timestamp,
    filedBy: Type.String(),
    endedAt: nullable(Timestamp),
  },
  strict,
);
export type ImpactAssessmentView = Static<typeof ImpactAssessmentView>;

export const NewImpactAssessment = Type.Object(
  {
    estate: Slug,
    title: Type.String({ minLength: 1, maxLength: 120, examples: ['澜庭人脸通行个人信息保护影响评估'] }),
    document: Type.String({ minLength: 1, maxLength: 300, examples: ['PIA-2026-07'] }),
    validUntil: Timestamp,
  },
  strict,
);
export type NewImpactAssessment = Static<typeof NewImpactAssessment>;
