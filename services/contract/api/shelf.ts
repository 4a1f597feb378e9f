import { type Static, Type } from 'typebox';
import { Slug, Timestamp, Uuid } from '../identifiers.ts';
import { LocalText } from './alarm.ts';
import { nullable } from './nullable.ts';
import { Reason } from './reason.ts';

const strict = { additionalProperties: false };

/** No shelf lasts longer than a week, whatever is configured: what takes longer is out of service, or a rule to be mended. */
export const MAX_SHELF_MIN = 7 * 24 * 60;

/** Sets an alarm aside (shelving, ISA-18.2 clause 11), and whatever its rule raises for the same key until the end. */
export const NewShelf = Type.Object(
  {
    alarm: Uuid,
    /** Minutes from now; at most what the hub's rules allow (`thresholds.longestShelfHours`). */
    forMin: Type.Integer({ minimum: 1, maximum: MAX_SHELF_MIN }),
    reason: Reason,
  },
  strict,
);
export type NewShelf = Static<typeof NewShelf>;

export const Shelf = Type.Object(
  {
    id: Uuid,
    rule: Slug,
    alarm: Uuid,
    /** That of the alarm it was shelved from. */
    title: LocalText,
    estate: Slug,
    place: nullable(Slug),
    reason: Type.String(),
    shelvedAt: Timestamp,
    shelvedBy: Type.String(),
    shelvedByName: nullable(Type.String()),
    until: Timestamp,
    endedAt: nullable(Timestamp),
    /** Null while it lasts, and where its time was up. */
    endedBy: nullable(Type.String()),
    endNote: nullable(Type.String()),
    /** Alarms that are, or were, silenced by it. */
    silenced: Type.Integer({ minimum: 0 }),
  },
  strict,
);
export type Shelf = Static<typeof Shelf>;
