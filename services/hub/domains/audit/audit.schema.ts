import { nullable } from '@dipper/contract/api/nullable';
import { Timestamp, Uuid } from '@dipper/contract/identifiers';
import { type Static, Type } from 'typebox';

/** One line of the audit trail: who did what to what, why, and how it ended. Never changed. */
export const AuditEntry = Type.Object(
  {
    id: Type.String(),
    at: Timestamp,
    /** Null where nobody was signed in. */
    account: nullable(Type.String()),
    session: nullable(Uuid),
    /** e.g. `media.view`, `session.create` */
    action: Type.String(),
    target: nullable(Type.String()),
    reason: nullable(Type.String()),
    /** `granted`, or the code of the error that was answered. */
    outcome: Type.String(),
    address: Type.String(),
    requestId: Type.String(),
  },
  { additionalProperties: false },
);
export type AuditEntry = Static<typeof AuditEntry>;
