import { Type } from 'typebox';
import { ShortText } from '../identifiers.ts';

const strict = { additionalProperties: false };

const OnvifItems = Type.Record(Type.String({ maxLength: 64 }), ShortText, { maxProperties: 16 });

/** What a device itself told, where an event rests on its word: an ONVIF topic and its simple items, as it wrote them. */
export const OnvifOrigin = Type.Object(
  { topic: Type.String({ maxLength: 256 }), source: OnvifItems, data: OnvifItems },
  strict,
);

/** The device never said that it was over; after so long without a word it is taken to be. */
export const Expired = Type.Optional(Type.Literal(true));

const OnvifEvent = Type.Object(
  {
    /** Topic path with the prefixes of the standard, e.g. `tns1:Device/Trigger/Relay`. */
    topic: Type.String({ maxLength: 256 }),
    operation: Type.Enum(['Initialized', 'Changed', 'Deleted']),
    source: OnvifItems,
    data: OnvifItems,
  },
  strict,
);

/** What a device told that has no type of its own here. */
export const ONVIF_EVENTS = {
  'onvif.event': { data: OnvifEvent, retention: 'device' },
} as const;
