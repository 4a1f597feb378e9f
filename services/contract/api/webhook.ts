import { type Static, Type } from 'typebox';
import { Slug, Timestamp, Uuid } from '../identifiers.ts';
import { PRIORITIES, Priority } from './alarm.ts';
import { nullable } from './nullable.ts';

const strict = { additionalProperties: false };

/** `standard`: JSON, signed as Standard Webhooks 1.0.0 has it. `wecom`, `dingtalk`: messages for their group robots. */
export const WEBHOOK_FORMATS = ['standard', 'wecom', 'dingtalk'] as const;
export const WebhookFormat = Type.Enum(WEBHOOK_FORMATS);
export type WebhookFormat = Static<typeof WebhookFormat>;

/** What a webhook can be told. `alarm.unseen`: nobody acknowledged an alarm within the minutes given. */
export const MESSAGE_TYPES = [
  'alarm.created',
  'alarm.updated',
  'alarm.unseen',
  'incident.created',
  'incident.updated',
  'case.created',
  'case.updated',
  'event.created',
] as const;
export const MessageType = Type.Enum(MESSAGE_TYPES);
export type MessageType = Static<typeof MessageType>;

const MAX_NAMES = 50;
const MAX_LEVELS = 5;
const MAX_MINUTES = 24 * 60;
const names = () => Type.Array(Slug, { maxItems: MAX_NAMES, uniqueItems: true });

/** Each part narrows; what is left out lets everything through. */
export const WebhookFilter = Type.Object(
  {
    priorities: Type.Optional(Type.Array(Priority, { minItems: 1, maxItems: PRIORITIES.length, uniqueItems: true })),
    estates: Type.Optional(names()),
    grids: Type.Optional(names()),
    places: Type.Optional(names()),
    /** Of events only, e.g. `gate.forced`. */
    eventTypes: Type.Optional(
      Type.Array(Type.String({ pattern: '^[a-z]+([.-][a-z]+)*$', maxLength: 64 }), {
        maxItems: MAX_NAMES,
        uniqueItems: true,
      }),
    ),
  },
  strict,
);
export type WebhookFilter = Static<typeof WebhookFilter>;

const Minutes = Type.Array(Type.Integer({ minimum: 1, maximum: MAX_MINUTES }), {
  minItems: 1,
  maxItems: MAX_LEVELS,
  uniqueItems: true,
});

/** Per priority the minutes after which an alarm that nobody has acknowledged is told of: one message per level. */
export const UnseenLevels = Type.Object(
  {
    critical: Type.Optional(Minutes),
    high: Type.Optional(Minutes),
    medium: Type.Optional(Minutes),
    low: Type.Optional(Minutes),
  },
  strict,
);
export type UnseenLevels = Static<typeof UnseenLevels>;

const ClockTime = Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' });

/** From … until, by the webhook's time zone; what is not critical waits for their end. */
export const QuietHours = Type.Object({ from: ClockTime, until: ClockTime }, strict);
export type QuietHours = Static<typeof QuietHours>;

const Name = Type.String({ minLength: 1, maxLength: 64 });
const Url = Type.String({ pattern: '^https?://[^\\s@]+$', maxLength: 1024 });
const TimeZone = Type.String({ pattern: '^[A-Za-z0-9_+/-]{1,64}$' });
const Types = Type.Array(MessageType, { minItems: 1, maxItems: MESSAGE_TYPES.length, uniqueItems: true });
const Language = Type.Enum(['zh', 'en']);
/** What DingTalk shows where the robot's security is set to 加签. */
const DingTalkSecret = Type.String({ pattern: '^SEC[A-Za-z0-9]{16,128}$' });

export const NewWebhook = Type.Object(
  {
    name: Name,
    url: Url,
    format: Type.Optional(WebhookFormat),
    types: Types,
    filter: Type.Optional(WebhookFilter),
    unseen: Type.Optional(UnseenLevels),
    quietHours: Type.Optional(nullable(QuietHours)),
    timeZone: Type.Optional(TimeZone),
    language: Type.Optional(Language),
    /** Of a DingTalk robot only. The secret of the format `standard` is made by the hub. */
    secret: Type.Optional(DingTalkSecret),
  },
  {
    ...strict,
    examples: [
      {
        name: 'Property management',
        url: 'https://hooks.example.cn/dipper',
        types: ['alarm.created', 'alarm.updated', 'case.created'],
        filter: { priorities: ['critical', 'high'] },
      },
    ],
  },
);
export type NewWebhook = Static<typeof NewWebhook>;

/** What is to be different; what is left out stays. `active: true` lets a disabled one go on where it stopped. */
export const WebhookChange = Type.Object(
  {
    active: Type.Optional(Type.Boolean()),
    name: Type.Optional(Name),
    url: Type.Optional(Url),
    types: Type.Optional(Types),
    filter: Type.Optional(WebhookFilter),
    unseen: Type.Optional(UnseenLevels),
    quietHours: Type.Optional(nullable(QuietHours)),
    timeZone: Type.Optional(TimeZone),
    language: Type.Optional(Language),
    secret: Type.Optional(DingTalkSecret),
  },
  { ...strict, minProperties: 1, examples: [{ active: false }] },
);
export type WebhookChange = Static<typeof WebhookChange>;

export const WebhookView = Type.Object(
  {
    id: Uuid,
    name: Type.String(),
    format: WebhookFormat,
    /** Where it leads; path and query may hold a secret and are not told again. */
    url: Type.String(),
    types: Type.Array(MessageType),
    filter: WebhookFilter,
    unseen: UnseenLevels,
    quietHours: nullable(QuietHours),
    timeZone: Type.String(),
    language: Language,
    /** Messages that wait to be sent. */
    pending: Type.Integer({ minimum: 0 }),
    lastDeliveredAt: nullable(Timestamp),
    /** Since when nothing has been delivered though it was tried. */
    failingSince: nullable(Timestamp),
    disabledAt: nullable(Timestamp),
    /** `failing`: for days; `gone`: the receiver answered 410. */
    disabledReason: nullable(Type.Enum(['by-hand', 'failing', 'gone'])),
    /** When changes were passed by because they were no longer kept: the receiver has to read everything anew. */
    gapAt: nullable(Timestamp),
    /** Until then messages are signed with the secret before as well. */
    previousSecretUntil: nullable(Timestamp),
    createdAt: Timestamp,
    createdBy: Type.String(),
  },
  strict,
);
export type WebhookView = Static<typeof WebhookView>;

/** With the secret, which is never shown again; null for formats whose receivers check no signature of ours. */
export const CreatedWebhook = Type.Object({ webhook: WebhookView, secret: nullable(Type.String()) }, strict);
export type CreatedWebhook = Static<typeof CreatedWebhook>;

export const RotatedSecret = Type.Object({ secret: Type.String(), previousSecretUntil: Timestamp }, strict);
export type RotatedSecret = Static<typeof RotatedSecret>;

export const DELIVERY_STATUSES = ['pending', 'delivered', 'failed', 'dropped'] as const;

/** One message to one address. */
export const DeliveryView = Type.Object(
  {
    /** The `webhook-id` of every attempt: a receiver that has it already ignores it. */
    id: Uuid,
    type: Type.String(),
    /** What it is about, e.g. `alarm 01234567-…`. */
    subject: Type.String(),
    status: Type.Enum(DELIVERY_STATUSES),
    attempts: Type.Integer({ minimum: 0 }),
    nextAttemptAt: nullable(Timestamp),
    httpStatus: nullable(Type.Integer()),
    /** How the last attempt ended, in a word; null before the first. */
    outcome: nullable(Type.String()),
    /** SHA-256 of the body, hexadecimal. */
    sha256: Type.String(),
    createdAt: Timestamp,
    settledAt: nullable(Timestamp),
  },
  strict,
);
export type DeliveryView = Static<typeof DeliveryView>;
