import { type Static, Type } from 'typebox';
import { Slug, Timestamp } from '../identifiers.ts';
import { LocalText } from './alarm.ts';
import { Platform } from './case.ts';
import { nullable } from './nullable.ts';

/** Somebody on duty in a grid. */
export const DutyView = Type.Object(
  {
    grid: Slug,
    gridName: LocalText,
    /** Account name. */
    name: Type.String(),
    displayName: Type.String(),
    /** Null: for all of them. */
    platform: nullable(Platform),
    /** When this turn of duty began and ends. */
    from: Timestamp,
    until: Timestamp,
  },
  { additionalProperties: false },
);
export type DutyView = Static<typeof DutyView>;
