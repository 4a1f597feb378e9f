import { type Static, Type } from 'typebox';
import { Slug, Timestamp, Uuid } from '../identifiers.ts';
import { LocalDate, PolicySchedule } from '../policy-body.ts';

const strict = { additionalProperties: false };
const Version = Type.Integer({ minimum: 1, maximum: 2_147_483_647 });

/** What statutory holidays (config/calendar.yaml) are; with anything but `as-usual` a day worked in lieu is as a Monday. */
export const HolidayUse = Type.Enum(['as-usual', 'closed', 'as-sunday']);
export type HolidayUse = Static<typeof HolidayUse>;

const Weekly = {
  ...PolicySchedule.properties.weekly,
  examples: [[[[480, 1080]], [[480, 1080]], [[480, 1080]], [[480, 1080]], [[480, 1080]], [], []]],
};
const SpecialDays = Type.Array(
  Type.Object({ date: LocalDate, spans: PolicySchedule.properties.weekly.items }, strict),
  { maxItems: 400, examples: [[{ date: '2026-12-31', spans: [[480, 720]] }]] },
);

const properties = {
  name: Type.String({ minLength: 1, maxLength: 64, examples: ['保洁'] }),
  /** Seven days, Monday first; spans in minutes of the day. */
  weekly: Weekly,
  /** Replace the day of the week, and the holiday, whole. */
  specialDays: SpecialDays,
  holidays: HolidayUse,
};

/** When something is on, by the clock on the estate's wall. */
export const AccessScheduleView = Type.Object(
  { id: Uuid, estate: Slug, ...properties, version: Version, changedAt: Timestamp, changedBy: Type.String() },
  strict,
);
export type AccessScheduleView = Static<typeof AccessScheduleView>;

export const NewAccessSchedule = Type.Object(
  {
    ...{ estate: Slug, name: properties.name, weekly: Weekly },
    specialDays: Type.Optional(SpecialDays),
    holidays: Type.Optional(HolidayUse),
  },
  strict,
);
export type NewAccessSchedule = Static<typeof NewAccessSchedule>;

export const AccessScheduleChange = Type.Object(
  {
    version: Version,
    name: Type.Optional(properties.name),
    weekly: Type.Optional(Weekly),
    specialDays: Type.Optional(SpecialDays),
    holidays: Type.Optional(HolidayUse),
  },
  strict,
);
export type AccessScheduleChange = Static<typeof AccessScheduleChange>;
