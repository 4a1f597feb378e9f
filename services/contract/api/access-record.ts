import { type Static, Type } from 'typebox';
import { AccessFactor } from '../access-factor.ts';
import { Code, Slug, Timestamp, Uuid } from '../identifiers.ts';
import { LocalText } from './alarm.ts';
import { HolderKind } from './holder.ts';
import { nullable } from './nullable.ts';

const strict = { additionalProperties: false };

/** What was seen of one request after another, as the edge told it. */
export const AccessRecordStep = Type.Object(
  {
    at: Timestamp,
    /** `gate`: the gate was seen to change. `unconfirmed`: it was told to and was not seen to. */
    what: Type.Enum(['asked', 'granted', 'denied', 'gate', 'unconfirmed', 'tailgated', 'taken', 'not-taken']),
    /** Of `asked`: where the credential was offered. */
    reader: nullable(Slug),
    /** Of `gate` and `unconfirmed`: how it was seen to stand. */
    position: nullable(Type.Enum(['open', 'closed', 'moving', 'unknown'])),
    /** Of `taken`: what showed it. */
    by: nullable(Type.Enum(['contact', 'loop'])),
    /** Of `not-taken`: why nobody could go through. */
    cause: nullable(Code),
  },
  strict,
);
export type AccessRecordStep = Static<typeof AccessRecordStep>;

/** One request at a gate from beginning to end: what was asked, decided, done, and whether somebody went through. */
export const AccessRecordView = Type.Object(
  {
    /** Of the decision's event. */
    id: Uuid,
    /** What all events of this request have in common. */
    correlation: nullable(Uuid),
    /** When it was decided. */
    at: Timestamp,
    estate: Slug,
    agent: Slug,
    place: nullable(Slug),
    /** The gate. */
    device: nullable(Slug),
    accessPoint: Slug,
    /** Null for one that is not known here. */
    accessPointName: nullable(LocalText),
    outcome: Type.Enum(['granted', 'denied']),
    /** See `access-reasons.ts`; an edge may know more of them than the hub. */
    reason: Code,
    factors: Type.Array(AccessFactor),
    /** Null where the credential names nobody, or the person was erased since. */
    holder: nullable(
      Type.Object(
        { id: Uuid, kind: HolderKind, name: Type.String(), unit: nullable(Type.String()), blocked: Type.Boolean() },
        strict,
      ),
    ),
    policyVersion: nullable(Type.Integer({ minimum: 1 })),
    /** Null while it is not known: nothing was opened, or the edge has not told yet. */
    passage: nullable(Type.Enum(['taken', 'not-taken'])),
    /** In the order in which they happened. */
    steps: Type.Array(AccessRecordStep),
  },
  strict,
);
export type AccessRecordView = Static<typeof AccessRecordView>;
